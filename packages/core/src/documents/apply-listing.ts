import type { Collection } from "mongodb";
import type { Listing } from "../connector/connector.js";
import type { RemovedReason, StoredDocument } from "../connector/stored-document.js";
import { findInCollection } from "../store/find-in-collection.js";
import { listsOfIds } from "../store/lists-of-ids.js";
import type { Store, StoreAccess } from "../store/open-store.js";
import { withStoreRetry } from "../store/with-store-retry.js";
import { countCurrent } from "./count-current.js";

/** A listing that leaves nothing to its defaults. */
export interface ScopedListing extends Listing {
  readonly collection: string;
  readonly scope: Readonly<Record<string, string>>;
  isSuperseded(id: string): boolean;
}

interface FindUnlistedOptions {
  readonly store: StoreAccess & Pick<Store, "reader">;
  readonly listing: ScopedListing;
  readonly runId: string;
  /** `_id`s of documents of the listing's collection that are known to be current. Absent: none is known. */
  readonly current?: ReadonlySet<string> | undefined;
}

/** The current documents of a listing's scope that it does not list. */
export interface UnlistedDocuments {
  readonly ids: Readonly<Record<RemovedReason, readonly string[]>>;
  /** Documents of the scope that were current before this run; not counted where nothing would be withdrawn. */
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
 * Finds what the upstream no longer lists: documents of the listing's scope that are current and not in it. Where as many are current as are
 * known to be, and all of them are listed, none of them is read.
 *
 * @throws StoreError where the database fails
 */
export async function findUnlisted({
  store,
  listing,
  runId,
  current,
}: FindUnlistedOptions): Promise<UnlistedDocuments> {
  if (current !== undefined) {
    const listed = [...current].filter((id) => listing.listed.has(id)).length;
    if ((await countCurrent(store.reader, listing.collection, listing.scope)) === listed) {
      return { ids: { superseded: [], withdrawn: [] }, before: 0, withdrawnBefore: 0 };
    }
  }
  const collection = store.database.collection<StoredDocument>(listing.collection);
  return withStoreRetry(store, () => readUnlisted(collection, listing, runId));
}

/** Only where something would be withdrawn it is read when documents were stored: most listings list everything. */
async function readUnlisted(
  collection: Collection<StoredDocument>,
  listing: ScopedListing,
  runId: string,
): Promise<UnlistedDocuments> {
  const ids: Record<RemovedReason, string[]> = { superseded: [], withdrawn: [] };
  for await (const { _id } of findCurrent(collection, listing, { _id: 1 })) {
    if (!listing.listed.has(_id)) {
      ids[listing.isSuperseded(_id) ? "superseded" : "withdrawn"].push(_id);
    }
  }
  const withdrawn = new Set(ids.withdrawn);
  let before = 0;
  let withdrawnBefore = 0;
  if (withdrawn.size > 0) {
    const times = { run_id: 1, first_ingested_at: 1, ingested_at: 1 } as const;
    for await (const { _id, ...stored } of findCurrent(collection, listing, times)) {
      const isNew =
        stored.run_id === runId && stored.first_ingested_at?.getTime() === stored.ingested_at?.getTime();
      before += isNew ? 0 : 1;
      withdrawnBefore += !isNew && withdrawn.has(_id) ? 1 : 0;
    }
  }
  return { ids, before, withdrawnBefore };
}

function findCurrent(
  collection: Collection<StoredDocument>,
  { scope }: ScopedListing,
  projection: Readonly<Record<string, 1>>,
) {
  return findInCollection(collection, { ...scope, removed_at: null }, { projection, batchSize: 10_000 });
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
