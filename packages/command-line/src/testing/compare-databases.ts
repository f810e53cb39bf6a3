import { isDeepStrictEqual } from "node:util";
import { BSON, type Db, type Document, type FindCursor } from "mongodb";
import { inDatabase, type Target } from "./run-process.js";

/** What connectors load. */
export const loadedCollections = ["collections", "manifest", "objects", "versions", "threatfox_raw"] as const;

/** What no two runs have in common, beyond whether it is there and null. */
const ofTheRun: ReadonlySet<string> = new Set(["run_id", "ingested_at", "first_ingested_at", "removed_at"]);

/** A list that shows what is wrong; the rest would be more of it. */
const longestList = 20;

/**
 * The documents in which two databases differ, as `collection/_id: fields`: the first 20. Documents are compared field by
 * field, with their BSON types; the order of fields, the run and the times of ingestion and removal do not count.
 */
export async function differencesBetween(
  one: Db,
  other: Db,
  collections: readonly string[] = loadedCollections,
): Promise<readonly string[]> {
  const differences: string[] = [];
  for (const name of collections) {
    const [left, right] = [documentsOf(one, name), documentsOf(other, name)];
    let [here, there] = [await left.next(), await right.next()];
    while ((here !== null || there !== null) && differences.length < longestList) {
      const [hereId, thereId] = [idOf(here), idOf(there)];
      const isMissing = there === null || (here !== null && hereId < thereId);
      const isTooMany = !isMissing && (here === null || thereId < hereId);
      if (isMissing) {
        differences.push(`${name}/${hereId}: missing`);
      } else if (isTooMany) {
        differences.push(`${name}/${thereId}: too many`);
      } else {
        const fields = differingFields(here ?? {}, there ?? {});
        differences.push(...(fields.length > 0 ? [`${name}/${hereId}: ${fields.join(", ")}`] : []));
      }
      here = isTooMany ? here : await left.next();
      there = isMissing ? there : await right.next();
    }
    await Promise.all([left.close(), right.close()]);
  }
  return differences;
}

/** In what two loaded databases differ: documents, indexes, and which checkpoints, budgets and leases are kept. */
export function differencesBetweenTargets(
  one: Target,
  other: Target,
  collections: readonly string[] = loadedCollections,
): Promise<readonly string[]> {
  return inDatabase(one, (first) =>
    inDatabase(other, async (second) => [
      ...(await differencesBetween(first, second, collections)),
      ...differingFields(await indexesOf(first), await indexesOf(second)).map((name) => `${name}: indexes`),
      ...differingFields(await stateOf(first), await stateOf(second)).map((id) => `etl_state/${id}`),
    ]),
  );
}

/** Documents are compared by `_id`; what a checkpoint holds depends on the way that led there. */
async function stateOf(database: Db): Promise<Document> {
  const state = await database
    .collection("etl_state")
    .find({}, { projection: { _id: 1 } })
    .toArray();
  return Object.fromEntries(state.map(({ _id }) => [String(_id), "kept"]));
}

/** Ids are ASCII texts, which JavaScript and MongoDB sort alike. */
function idOf(document: Document | null): string {
  return String(document?._id);
}

function documentsOf(database: Db, name: string): FindCursor<Document> {
  return database.collection<Document>(name).find({}, { promoteValues: false }).sort({ _id: 1 });
}

function differingFields(one: Document, other: Document): readonly string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter(
    (name) =>
      !(ofTheRun.has(name) && (one[name] ?? null) !== null && (other[name] ?? null) !== null) &&
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
