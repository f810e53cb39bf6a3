import type { Collection } from "mongodb";
import type { LoadDocument } from "../connector/connector.js";
import type { StoredDocument } from "../connector/stored-document.js";
import type { StorePlace } from "../store/store-place.js";
import type { Occasion, Outcome, PlannedWrite, StoredState } from "./plan-write.js";
import type { PreparedDocument, Reconcile } from "./prepare-document.js";

export interface BatchTarget extends Occasion {
  readonly collection: Collection<StoredDocument>;
  readonly store: StorePlace;
  readonly reconcile: Reconcile | undefined;
  readonly keepsHistory: boolean;
  readonly dryRun: boolean;
  /** Nothing is written until it resolves. Absent: at once. */
  readonly turn?: Promise<unknown> | undefined;
}

/** What became of documents so far. Each distinct one is counted once; where a step reconciles, each. */
export interface LoadTally {
  inserted: number;
  /** Changed, or listed again after it was gone. */
  updated: number;
  /** Already stored like this: nothing was written. */
  unchanged: number;
  /** What the database cannot hold, or what could not be reconciled; all others are stored. */
  readonly refused: { readonly document: LoadDocument; readonly reason: string }[];
}

/** What is known of a batch while it is stored. */
export interface Work {
  /** By `_id`: neither stored nor refused yet. */
  readonly pending: Map<string, PreparedDocument>;
  /** What the first attempt found, for a document that an attempt wrote without our hearing of it. */
  readonly firstOutcomes: Map<string, PlannedWrite["outcome"]>;
  /** `_id`s that were written, but not as durably as the write concern asks. */
  readonly unconfirmed: Set<string>;
  readonly tally: LoadTally;
}

export function remember(writes: readonly PlannedWrite[], { firstOutcomes }: Work): readonly PlannedWrite[] {
  for (const { brought, outcome } of writes) {
    if (!firstOutcomes.has(brought.document._id)) {
      firstOutcomes.set(brought.document._id, outcome);
    }
  }
  return writes;
}

export function settle({ document }: PreparedDocument, outcome: Outcome, { pending, tally }: Work): void {
  tally[outcome] += 1;
  pending.delete(document._id);
}

export function settleUnchanged(
  brought: PreparedDocument,
  stored: StoredState,
  work: Work,
  { runId }: BatchTarget,
): void {
  const first = stored.run_id === runId ? work.firstOutcomes.get(brought.document._id) : undefined;
  settle(brought, first ?? "unchanged", work);
}

export function refuse({ document }: PreparedDocument, reason: string, { pending, tally }: Work): void {
  tally.refused.push({ document, reason });
  pending.delete(document._id);
}
