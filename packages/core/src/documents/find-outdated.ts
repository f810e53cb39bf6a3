import type { ConfiguredConnector } from "../connector/configure-connector.js";
import type { Store } from "../store/open-store.js";
import { createStoredShapes, isOutdated } from "../store/stored-shapes.js";

/** A collection in which an older version of a connector has stored documents. The next run upgrades them, without requests. */
export interface OutdatedCollection {
  readonly collection: string;
  /** What an answer from it may lack, such as `IOCs by network`. Absent: the step does not say. */
  readonly lacks?: string;
}

/**
 * The collections of a connector that must be upgraded.
 *
 * @throws StoreError where the database fails
 */
export async function findOutdated(
  store: Store,
  { steps }: Pick<ConfiguredConnector, "steps">,
): Promise<readonly OutdatedCollection[]> {
  const shapes = createStoredShapes(store);
  const outdated: OutdatedCollection[] = [];
  for (const { collection, restore } of steps) {
    if (collection === undefined || restore === undefined) {
      continue;
    }
    const { name } = collection;
    if (isOutdated(await shapes.load(name), restore.version) && (await store.reader.exists(name, {}))) {
      const { adds } = restore;
      outdated.push({ collection: name, ...(adds !== undefined && { lacks: adds }) });
    }
  }
  return outdated;
}
