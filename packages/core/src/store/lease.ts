import { type Document, MongoServerError } from "mongodb";
import { z } from "zod";
import type { Store, StoreAccess } from "./open-store.js";
import { createRunHolder, isSurelyGone, runHolder } from "./run-holder.js";
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
export async function acquireLease({
  store,
  connector,
  runId,
  durationMs = 60_000,
}: LeaseOptions): Promise<Lease> {
  const state = stateOf(store);
  const _id = stateId("lease", connector);
  const holder = createRunHolder(runId, store);
  const mine = { _id, "holder.run_id": runId, "holder.process_id": holder.process_id };
  const expires_at = { $add: ["$$NOW", durationMs] };

  /** Takes the lease if it is free, and returns it as it is then. */
  async function take(isFree: Document): Promise<LeaseDocument | undefined> {
    const ifFree = (taken: Document, kept: string) => ({ $cond: [isFree, taken, kept] });
    const change = {
      holder: ifFree({ $literal: holder }, "$holder"),
      connector: { $literal: connector },
      expires_at: ifFree(expires_at, "$expires_at"),
    };
    const found = await withStoreRetry(store, () =>
      onceMoreIfInserted(() =>
        state.findOneAndUpdate({ _id }, [{ $set: change }], { upsert: true, returnDocument: "after" }),
      ),
    );
    return leaseDocument.safeParse(found).data;
  }

  const isMine = (lease: LeaseDocument | undefined) =>
    lease?.holder.process_id === holder.process_id && lease.holder.run_id === runId;

  let renewedAt = readClocks();
  let current = await take({ $or: [isExpired, isHeldBy(holder)] });
  if (current !== undefined && !isMine(current) && isSurelyGone(current.holder, store)) {
    renewedAt = readClocks();
    current = await take(isHeldBy(current.holder));
  }
  if (!isMine(current)) {
    throw new LeaseHeldError(describeHolder(connector, store.db, current));
  }

  const lost = new AbortController();

  async function renew(): Promise<void> {
    const asked = readClocks();
    try {
      const { matchedCount } = await state.updateOne(mine, [{ $set: { expires_at } }]);
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
        `The run lost its hold on "${connector}", because it could not be renewed in time or another run took it over: run again.`,
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

/** The monotonic clock may stand still while the machine sleeps; the other can be set. */
function readClocks(): { readonly monotonic: number; readonly wall: number } {
  return { monotonic: performance.now(), wall: Date.now() };
}

function isHeldBy({ run_id, process_id }: z.output<typeof runHolder>): Document {
  return {
    $and: [
      { $eq: ["$holder.run_id", { $literal: run_id }] },
      { $eq: ["$holder.process_id", { $literal: process_id }] },
    ],
  };
}

/** Of two that insert the document at once one gets a duplicate key, and finds it the second time. */
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
  return `"${connector}" is being loaded into the database ${db} by run ${holder.run_id} (process ${holder.pid} on ${holder.host}): wait until it has finished, or, where it crashed, until ${expires_at.toISOString()}.`;
}
