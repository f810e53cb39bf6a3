import { setTimeout as delay } from "node:timers/promises";
import { type BulkWriteResult, type Collection, MongoBulkWriteError, MongoServerError } from "mongodb";
import type { LoadDocument } from "./connector.js";
import { isTransient } from "./explain-store-failure.js";
import { historyEntryOf } from "./history-entry.js";
import { idsPerList } from "./ids-per-list.js";
import {
  isStoredAs,
  type Occasion,
  type Outcome,
  type PlannedWrite,
  planGuardedUpdate,
  planInsert,
  planUpdate,
  type StoredState,
} from "./plan-write.js";
import { findOversize, findUnencodable, type PreparedDocument } from "./prepare-document.js";
import { type Reconcile, reconcileDocument } from "./reconcile-document.js";
import { sortWriteErrors, tellsOfWrites } from "./sort-write-errors.js";
import { StoreWriteError } from "./store-write-error.js";
import type { StoredDocument } from "./stored-document.js";
import { asStoreError, retryDelayMs } from "./with-store-retry.js";

export interface BatchTarget extends Occasion {
  readonly collection: Collection<StoredDocument>;
  /** Of the server, for messages. */
  readonly host: string;
  readonly reconcile: Reconcile | undefined;
  readonly keepsHistory: boolean;
  readonly dryRun: boolean;
}

/** What became of documents so far. */
export interface LoadTally {
  inserted: number;
  updated: number;
  unchanged: number;
  readonly refused: { readonly document: LoadDocument; readonly reason: string }[];
}

/** In characters of canonical JSON. The driver splits messages at 48 MB. */
export const batchCharacters = 12_000_000;
const attempts = 3;

/**
 * Stores documents of different `_id`s and counts each once: one look at what is stored, one bulk write of what differs. Where that
 * fails for a moment, it looks again and writes what is still missing.
 *
 * @throws StoreWriteError
 */
export async function storeBatch(
  batch: readonly PreparedDocument[],
  target: BatchTarget,
  tally: LoadTally,
): Promise<void> {
  const work: Work = {
    pending: new Map(batch.map((prepared) => [prepared.document._id, prepared])),
    firstOutcomes: new Map(),
    tally,
  };
  for (let attempt = 1; work.pending.size > 0; attempt += 1) {
    let writes: readonly PlannedWrite[] = [];
    try {
      for await (writes of planWrites(work, target)) {
        const result = target.dryRun ? undefined : await write(writes, target);
        confirm(writes, result, work);
      }
      assertProgress(work, attempt, target);
    } catch (error) {
      await recover(error, writes, attempt, work, target);
    }
  }
}

interface Work {
  /** By `_id`: neither stored nor refused yet. */
  readonly pending: Map<string, PreparedDocument>;
  /** What the first attempt found, for a document that an attempt wrote without our hearing of it. */
  readonly firstOutcomes: Map<string, PlannedWrite["outcome"]>;
  readonly tally: LoadTally;
}

/** Settles what is stored already, and yields writes for the rest, each list small enough for one bulk write. */
async function* planWrites(work: Work, target: BatchTarget): AsyncIterable<readonly PlannedWrite[]> {
  const stored = await readStates(target.collection, [...work.pending.keys()]);
  const writes: PlannedWrite[] = [];
  const madeFromStored: string[] = [];
  for (const [_id, brought] of work.pending) {
    const before = stored.get(_id);
    if (before === undefined) {
      writes.push(planInsert(brought, target));
    } else if (isStoredAs(before, brought)) {
      settleUnchanged(brought, before, work, target);
    } else if (before.content_hash !== brought.hash && dependsOnStored(target)) {
      madeFromStored.push(_id);
    } else {
      writes.push(planUpdate(brought, before, target));
    }
  }
  if (writes.length > 0) {
    yield remember(writes, work);
  }
  yield* planFromStored(madeFromStored, work, target);
}

function dependsOnStored({ reconcile, keepsHistory }: BatchTarget): boolean {
  return reconcile !== undefined || keepsHistory;
}

/** One stored document is in memory at a time, besides those that the driver has fetched and the writes of one list. */
async function* planFromStored(
  ids: readonly string[],
  work: Work,
  target: BatchTarget,
): AsyncIterable<readonly PlannedWrite[]> {
  let writes: PlannedWrite[] = [];
  let characters = 0;
  for await (const stored of readContents(ids, target)) {
    const brought = work.pending.get(stored._id);
    const planned = brought && planFrom(stored, brought, work, target);
    if (planned !== undefined) {
      writes.push(planned);
      characters += planned.characters;
    }
    if (characters > batchCharacters) {
      yield remember(writes, work);
      writes = [];
      characters = 0;
    }
  }
  if (writes.length > 0) {
    yield remember(writes, work);
  }
}

function planFrom(
  stored: StoredDocument,
  brought: PreparedDocument,
  work: Work,
  target: BatchTarget,
): PlannedWrite | undefined {
  const { reconcile, keepsHistory, host } = target;
  const written = reconcile === undefined ? brought : reconcileDocument(brought, stored, reconcile, host);
  if ("reason" in written) {
    refuse(brought, written.reason, work);
    return undefined;
  }
  if (isStoredAs(stored, written)) {
    settleUnchanged(brought, stored, work, target);
    return undefined;
  }
  const history = keepsHistory ? historyEntryOf(stored.data, written.document.data, target) : undefined;
  const oversize = history && findOversize(written.document, history);
  if (oversize !== undefined) {
    refuse(brought, oversize, work);
    return undefined;
  }
  return planGuardedUpdate({ brought, written, stored, history }, target);
}

async function readStates(
  collection: Collection<StoredDocument>,
  ids: readonly string[],
): Promise<Map<string, StoredState>> {
  const reads: Promise<StoredDocument[]>[] = [];
  for (const some of listsOf(ids)) {
    const projection = { content_hash: 1, removed_at: 1, run_id: 1 };
    reads.push(collection.find({ _id: { $in: some } }, { projection, batchSize: idsPerList + 1 }).toArray());
  }
  const found = (await Promise.all(reads)).flat();
  return new Map(found.map((document) => [document._id, document]));
}

async function* readContents(
  ids: readonly string[],
  { collection, reconcile }: BatchTarget,
): AsyncIterable<StoredDocument> {
  const state = { content_hash: 1, removed_at: 1, run_id: 1, data: 1 };
  const projection = reconcile === undefined ? state : { ...state, enriched: 1 };
  for (const some of listsOf(ids)) {
    yield* collection.find({ _id: { $in: some } }, { projection, batchSize: idsPerList + 1 });
  }
}

function* listsOf(ids: readonly string[]): Iterable<string[]> {
  for (let start = 0; start < ids.length; start += idsPerList) {
    yield ids.slice(start, start + idsPerList);
  }
}

function write(writes: readonly PlannedWrite[], { collection }: BatchTarget): Promise<BulkWriteResult> {
  return collection.bulkWrite(
    writes.map(({ operation }) => operation),
    { ordered: false },
  );
}

function remember(writes: readonly PlannedWrite[], { firstOutcomes }: Work): readonly PlannedWrite[] {
  for (const { brought, outcome } of writes) {
    if (!firstOutcomes.has(brought.document._id)) {
      firstOutcomes.set(brought.document._id, outcome);
    }
  }
  return writes;
}

function settle({ document }: PreparedDocument, outcome: Outcome, { pending, tally }: Work): void {
  tally[outcome] += 1;
  pending.delete(document._id);
}

function settleUnchanged(
  brought: PreparedDocument,
  stored: StoredState,
  work: Work,
  { runId }: BatchTarget,
): void {
  const first = stored.run_id === runId ? work.firstOutcomes.get(brought.document._id) : undefined;
  settle(brought, first ?? "unchanged", work);
}

function refuse({ document }: PreparedDocument, reason: string, { pending, tally }: Work): void {
  tally.refused.push({ document, reason });
  pending.delete(document._id);
}

/** Counts writes that the server took. Where some guarded update found something else stored, all guarded ones are looked at again. */
function confirm(
  writes: readonly PlannedWrite[],
  result: Pick<BulkWriteResult, "matchedCount" | "upsertedCount"> | undefined,
  work: Work,
): void {
  const updates = writes.filter(({ outcome }) => outcome === "updated").length;
  const isShort = result !== undefined && result.matchedCount + result.upsertedCount < updates;
  for (const { brought, outcome, isGuarded } of writes) {
    if (!(isShort && isGuarded)) {
      settle(brought, outcome, work);
    }
  }
}

/** What is still pending after an attempt without a failure was changed or deleted by somebody else meanwhile. */
function assertProgress({ pending }: Work, attempt: number, { collection, host }: BatchTarget): void {
  if (pending.size > 0 && attempt >= attempts) {
    throw new StoreWriteError(
      `${collection.collectionName} in MongoDB at ${host} is being changed by another program at the same time: run again when that has ended.`,
    );
  }
}

/** Counts what a failed write did store and sets aside what cannot be stored; what stays pending is to be tried again. */
async function recover(
  error: unknown,
  writes: readonly PlannedWrite[],
  attempt: number,
  work: Work,
  { host }: BatchTarget,
): Promise<void> {
  if (error instanceof MongoBulkWriteError && tellsOfWrites(error)) {
    const { stored, refused } = sortWriteErrors(error, writes, { isLastAttempt: attempt >= attempts, host });
    confirm(stored, error, work);
    for (const { brought, reason } of refused) {
      refuse(brought, reason, work);
    }
    return;
  }
  const unencodable = isAnswer(error) ? [] : listUnencodable(writes);
  for (const { brought, reason } of unencodable) {
    refuse(brought, reason, work);
  }
  if (unencodable.length > 0) {
    return;
  }
  if (!isTransient(error) || attempt >= attempts) {
    throw asStoreError(error, host);
  }
  await delay(retryDelayMs(attempt));
}

/** Whether the server answered; otherwise the connection failed, or the driver could not write the documents as BSON. */
function isAnswer(error: unknown): boolean {
  return error instanceof MongoServerError && error.code !== undefined;
}

function listUnencodable(writes: readonly PlannedWrite[]) {
  return writes.flatMap(({ brought, written }) => {
    const reason = findUnencodable(written.document);
    return reason === undefined ? [] : [{ brought, reason }];
  });
}
