import { type BulkWriteResult, type Collection, MongoBulkWriteError, MongoServerError } from "mongodb";
import type { LoadDocument } from "../connector/connector.js";
import type { StoredDocument } from "../connector/stored-document.js";
import { listsOfIds } from "../store/lists-of-ids.js";
import { mayBeDocument } from "../store/mongo-error-codes.js";
import { nameOf, type StorePlace } from "../store/store-place.js";
import { asStoreError, isWorthRetry, pauseBeforeRetry, StoreError } from "../store/with-store-retry.js";
import { historyEntryOf } from "./history-entry.js";
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
import {
  findOversize,
  findUnencodable,
  type PreparedDocument,
  type Reconcile,
  reconcileDocument,
} from "./prepare-document.js";
import { findRefusedWrites, hasWriteErrors, reasonOf, sortWriteErrors } from "./refused-writes.js";

interface BatchTarget extends Occasion {
  readonly collection: Collection<StoredDocument>;
  readonly store: StorePlace;
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
const attempts = 4;

/**
 * Stores documents of different `_id`s and counts each once: one look at what is stored, one bulk write of what differs. Where that
 * fails for a moment, it looks again and writes what is still missing, for as long as every few attempts store something.
 *
 * A document is refused only where the server's answer can mean nothing else (`mongo-error-codes.ts`); anything else is a failure of the
 * server.
 *
 * @throws StoreError
 */
export async function storeBatch(
  batch: readonly PreparedDocument[],
  target: BatchTarget,
  tally: LoadTally,
): Promise<void> {
  const work: Work = {
    pending: new Map(batch.map((prepared) => [prepared.document._id, prepared])),
    firstOutcomes: new Map(),
    unconfirmed: new Set(),
    tally,
  };
  let failed = 0;
  while (work.pending.size > 0) {
    const before = work.pending.size;
    const fault = await writePending(work, target, failed + 1).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    failed = work.pending.size < before ? 1 : failed + 1;
    if (fault === undefined) {
      assertProgress(work, failed, target);
    } else if (isWorthRetry(fault.error, failed)) {
      await pauseBeforeRetry(fault.error, failed);
    } else {
      throw asStoreError(fault.error, target.store);
    }
  }
}

interface Work {
  /** By `_id`: neither stored nor refused yet. */
  readonly pending: Map<string, PreparedDocument>;
  /** What the first attempt found, for a document that an attempt wrote without our hearing of it. */
  readonly firstOutcomes: Map<string, PlannedWrite["outcome"]>;
  /** `_id`s that were written, but not as durably as the write concern asks. */
  readonly unconfirmed: Set<string>;
  readonly tally: LoadTally;
}

/** One attempt at everything that is pending. What it throws is judged by the caller; what it stored before is counted. */
async function writePending(work: Work, target: BatchTarget, attempt: number): Promise<void> {
  await confirmWritten(work, target);
  for await (const writes of planWrites(work, target)) {
    if (target.dryRun) {
      confirm(writes, undefined, work);
      continue;
    }
    const tryWrites = (some: readonly PlannedWrite[]) => writeOnce(some, work, target, attempt);
    const refusal = await tryWrites(writes);
    if (refusal !== undefined) {
      for (const refused of await findRefusedWrites(writes, refusal, tryWrites)) {
        refuse(refused.write.brought, reasonOf(refused.refusal.code, refused.refusal.message), work);
      }
    }
  }
}

/**
 * Writes a list once, counts what the server stored, and sets aside what it can never store.
 *
 * @returns the server's refusal of the whole list, where one of its documents may be the reason
 * @throws whatever else stopped it
 */
async function writeOnce(
  writes: readonly PlannedWrite[],
  work: Work,
  target: BatchTarget,
  attempt: number,
): Promise<MongoServerError | undefined> {
  try {
    const operations = writes.map(({ operation }) => operation);
    confirm(writes, await target.collection.bulkWrite(operations, { ordered: false }), work);
  } catch (error) {
    if (error instanceof MongoBulkWriteError && hasWriteErrors(error)) {
      settleWriteErrors(error, writes, work, attempt);
    } else if (error instanceof MongoBulkWriteError && error.result.getWriteConcernError() !== undefined) {
      noteUnconfirmed(error, writes, work);
    } else if (!isAnswer(error)) {
      refuseUnencodable(error, writes, work);
    } else if (mayBeDocument(error.code)) {
      return error;
    } else {
      throw error;
    }
  }
  return undefined;
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
  const { reconcile, keepsHistory, store } = target;
  const written = reconcile === undefined ? brought : reconcileDocument(brought, stored, reconcile, store);
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
  for (const some of listsOfIds(ids)) {
    const projection = { content_hash: 1, removed_at: 1, run_id: 1 };
    reads.push(collection.find({ _id: { $in: some } }, { projection, batchSize: some.length + 1 }).toArray());
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
  for (const some of listsOfIds(ids)) {
    yield* collection.find({ _id: { $in: some } }, { projection, batchSize: some.length + 1 });
  }
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

/** What is still pending after attempts without a failure was changed or deleted by somebody else meanwhile. */
function assertProgress({ pending }: Work, attempt: number, { collection, store }: BatchTarget): void {
  if (pending.size > 0 && attempt >= attempts) {
    throw new StoreError(
      `${collection.collectionName} in ${nameOf(store)} is being changed by another program at the same time: run again when that has ended.`,
    );
  }
}

/**
 * Waits until what was written is as durable as the write concern asks: a write that changes nothing is confirmed when everything
 * before it is.
 */
async function confirmWritten({ unconfirmed }: Work, { collection }: BatchTarget): Promise<void> {
  if (unconfirmed.size > 0) {
    const nothing = [...unconfirmed].map((_id) => ({
      updateOne: { filter: { _id, run_id: "" }, update: { $set: { run_id: "" } } },
    }));
    await collection.bulkWrite(nothing, { ordered: false });
    unconfirmed.clear();
  }
}

/** The server took the command and reports on each write. */
function settleWriteErrors(
  error: MongoBulkWriteError,
  writes: readonly PlannedWrite[],
  work: Work,
  attempt: number,
): void {
  const { stored, refused, serverFault } = sortWriteErrors(error, writes, {
    isLastAttempt: attempt >= attempts,
  });
  if (error.result.getWriteConcernError() !== undefined) {
    noteUnconfirmed(error, writes, work);
  }
  confirm(stored, error, work);
  for (const { brought, reason } of refused) {
    refuse(brought, reason, work);
  }
  if (serverFault !== undefined) {
    throw new MongoServerError({ message: serverFault.errmsg ?? "", code: serverFault.code });
  }
}

/** They are looked at again once the write concern is met; whether all of them were sent is not known. */
function noteUnconfirmed(
  { result }: MongoBulkWriteError,
  writes: readonly PlannedWrite[],
  { unconfirmed }: Work,
): never {
  for (const { brought } of writes) {
    unconfirmed.add(brought.document._id);
  }
  const fault = result.getWriteConcernError();
  throw new MongoServerError({ message: fault?.errmsg ?? "", code: fault?.code ?? 64 });
}

/** Whether the server answered; otherwise the connection failed, or the driver could not write the documents as BSON. */
function isAnswer(error: unknown): error is MongoServerError {
  return error instanceof MongoServerError && typeof error.code === "number";
}

function refuseUnencodable(error: unknown, writes: readonly PlannedWrite[], work: Work): void {
  const unencodable = writes.flatMap(({ brought, written }) => {
    const reason = findUnencodable(written.document);
    return reason === undefined ? [] : [{ brought, reason }];
  });
  if (unencodable.length === 0) {
    throw error;
  }
  for (const { brought, reason } of unencodable) {
    refuse(brought, reason, work);
  }
}
