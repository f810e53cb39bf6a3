import type { StoreAccess } from "./open-store.js";
import { withStoreRetry } from "./with-store-retry.js";

/**
 * Deletes documents, each by a statement of its own: a sharded cluster sends it to one shard, and the driver may retry it. Ids that are
 * not stored are no error.
 *
 * @throws StoreError where the database fails; deleting them again is right
 */
export async function deleteByIds(store: StoreAccess, name: string, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) {
    const collection = store.database.collection<{ readonly _id: string }>(name);
    const operations = ids.map((_id) => ({ deleteOne: { filter: { _id } } }));
    await withStoreRetry(store, () => collection.bulkWrite(operations, { ordered: false }));
  }
}
