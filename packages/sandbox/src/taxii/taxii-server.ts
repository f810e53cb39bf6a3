import type { PageSessions } from "./session-pages.js";
import type { TaxiiBehavior } from "./taxii-behavior.js";
import type { ApiRoot } from "./taxii-catalog.js";

/** What the endpoints answer from. */
export interface TaxiiServer {
  readonly flavor: "attack" | "standard";
  readonly behavior: TaxiiBehavior;
  readonly roots: readonly ApiRoot[];
  /** Where a listing stands whose pages all have one token. */
  readonly sessions: PageSessions;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}
