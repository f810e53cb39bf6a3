import {
  type BulkWriteResult,
  MongoBulkWriteError,
  MongoServerError,
  type UnorderedBulkOperation,
} from "mongodb";
import { mayBeDocument } from "../store/mongo-error-codes.js";
import { nameOfStore } from "../store/store-place.js";
import { asStoreError, isWorthRetry, pauseBeforeRetry, StoreError } from "../store/with-store-retry.js";
import { type BatchTarget, type LoadTally, refuse, settle, type Work } from "./batch-work.js";
import { planWrites } from "./plan-batch.js";
import type { PlannedWrite } from "./plan-write.js";
import { findUnencodable, type PreparedDocument } from "./prepare-document.js";
import { findRefusedWrites, hasWriteErrors, reasonOf, sortWriteErrors } from "./refused-writes.js";

const attempts = 4;

/**
 * Stores documents of different `_id`s and counts each once: one look at what is stored, one bulk write of what differs. Where that
 * fails for a moment, it looks again and writes what is still missing, for as long as every few attempts store something.
 *
 *     pending ─ look at what is stored ┬ as it should be ──────────────→ unchanged
 *        ↑                             └ plan a write ─ bulk write ┬ taken ───→ inserted, updated
 *        │                                                         ├ its fault → refused
 *        └──────────── pause, next attempt ────────────────────────┘ the server's fault
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
 * Writes a list once, when it is its turn, counts what the server stored, and sets aside what it can never store.
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
  const bulk = encodeWrites(writes, work, target);
  if (bulk === undefined) {
    return undefined;
  }
  await target.turn;
  try {
    confirm(writes, await bulk.execute(), work);
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

/** Undefined where the driver cannot write some of the documents as BSON: those are refused. */
function encodeWrites(
  writes: readonly PlannedWrite[],
  work: Work,
  { collection }: BatchTarget,
): UnorderedBulkOperation | undefined {
  try {
    const bulk = collection.initializeUnorderedBulkOp();
    for (const { operation } of writes) {
      if ("insert" in operation) {
        bulk.insert(operation.insert);
      } else {
        const found = bulk.find(operation.filter);
        (operation.upsert ? found.upsert() : found).updateOne(operation.update);
      }
    }
    return bulk;
  } catch (error) {
    refuseUnencodable(error, writes, work);
    return undefined;
  }
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
      `${collection.collectionName} in ${nameOfStore(store)} is being changed by another program at the same time: run again when that has ended.`,
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
