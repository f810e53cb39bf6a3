import { isDeepStrictEqual } from "node:util";
import { BSON, type Db, type Document, type FindCursor } from "mongodb";

/** What connectors load. */
export const loadedCollections = ["collections", "manifest", "objects", "versions", "threatfox_raw"] as const;

/** What no two runs have in common. */
const ofTheRun: ReadonlySet<string> = new Set(["run_id", "ingested_at", "first_ingested_at"]);

/**
 * The documents in which two databases differ, as `collection/_id: fields`. Documents are compared field by field, with
 * their BSON types; the order of fields, the run and the times of ingestion do not count.
 */
export async function differencesBetween(
  one: Db,
  other: Db,
  collections: readonly string[] = loadedCollections,
): Promise<readonly string[]> {
  const differences: string[] = [];
  for (const name of collections) {
    const others = documentsOf(other, name);
    for await (const document of documentsOf(one, name)) {
      const counterpart = await others.next();
      const fields = counterpart === null ? ["missing"] : differingFields(document, counterpart);
      if (fields.length > 0) {
        differences.push(`${name}/${String(document._id)}: ${fields.join(", ")}`);
      }
    }
    for await (const { _id } of others) {
      differences.push(`${name}/${String(_id)}: too many`);
    }
  }
  return differences;
}

function documentsOf(database: Db, name: string): FindCursor<Document> {
  return database.collection<Document>(name).find({}, { promoteValues: false }).sort({ _id: 1 });
}

function differingFields(one: Document, other: Document): readonly string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter(
    (name) =>
      !(ofTheRun.has(name) && name in one && name in other) &&
      !isDeepStrictEqual(typed(one[name]), typed(other[name])),
  );
}

function typed(value: unknown): unknown {
  return BSON.EJSON.serialize({ value }, { relaxed: false });
}

/** The indexes of every collection of a database: name, fields and whether they are unique. */
export async function indexesOf(database: Db): Promise<Readonly<Record<string, readonly string[]>>> {
  const indexes: Record<string, readonly string[]> = {};
  const collections = await database.listCollections({}, { nameOnly: true }).toArray();
  for (const { name } of collections.sort((a, b) => a.name.localeCompare(b.name))) {
    const listed = await database.collection(name).listIndexes().toArray();
    indexes[name] = listed
      .map(({ name: index, key, unique }) => `${index} ${JSON.stringify(key)}${unique ? " unique" : ""}`)
      .sort();
  }
  return indexes;
}
