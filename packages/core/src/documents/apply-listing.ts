import type { Collection } from "mongodb";
import type { Listing } from "../connector/connector.js";
import type { RemovedReason, StoredDocument } from "../connector/stored-document.js";
import { listsOfIds } from "../store/lists-of-ids.js";
import type { StoreAccess } from "../store/open-store.js";
import { withStoreRetry } from "../store/with-store-retry.js";

/** A listing that leaves nothing to its defaults. */
export interface ScopedListing extends Listing {
  readonly collection: string;
  readonly scope: Readonly<Record<string, string>>;
  isSuperseded(id: string): boolean;
}

interface FindUnlistedOptions {
  readonly store: StoreAccess;
  readonly listing: ScopedListing;
  readonly runId: string;
}

/** The current documents of a listing's scope that it does not list. */
export interface UnlistedDocuments {
  readonly ids: Readonly<Record<RemovedReason, readonly string[]>>;
  /** Documents of the scope that were current before this run. */
  readonly before: number;
  /** How many of those would be marked as withdrawn. */
  readonly withdrawnBefore: number;
}

interface MarkRemovedOptions extends FindUnlistedOptions {
  /** Becomes `removed_at`. */
  readonly at: Date;
  /** Count, write nothing. */
  readonly dryRun?: boolean;
}

/**
 * Finds what the upstream no longer lists: documents of the listing's scope that are current and not in it.
 *
 * @throws StoreError where the database fails
 */
export async function findUnlisted({
  store,
  listing,
  runId,
}: FindUnlistedOptions): Promise<UnlistedDocuments> {
  const collection = store.database.collection<StoredDocument>(listing.collection);
  return withStoreRetry(store, () => readUnlisted(collection, listing, runId));
}

async function readUnlisted(
  collection: Collection<StoredDocument>,
  { scope, listed, isSuperseded }: ScopedListing,
  runId: string,
): Promise<UnlistedDocuments> {
  const ids: Record<RemovedReason, string[]> = { superseded: [], withdrawn: [] };
  let before = 0;
  let withdrawnBefore = 0;
  const current = collection.find(
    { ...scope, removed_at: null },
    { projection: { run_id: 1, first_ingested_at: 1, ingested_at: 1 }, batchSize: 10_000 },
  );
  for await (const { _id, run_id, first_ingested_at, ingested_at } of current) {
    const isNew = run_id === runId && first_ingested_at?.getTime() === ingested_at?.getTime();
    if (!isNew) {
      before += 1;
    }
    if (listed.has(_id)) {
      continue;
    }
    const reason = isSuperseded(_id) ? "superseded" : "withdrawn";
    ids[reason].push(_id);
    if (!isNew && reason === "withdrawn") {
      withdrawnBefore += 1;
    }
  }
  return { ids, before, withdrawnBefore };
}

/**
 * Marks what the upstream no longer lists. Nothing is deleted. Applying the same listing again changes nothing.
 *
 * @returns how many documents are no longer listed since this time
 * @throws StoreError where the database fails; applying it again is right
 */
export async function markRemoved(
  { ids }: UnlistedDocuments,
  options: MarkRemovedOptions,
): Promise<Readonly<Record<RemovedReason, number>>> {
  return {
    superseded: await mark(ids.superseded, "superseded", options),
    withdrawn: await mark(ids.withdrawn, "withdrawn", options),
  };
}

async function mark(
  ids: readonly string[],
  removed_reason: RemovedReason,
  { store, listing, runId, at, dryRun = false }: MarkRemovedOptions,
): Promise<number> {
  if (!dryRun) {
    const collection = store.database.collection<StoredDocument>(listing.collection);
    for (const batch of listsOfIds(ids)) {
      // One statement per `_id`: a sharded cluster sends each to one shard, and the driver may retry it.
      const update = { $set: { removed_at: at, removed_reason, run_id: runId } };
      const operations = batch.map((_id) => ({ updateOne: { filter: { _id, removed_at: null }, update } }));
      await withStoreRetry(store, () => collection.bulkWrite(operations, { ordered: false }));
    }
  }
  return ids.length;
}
