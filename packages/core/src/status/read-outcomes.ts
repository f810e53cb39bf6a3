import type { ConnectorReport } from "../run/run-event.js";
import { type RunRecord, runsCollection } from "../run/run-ledger.js";
import type { StoreAccess } from "../store/open-store.js";
import { withStoreRetry } from "../store/with-store-retry.js";

/** How the last runs of a connector went, as `etl_runs` has it. Runs that were skipped, interrupted or killed do not count. */
export interface Outcomes {
  /** When its last complete load ended. */
  readonly lastOkAt?: Date;
  /** How often it has failed since. */
  readonly failures: number;
  /** When the first of these runs started. */
  readonly failingSince?: Date;
}

/**
 * Reads how the last runs of a connector went.
 *
 * @throws StoreError where the database fails
 */
export async function readOutcomes(store: StoreAccess, connector: string): Promise<Outcomes> {
  const records = recordsOf(store);
  return withStoreRetry(store, async () => {
    const lastOk = await findLastComplete(store, connector);
    const since = {
      ...runsThatEnded(connector, "failed"),
      ...(lastOk !== null && { started_at: { $gt: lastOk.started_at } }),
    };
    const failures = await records.countDocuments(since);
    const first = failures === 0 ? null : await records.findOne(since, { sort: { started_at: 1 } });
    return {
      ...(lastOk?.finished_at instanceof Date && { lastOkAt: lastOk.finished_at }),
      failures,
      ...(first !== null && { failingSince: first.started_at }),
    };
  });
}

/** Whether a connector has loaded everything: it went through without a fault, and not for a sample. */
export function isCompleteLoad({ status, sample }: Pick<ConnectorReport, "status" | "sample">): boolean {
  return status === "ok" && sample === undefined;
}

/** The last run that was a complete load of a connector, as `isCompleteLoad` has it; null where there is none. */
export function findLastComplete(store: Pick<StoreAccess, "database">, connector: string) {
  const complete = runsThatEnded(connector, "ok", { sample: { $exists: false } });
  return recordsOf(store).findOne(complete, { sort: { started_at: -1 } });
}

/** The runs of a connector. */
export function recordsOf({ database }: Pick<StoreAccess, "database">) {
  return database.collection<RunRecord>(runsCollection);
}

function runsThatEnded(name: string, status: ConnectorReport["status"], traits: object = {}) {
  // The first condition has an index.
  return { connectors: name, "report.connectors": { $elemMatch: { name, status, ...traits } } };
}
