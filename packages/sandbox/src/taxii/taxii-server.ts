import type { TaxiiBehavior } from "./taxii-behavior.js";
import type { ApiRoot } from "./taxii-catalog.js";

/** What the endpoints answer from. */
export interface TaxiiServer {
  readonly flavor: "attack" | "standard";
  readonly behavior: TaxiiBehavior;
  readonly roots: readonly ApiRoot[];
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}
