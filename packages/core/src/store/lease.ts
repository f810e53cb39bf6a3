import { type Document, MongoServerError } from "mongodb";
import { z } from "zod";
import type { Store, StoreAccess } from "./open-store.js";
import { createRunHolder, isSurelyGone, type RunHolder, runHolder } from "./run-holder.js";
import { stateId, stateOf } from "./state-collection.js";
import { withStoreRetry } from "./with-store-retry.js";

/** Another run holds the connector. */
export class LeaseHeldError extends Error {
  override readonly name = "LeaseHeldError";
}

/** The right to run one connector on one database, renewed until it is released. */
export interface Lease {
  /** Aborts when the lease could not be renewed in time, so that somebody else may hold it. */
  readonly lost: AbortSignal;
  /**
   * Asks the database where the last renewal is long ago, as after this machine was asleep.
   *
   * @throws LeaseHeldError where the lease is lost
   */
  assertHeld(): Promise<void>;
  /** Removes it where it is still held. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly store: StoreAccess & Pick<Store, "db">;
  readonly connector: string;
  readonly runId: string;
  /** After which time the lease of a crashed run ends. Default 60 000. It is renewed four times as often. */
  readonly durationMs?: number;
}

const leaseDocument = z.object({ holder: runHolder, expires_at: z.date() });
type LeaseDocument = z.output<typeof leaseDocument>;

/** By the server's clock, so that no other matters. Compared as numbers, since SecantusDB takes `$$NOW` and any date for equal. */
const isExpired = { $lte: [{ $toLong: "$expires_at" }, { $toLong: "$$NOW" }] };

/**
 * Acquires the lease of a connector, atomically. That of a run which is surely gone is taken over at once, that of any
 * other when it has expired.
 *
 * @throws LeaseHeldError that says who holds it and until when
 * @throws StoreError where the database fails
 */
export async function acquireLease(options: LeaseOptions): Promise<Lease> {
  const { store, connector, runId } = options;
  const holder = createRunHolder(runId, store);
  const isMine = (lease: LeaseDocument | undefined) =>
    lease?.holder.process_id === holder.process_id && lease.holder.run_id === runId;
  let takenAt = readClocks();
  let current = await takeIf({ $or: [isExpired, isHeldBy(holder)] }, holder, options);
  if (current !== undefined && !isMine(current) && isSurelyGone(current.holder, store)) {
    takenAt = readClocks();
    current = await takeIf(isHeldBy(current.holder), holder, options);
  }
  if (!isMine(current)) {
    throw new LeaseHeldError(describeHolder(connector, store.db, current));
  }
  return keepLease(holder, takenAt, options);
}

const defaultDurationMs = 60_000;

function expiryAfter({ durationMs = defaultDurationMs }: LeaseOptions): Document {
  return { $add: ["$$NOW", durationMs] };
}

/** Takes the lease if it is free, and returns it as it is then. */
async function takeIf(
  isFree: Document,
  holder: RunHolder,
  options: LeaseOptions,
): Promise<LeaseDocument | undefined> {
  const { store, connector } = options;
  const ifFree = (taken: Document, kept: string) => ({ $cond: [isFree, taken, kept] });
  const change = {
    holder: ifFree({ $literal: holder }, "$holder"),
    connector: { $literal: connector },
    expires_at: ifFree(expiryAfter(options), "$expires_at"),
  };
  const found = await withStoreRetry(store, () =>
    onceMoreIfInserted(() =>
      stateOf(store).findOneAndUpdate({ _id: stateId("lease", connector) }, [{ $set: change }], {
        upsert: true,
        returnDocument: "after",
      }),
    ),
  );
  return leaseDocument.safeParse(found).data;
}

/** Renews a lease that was taken until it is released. */
function keepLease({ run_id, process_id }: RunHolder, takenAt: Clocks, options: LeaseOptions): Lease {
  const { store, connector, durationMs = defaultDurationMs } = options;
  const state = stateOf(store);
  const mine = {
    _id: stateId("lease", connector),
    "holder.run_id": run_id,
    "holder.process_id": process_id,
  };
  const lost = new AbortController();
  let renewedAt = takenAt;

  async function renew(): Promise<void> {
    const asked = readClocks();
    try {
      const { matchedCount } = await state.updateOne(mine, [{ $set: { expires_at: expiryAfter(options) } }]);
      if (matchedCount === 0) {
        lose();
      } else {
        renewedAt = asked;
      }
    } catch {
      // Tried again with the next renewal, until the lease has expired.
      if (performance.now() - renewedAt.monotonic >= durationMs) {
        lose();
      }
    }
  }

  function lose(): void {
    clearInterval(timer);
    lost.abort(
      new LeaseHeldError(
        `The run lost its lease on "${connector}", because it could not be renewed in time or another run took it over: run again.`,
      ),
    );
  }

  const timer = setInterval(() => void renew(), durationMs / 4);
  timer.unref();

  return {
    lost: lost.signal,
    async assertHeld() {
      const { monotonic, wall } = readClocks();
      const sinceRenewed = Math.max(monotonic - renewedAt.monotonic, wall - renewedAt.wall);
      if (!lost.signal.aborted && sinceRenewed >= durationMs / 2) {
        await renew();
      }
      lost.signal.throwIfAborted();
    },
    async release() {
      clearInterval(timer);
      await withStoreRetry(store, () => state.deleteOne(mine));
    },
  };
}

interface Clocks {
  readonly monotonic: number;
  readonly wall: number;
}

/** The monotonic clock may stand still while the machine sleeps; the other can be set. */
function readClocks(): Clocks {
  return { monotonic: performance.now(), wall: Date.now() };
}

function isHeldBy({ run_id, process_id }: RunHolder): Document {
  return {
    $and: [
      { $eq: ["$holder.run_id", { $literal: run_id }] },
      { $eq: ["$holder.process_id", { $literal: process_id }] },
    ],
  };
}

/** If two runs insert the document at once, one of them gets a duplicate key error, and finds the document the second time. */
async function onceMoreIfInserted<Result>(task: () => Promise<Result>): Promise<Result> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof MongoServerError && error.code === 11000) {
      return task();
    }
    throw error;
  }
}

function describeHolder(connector: string, db: string, lease: LeaseDocument | undefined): string {
  if (lease === undefined) {
    return `"${connector}" is being loaded into the database ${db} by another run: wait until it has finished.`;
  }
  const { holder, expires_at } = lease;
  return `"${connector}" is being loaded into the database ${db} by run ${holder.run_id} (process ${holder.pid} on ${holder.host}): wait until it has finished or, if it crashed, until ${expires_at.toISOString()}.`;
}
