import type { SelectableObject } from "@cti-connectors/taxii-server";
import type { TaxiiBehavior } from "./taxii-behavior.js";

/** What the endpoints of the ATT&CK server answer from. */
export interface AttackServer {
  readonly behavior: TaxiiBehavior;
  readonly roots: readonly AttackRoot[];
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}

/** One version of one object, ready to be sent. */
export interface ServedObject extends SelectableObject {
  /** `modified`, or `created`: RFC 3339 with three digits. */
  readonly version: string;
  /** `created`, in the same form. */
  readonly dateAdded: string;
  readonly json: Buffer;
}

export interface ServedCollection {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  /** In the order in which they are served. Versions of one object go from old to new. */
  readonly objects: readonly ServedObject[];
}

export interface AttackRoot {
  /** From slash to slash: `/api/v21/`. */
  readonly path: string;
  readonly title: string;
  readonly description: string;
  /** Every answer holds the content of this release. Absent: of the newest. */
  readonly release?: string;
  readonly collections: readonly ServedCollection[];
}
