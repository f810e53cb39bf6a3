import type { TaxiiApiRoot } from "../taxii/taxii-api-root.js";

/** A collection as one release has it. */
export interface ReleasedCollection {
  readonly root: TaxiiApiRoot;
  /** The release that the root is pinned to. */
  readonly release: string;
  readonly id: string;
}
