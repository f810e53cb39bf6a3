import type { Collection } from "mongodb";
import type { Listing } from "./connector.js";
import { idsPerList } from "./ids-per-list.js";
import type { Store } from "./open-store.js";
import type { RemovedReason, StoredDocument } from "./stored-document.js";
import { withStoreRetry } from "./with-store-retry.js";

export interface ApplyListingOptions {
  readonly store: Pick<Store, "database" | "host">;
  readonly listing: Listing;
  readonly runId: string;
  /** Becomes `removed_at`. */
  readonly at: Date;
  /** Count, write nothing. */
  readonly dryRun?: boolean;
}

/** How many documents are no longer listed since this time. */
export type RemovedCounts = Readonly<Record<RemovedReason, number>>;

/**
 * Marks what the upstream no longer lists: documents of the listing's scope that are current and not in it. Nothing is
 * deleted. Applying the same listing again changes nothing.
 *
 * @throws StoreWriteError where the database fails; applying it again is right
 */
export async function applyListing(options: ApplyListingOptions): Promise<RemovedCounts> {
  const { store, listing } = options;
  const collection = store.database.collection<StoredDocument>(listing.collection);
  const gone = await withStoreRetry(store.host, () => findGone(collection, listing));
  return {
    superseded: await mark(collection, gone.superseded, "superseded", options),
    withdrawn: await mark(collection, gone.withdrawn, "withdrawn", options),
  };
}

async function findGone(
  collection: Collection<StoredDocument>,
  { scope, listed, isSuperseded }: Listing,
): Promise<Readonly<Record<RemovedReason, readonly string[]>>> {
  const gone: Record<RemovedReason, string[]> = { superseded: [], withdrawn: [] };
  const current = collection.find(
    { ...scope, removed_at: null },
    { projection: { _id: 1 }, batchSize: 10_000 },
  );
  for await (const { _id } of current) {
    if (!listed.has(_id)) {
      gone[isSuperseded(_id) ? "superseded" : "withdrawn"].push(_id);
    }
  }
  return gone;
}

async function mark(
  collection: Collection<StoredDocument>,
  ids: readonly string[],
  removed_reason: RemovedReason,
  { store, runId, at, dryRun = false }: ApplyListingOptions,
): Promise<number> {
  if (!dryRun) {
    for (let start = 0; start < ids.length; start += idsPerList) {
      const batch = ids.slice(start, start + idsPerList);
      await withStoreRetry(store.host, () =>
        collection.updateMany(
          { _id: { $in: batch }, removed_at: null },
          { $set: { removed_at: at, removed_reason, run_id: runId } },
        ),
      );
    }
  }
  return ids.length;
}
