import { type Collection, type IndexDescription, MongoServerError } from "mongodb";
import { z } from "zod";
import type { CollectionSpec, IndexKey } from "../connector/connector.js";
import type { Store, StoreAccess } from "../store/open-store.js";
import type { StorePlace } from "../store/store-place.js";
import { asStoreError, withStoreRetry } from "../store/with-store-retry.js";

/** An index that a step needs stands against what is in the database. The message says what to do. */
export class IndexConflictError extends Error {
  override readonly name = "IndexConflictError";
}

/**
 * Every collection of documents gets them: for "what changed since", the age of the data, and TAXII, which serves documents in this order; and
 * for `status`, which counts what was removed. An index that begins with `removed_at` would be taken for every question about what is listed.
 */
const envelopeIndexes: readonly IndexKey[] = [
  { ingested_at: 1, _id: 1 },
  { removed_reason: 1, removed_at: 1 },
];

const existingIndex = z.looseObject({
  name: z.string(),
  key: z.record(z.string(), z.unknown()),
  unique: z.boolean().optional(),
  sparse: z.boolean().optional(),
  partialFilterExpression: z.unknown().optional(),
});
type ExistingIndex = z.output<typeof existingIndex>;

/**
 * Creates the indexes of a collection of documents that are missing; what is there already costs one read.
 *
 * @throws as `createMissingIndexes`
 */
export function ensureIndexes(
  store: IndexedStore,
  { name, indexes }: Pick<CollectionSpec, "name" | "indexes">,
): Promise<void> {
  return createMissingIndexes(store, name, [...envelopeIndexes, ...indexes]);
}

type IndexedStore = StoreAccess & Pick<Store, "db" | "slowDatabase">;

/**
 * Creates those of these indexes that a collection lacks. In a new collection one command does for all. Over millions of documents an index
 * takes a minute: each has a command of its own, which is waited for, and those that are finished stay for the next run.
 *
 * @throws IndexConflictError where an index of the same fields or name is of another kind
 * @throws StoreError where the database fails
 */
export async function createMissingIndexes(
  store: IndexedStore,
  name: string,
  indexes: readonly IndexKey[],
): Promise<void> {
  const where = `${store.db}.${name}`;
  const existing = await withStoreRetry(store, () => listIndexes(store.database.collection(name)));
  const missing: IndexDescription[] = [];
  const wanted = new Map(indexes.map((key) => [nameOf(key), key]));
  for (const [indexName, key] of wanted) {
    if (!isThere(key, existing, where, name)) {
      missing.push({ key, name: indexName });
    }
  }
  const isNew = existing.length === 0;
  const collection = (isNew ? store.database : store.slowDatabase).collection(name);
  for (const together of isNew && missing.length > 0 ? [missing] : missing.map((index) => [index])) {
    try {
      await withStoreRetry(store, () => collection.createIndexes(together));
    } catch (error) {
      throw explainIndexFailure(error, together, where, store);
    }
  }
}

async function listIndexes(collection: Collection): Promise<ExistingIndex[]> {
  try {
    return z.array(existingIndex).parse(await collection.listIndexes().toArray());
  } catch (error) {
    if (error instanceof MongoServerError && error.code === 26) {
      return [];
    }
    throw error;
  }
}

function isThere(wanted: IndexKey, existing: readonly ExistingIndex[], where: string, name: string): boolean {
  const sameFields = existing.find(({ key }) => JSON.stringify(key) === JSON.stringify(wanted));
  if (sameFields !== undefined) {
    if (isPlain(sameFields)) {
      return true;
    }
    throw new IndexConflictError(
      `The index ${sameFields.name} of ${where} is unique, sparse or partial, but a plain one is needed: drop it with db.${name}.dropIndex("${sameFields.name}") and run again.`,
    );
  }
  const sameName = existing.find((index) => index.name === nameOf(wanted));
  if (sameName !== undefined) {
    throw new IndexConflictError(
      `The index ${sameName.name} of ${where} has other fields than its name says (${JSON.stringify(sameName.key)}): drop it with db.${name}.dropIndex("${sameName.name}") and run again.`,
    );
  }
  return false;
}

function isPlain({ unique, sparse, partialFilterExpression }: ExistingIndex): boolean {
  return unique !== true && sparse !== true && partialFilterExpression === undefined;
}

/** The driver's default name. */
function nameOf(key: IndexKey): string {
  return Object.entries(key)
    .map(([field, direction]) => `${field}_${direction}`)
    .join("_");
}

function explainIndexFailure(
  error: unknown,
  missing: readonly IndexDescription[],
  where: string,
  store: StorePlace,
): unknown {
  const cause = error instanceof Error && error.cause instanceof MongoServerError ? error.cause : error;
  const names = missing.map(({ name }) => name).join(", ");
  if (cause instanceof MongoServerError && (cause.code === 85 || cause.code === 86 || cause.code === 67)) {
    return new IndexConflictError(
      `The indexes ${names} of ${where} cannot be created: ${cause.message}. Drop the one that is in the way and run again.`,
      { cause },
    );
  }
  return asStoreError(error, store);
}
