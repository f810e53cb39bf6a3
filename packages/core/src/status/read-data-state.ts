import type { ConfiguredConnector } from "../connector/configure-connector.js";
import { findOutdated, type OutdatedCollection } from "../documents/find-outdated.js";
import type { Store } from "../store/open-store.js";
import { withStoreRetry } from "../store/with-store-retry.js";
import { findLastComplete, recordsOf } from "./read-outcomes.js";

/** What answers from the data of a connector are worth: how old it is, and what they may lack. */
export interface DataState {
  readonly connector: string;
  /**
   * When the last complete load ended: a run in which the connector went through without a fault, and not for a sample. It has loaded what its
   * settings select, from the upstream or a file. Absent: there was none.
   */
  readonly loaded_at?: Date;
  /** When a part was loaded after that, by a run that failed or was interrupted, or for a sample. Absent: none was. */
  readonly part_loaded_at?: Date;
  /** Collections in which an older version has stored documents. Absent: none. */
  readonly outdated?: readonly OutdatedCollection[];
}

/**
 * Says how old the data of a connector is, and what answers from it may lack: whoever answers from the database says that too. A run that was
 * killed leaves no report; what it has stored counts where nothing else was loaded.
 *
 * @throws StoreError where the database fails
 */
export async function readDataState(store: Store, connector: ConfiguredConnector): Promise<DataState> {
  return withStoreRetry(store, async () => {
    const complete = await findLastComplete(store, connector.name);
    const part = await findLastPart(store, connector, complete?.started_at);
    const outdated = await findOutdated(store, connector);
    return {
      connector: connector.name,
      ...(complete?.finished_at instanceof Date && { loaded_at: complete.finished_at }),
      ...(part !== undefined && { part_loaded_at: part }),
      ...(outdated.length > 0 && { outdated }),
    };
  });
}

/** @param since when the last complete load began; undefined where there was none */
async function findLastPart(
  store: Store,
  connector: ConfiguredConnector,
  since: Date | undefined,
): Promise<Date | undefined> {
  const { name } = connector;
  const newest = await findNewest(store, connector);
  if (newest === undefined) {
    return undefined;
  }
  // What was upgraded without requests was not extracted.
  const last = await recordsOf(store).findOne(
    {
      connectors: name,
      ...(since !== undefined && { started_at: { $gt: since } }),
      "report.connectors": { $elemMatch: { name, steps: { $elemMatch: { extracted: { $gt: 0 } } } } },
    },
    { sort: { started_at: -1 } },
  );
  return last?.finished_at ?? (since === undefined ? newest : undefined);
}

/** When a document of a connector was last stored; undefined where none is. */
async function findNewest({ reader }: Store, { steps }: ConfiguredConnector): Promise<Date | undefined> {
  let newest: Date | undefined;
  const options = { projection: { ingested_at: 1 }, sort: { ingested_at: -1 }, limit: 1 } as const;
  for (const { collection } of steps) {
    for await (const { ingested_at } of collection === undefined
      ? []
      : reader.find(collection.name, {}, options)) {
      newest =
        ingested_at instanceof Date && (newest === undefined || ingested_at > newest) ? ingested_at : newest;
    }
  }
  return newest;
}
