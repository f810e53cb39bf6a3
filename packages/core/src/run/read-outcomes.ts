import type { StoreAccess } from "../store/open-store.js";
import { withStoreRetry } from "../store/with-store-retry.js";
import type { ConnectorReport } from "./run-event.js";
import { type RunRecord, runsCollection } from "./run-ledger.js";

/** How the last runs of a connector went, as `etl_runs` has it. Runs that were skipped, interrupted or killed do not count. */
export interface Outcomes {
  /** When it last went through without a fault. */
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
    const lastOk = await findLastOk(store, connector);
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

/** The last run in which a connector went through without a fault; null where there is none. */
export function findLastOk(store: Pick<StoreAccess, "database">, connector: string) {
  return recordsOf(store).findOne(runsThatEnded(connector, "ok"), { sort: { started_at: -1 } });
}

function recordsOf({ database }: Pick<StoreAccess, "database">) {
  return database.collection<RunRecord>(runsCollection);
}

function runsThatEnded(name: string, status: ConnectorReport["status"]) {
  // The first condition has an index.
  return { connectors: name, "report.connectors": { $elemMatch: { name, status } } };
}
