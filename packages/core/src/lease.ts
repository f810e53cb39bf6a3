import { MongoServerError } from "mongodb";
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
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly store: StoreAccess & Pick<Store, "db">;
  readonly connector: string;
  readonly runId: string;
  readonly now?: () => Date;
  /** After which time the lease of a crashed run ends. Default 60 000. It is renewed four times as often. */
  readonly durationMs?: number;
}

const leaseDocument = z.object({ holder: runHolder, expires_at: z.date() });

/**
 * Acquires the lease of a connector, atomically. That of a run which is surely gone is taken over at once, that of any
 * other when it has expired.
 *
 * @throws LeaseHeldError that says who holds it and until when
 * @throws StoreWriteError where the database fails
 */
export async function acquireLease({
  store,
  connector,
  runId,
  now = () => new Date(),
  durationMs = 60_000,
}: LeaseOptions): Promise<Lease> {
  const state = stateOf(store);
  const _id = stateId("lease", connector);
  const holder = createRunHolder(runId);
  const mine = { _id, "holder.run_id": runId, "holder.process_id": holder.process_id };

  async function take(free: Readonly<Record<string, unknown>>): Promise<boolean> {
    const expires_at = new Date(now().getTime() + durationMs);
    try {
      await withStoreRetry(store, () =>
        state.updateOne(
          { _id, $or: [free, { "holder.run_id": runId, "holder.process_id": holder.process_id }] },
          { $set: { holder, connector, expires_at } },
          { upsert: true },
        ),
      );
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) {
        return false;
      }
      throw error;
    }
  }

  if (!(await take({ expires_at: { $lte: now() } }))) {
    const current = leaseDocument.safeParse(await withStoreRetry(store, () => state.findOne({ _id })));
    const takenOver =
      current.success &&
      isSurelyGone(current.data.holder) &&
      (await take({
        "holder.process_id": current.data.holder.process_id,
        expires_at: current.data.expires_at,
      }));
    if (!takenOver) {
      throw new LeaseHeldError(
        describeHolder(connector, store.db, current.success ? current.data : undefined),
      );
    }
  }

  const lost = new AbortController();
  let expiresAt = now().getTime() + durationMs;

  async function renew(): Promise<void> {
    const renewedUntil = new Date(now().getTime() + durationMs);
    try {
      const { matchedCount } = await state.updateOne(mine, { $set: { expires_at: renewedUntil } });
      if (matchedCount === 0) {
        lose();
      } else {
        expiresAt = renewedUntil.getTime();
      }
    } catch {
      // Tried again with the next renewal, until the lease has expired.
      if (now().getTime() >= expiresAt) {
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
    async release() {
      clearInterval(timer);
      await withStoreRetry(store, () => state.deleteOne(mine));
    },
  };
}

function isDuplicateKey(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof MongoServerError && cause.code === 11000;
}

function describeHolder(
  connector: string,
  db: string,
  lease: z.output<typeof leaseDocument> | undefined,
): string {
  if (lease === undefined) {
    return `"${connector}" is being loaded into the database ${db} by another run: wait until it has finished.`;
  }
  const { holder, expires_at } = lease;
  return `"${connector}" is being loaded into the database ${db} by run ${holder.run_id} (process ${holder.pid} on ${holder.host}): wait until it has finished, or, where it crashed, until ${expires_at.toISOString()}.`;
}
