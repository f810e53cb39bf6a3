import type { StoreAccess } from "./open-store.js";

/** A document as it lies in a collection, core's own included. */
export type FoundDocument = { readonly _id: string } & Readonly<Record<string, unknown>>;

/** The documents of a collection, in the order of their `_id`s. */
export function storedIn(
  { database }: Pick<StoreAccess, "database">,
  name: string,
): Promise<readonly FoundDocument[]> {
  return database.collection<FoundDocument>(name).find().sort({ _id: 1 }).toArray();
}

/** Every collection with its documents, core's own included, in the order of their names. */
export async function readDatabase(
  store: Pick<StoreAccess, "database">,
): Promise<Readonly<Record<string, readonly FoundDocument[]>>> {
  const collections = await store.database.listCollections({}, { nameOnly: true }).toArray();
  const names = collections.map(({ name }) => name).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await storedIn(store, name)] as const)),
  );
}
