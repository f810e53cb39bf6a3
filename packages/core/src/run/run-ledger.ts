import { z } from "zod";
import type { IndexKey } from "../connector/connector.js";
import { createMissingIndexes } from "../documents/ensure-indexes.js";
import type { Store, StoreAccess } from "../store/open-store.js";
import { createRunHolder, isSurelyGone, type RunHolder, runHolder } from "../store/run-holder.js";
import { withStoreRetry } from "../store/with-store-retry.js";
import type { RunEvent, RunReport } from "./run-event.js";
import { noProgress, positionOf, type RunPosition, reduceProgress } from "./run-progress.js";

export const runsCollection = "etl_runs";

/** What is asked around every run: how the last ones of a connector went, and which ones go on. Years of runs must not slow that down. */
const runIndexes: readonly IndexKey[] = [
  { connectors: 1, started_at: -1 },
  { status: 1 },
  { finished_at: -1 },
];

/** A run as it lies in `etl_runs`. */
export interface RunRecord {
  /** The run's id. */
  readonly _id: string;
  /** `interrupted` also where the process was killed: then there is no report, and `finished_at` is its last sign of life. */
  readonly status: "running" | RunReport["status"];
  readonly connectors: readonly string[];
  readonly full: boolean;
  readonly holder: RunHolder;
  readonly started_at: Date;
  /** Renewed while it runs, by the server's clock. */
  readonly heartbeat_at: Date;
  readonly finished_at: Date | null;
  /** As of the last heartbeat; null between steps and once it has ended. Of a run that was killed: how far it came. */
  readonly progress: RunPosition | null;
  readonly report: RunReport | null;
}

interface RunLedgerOptions {
  readonly store: StoreAccess & Pick<Store, "db" | "slowDatabase">;
  readonly runId: string;
  readonly connectors: readonly string[];
  readonly full: boolean;
  readonly now?: () => Date;
  /** Default 15 000. */
  readonly heartbeatMs?: number;
}

export type RunLedger = Awaited<ReturnType<typeof startRunLedger>>;

/** A run that gave no sign of life for so long was killed. */
export const abandonedAfterMs = 90_000;

const heartbeat = { $currentDate: { heartbeat_at: true } } as const;

const sign = z.object({ _id: z.string(), holder: runHolder, heartbeat_at: z.date() });

/**
 * Records that a run has started, and its heartbeat until it finishes. Runs that were killed are closed as `interrupted`.
 *
 * @throws StoreError where the database fails; IndexConflictError where an index is in the way of one that is needed
 */
export async function startRunLedger({
  store,
  runId,
  connectors,
  full,
  now = () => new Date(),
  heartbeatMs = 15_000,
}: RunLedgerOptions) {
  const runs = store.database.collection<RunRecord>(runsCollection);
  await createMissingIndexes(store, runsCollection, runIndexes);
  await closeAbandoned(store);
  await withStoreRetry(store, () =>
    runs.updateOne(
      { _id: runId },
      {
        $set: {
          status: "running",
          connectors: [...connectors],
          full,
          holder: createRunHolder(runId, store),
          started_at: now(),
          finished_at: null,
          progress: null,
          report: null,
        },
        ...heartbeat,
      },
      { upsert: true },
    ),
  );
  let progress = noProgress;
  const timer = setInterval(() => {
    // A missed heartbeat is made up for by the next one.
    runs
      .updateOne(
        { _id: runId, status: "running" },
        { $set: { progress: positionOf(progress) }, ...heartbeat },
      )
      .catch(() => undefined);
  }, heartbeatMs);
  timer.unref();

  return {
    /** Takes note of how far the run is; the next heartbeat records it. */
    follow(event: RunEvent): void {
      progress = reduceProgress(progress, event, now());
    },
    async finish(report: RunReport): Promise<void> {
      clearInterval(timer);
      const finished_at = now();
      await withStoreRetry(store, () =>
        runs.updateOne(
          { _id: runId },
          { $set: { status: report.status, finished_at, progress: null, report }, ...heartbeat },
        ),
      );
    },
  };
}

/**
 * Whether a run that is recorded as running was killed.
 *
 * @param at of the server's clock
 */
export function isAbandoned(
  run: Pick<RunRecord, "holder" | "heartbeat_at">,
  at: Date,
  store: Pick<StoreAccess, "kind" | "isBorrowed">,
): boolean {
  return at.getTime() - run.heartbeat_at.getTime() > abandonedAfterMs || isSurelyGone(run.holder, store);
}

/** The server's clock, which heartbeats are dated by. */
export async function readServerClock({ database }: StoreAccess): Promise<Date> {
  const { localTime } = await database.command({ hello: 1 });
  return localTime instanceof Date ? localTime : new Date();
}

async function closeAbandoned(store: StoreAccess): Promise<void> {
  const runs = store.database.collection<RunRecord>(runsCollection);
  const running = await withStoreRetry(store, () => runs.find({ status: "running" }).toArray());
  const at = await withStoreRetry(store, () => readServerClock(store));
  for (const run of running) {
    const known = sign.safeParse(run);
    if (known.success && isAbandoned(known.data, at, store)) {
      const { _id, heartbeat_at } = known.data;
      await withStoreRetry(store, () =>
        runs.updateOne(
          { _id, status: "running", heartbeat_at },
          { $set: { status: "interrupted", finished_at: heartbeat_at } },
        ),
      );
    }
  }
}
