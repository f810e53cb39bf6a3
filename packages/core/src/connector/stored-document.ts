/** Why a document is no longer listed: a newer version took its place, or the upstream withdrew it. */
export type RemovedReason = (typeof removedReasons)[number];
export const removedReasons = ["superseded", "withdrawn"] as const;

/** A document as it lies in the database. */
export interface StoredDocument {
  readonly _id: string;
  /** As received. */
  readonly data: unknown;
  /** What the transform added. */
  readonly enriched: unknown;
  /** When `data` or `enriched` changed last, or the document was listed again. */
  readonly ingested_at: Date;
  readonly first_ingested_at: Date;
  /** The run that wrote it last. */
  readonly run_id: string;
  /** Where a value of `data` could not be kept as received: its path, and what was done. */
  readonly altered?: readonly string[];
  /** Canonical hash of `data` and `enriched`. */
  readonly content_hash: string;
  /** null: the upstream lists it. */
  readonly removed_at: Date | null;
  readonly removed_reason?: RemovedReason;
  /** When the upstream did not list it, though it did before and after: oldest first. */
  readonly absences?: readonly Absence[];
  /** Where its collection keeps history, and it has changed: oldest change first. */
  readonly history?: readonly HistoryEntry[];
}

/** From when to when a document was not listed. */
interface Absence {
  readonly from: Date;
  readonly to: Date;
}

/** One change of a document's `data`. */
export interface HistoryEntry {
  readonly changed_at: Date;
  /** The run that changed it. */
  readonly run_id: string;
  /** Which fields of `data` changed, came or went. */
  readonly fields: readonly string[];
  /** Their values before; a field that was not there is absent. */
  readonly before: Readonly<Record<string, unknown>>;
}
