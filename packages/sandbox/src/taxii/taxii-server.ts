import type { TaxiiBehavior } from "./taxii-behavior.js";

/** What the endpoints answer from. */
export interface TaxiiServer {
  readonly flavor: "attack" | "standard";
  readonly behavior: TaxiiBehavior;
  readonly roots: readonly ApiRoot[];
  /** Listings whose pages all have one token. */
  readonly sessions: PageSessions;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}

/** Token → how far its listing was sent, and when. */
export type PageSessions = Map<string, { position: number; usedAt: number }>;

/** One version of one object, ready to be sent. */
export interface ListedObject {
  readonly id: string;
  readonly type: string;
  readonly specVersion: string;
  /** `modified`, or `created`, or the date added. */
  readonly version: string;
  /** RFC 3339. */
  readonly dateAdded: string;
  /** `dateAdded` in microseconds since 1970: what `added_after` is compared with. */
  readonly addedMicros: number;
  readonly json: Buffer;
}

export interface ServedCollection {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  /** In the order in which they are served. Versions of one object go from old to new. */
  readonly objects: readonly ListedObject[];
}

export interface ApiRoot {
  /** From slash to slash: `/api/v21/`. */
  readonly path: string;
  readonly title: string;
  readonly description: string;
  /** Every answer holds the content of this release. Absent: of the newest. */
  readonly release?: string;
  readonly collections: readonly ServedCollection[];
}
