import type { StoreReader } from "../connector/connector.js";
import { removedReasons } from "../connector/stored-document.js";

/** `removed_at` besides, so that an index on both is better than one on the scope. */
const isRemoved = { removed_reason: { $in: removedReasons }, removed_at: { $gt: new Date(0) } };

/**
 * How many documents the upstream lists, by what was loaded last: all but the removed ones. Where `scope` has an index, that tells without reading
 * a document.
 *
 * @param scope the values that fields of the documents have, e.g. `{ "data.collection_id": "x-mitre-collection--…" }`
 * @throws StoreError where the database fails
 */
export async function countCurrent(
  store: Pick<StoreReader, "count">,
  collection: string,
  scope: Readonly<Record<string, string>>,
): Promise<number> {
  const removed = await store.count(collection, { ...scope, ...isRemoved });
  return (await store.count(collection, scope)) - removed;
}
