import type { LoadDocument } from "@cti-connectors/core";
import { loadDocuments } from "@cti-connectors/core/testing";
import type { Db } from "mongodb";

const collectionName = "objects";
const batchSize = 1_000;
const at = new Date("2026-01-01T00:00:00Z");

export type VariantName = "load" | "unchanged" | "bulkUpsert" | "insertMany" | "updateOne";

/** One way to store all documents. */
export interface Variant {
  readonly name: VariantName;
  readonly title: string;
  /** The same documents are stored already when it starts; otherwise the database is empty but for the indexes. */
  readonly after?: VariantName;
  /**
   * @param capSeconds a variant of many small steps stops then
   * @returns how many documents it stored
   */
  store(database: Db, documents: readonly LoadDocument[], capSeconds: number): Promise<number>;
}

/** The order in which a round measures them. */
export const variants: readonly Variant[] = [
  { name: "insertMany", title: "driver: insertMany", store: insertMany },
  { name: "load", title: "our load", store: load },
  { name: "unchanged", title: "our load again, nothing changed", after: "load", store: load },
  { name: "bulkUpsert", title: "driver: bulkWrite of upserts", store: bulkUpsert },
  { name: "updateOne", title: "driver: one updateOne per document", store: updateOne },
];

/** The indexes that the product has on this collection. */
export async function createIndexes(database: Db): Promise<void> {
  await database.createCollection(collectionName);
  await database
    .collection(collectionName)
    .createIndexes([{ key: { "enriched.attack_id": 1 } }, { key: { "data.objects.id": 1 } }]);
}

async function load(database: Db, documents: readonly LoadDocument[]): Promise<number> {
  const { refused } = await loadDocuments({
    store: { database, kind: "mongodb", host: "the measured server" },
    documents,
    runId: "bench",
    at,
  });
  if (refused.length > 0) {
    throw new Error(`The load refused ${refused.length} documents, the first because ${refused[0]?.reason}.`);
  }
  return documents.length;
}

async function insertMany(database: Db, documents: readonly LoadDocument[]): Promise<number> {
  await database.collection<{ _id: string }>(collectionName).insertMany(documents.map(toStored));
  return documents.length;
}

async function bulkUpsert(database: Db, documents: readonly LoadDocument[]): Promise<number> {
  const collection = database.collection<{ _id: string }>(collectionName);
  for (let start = 0; start < documents.length; start += batchSize) {
    const batch = documents.slice(start, start + batchSize).map(toStored);
    await collection.bulkWrite(
      batch.map(({ _id, first_ingested_at, ...rest }) => ({
        updateOne: {
          filter: { _id },
          update: { $set: rest, $setOnInsert: { first_ingested_at } },
          upsert: true,
        },
      })),
      { ordered: false },
    );
  }
  return documents.length;
}

/** One round trip per document. */
async function updateOne(
  database: Db,
  documents: readonly LoadDocument[],
  capSeconds: number,
): Promise<number> {
  const collection = database.collection<{ _id: string }>(collectionName);
  const end = performance.now() + capSeconds * 1_000;
  let stored = 0;
  for (const document of documents) {
    const { _id, ...rest } = toStored(document);
    await collection.updateOne({ _id }, { $set: rest }, { upsert: true });
    stored += 1;
    if (performance.now() > end) {
      break;
    }
  }
  return stored;
}

/** The fields that the loader stores. */
function toStored({ _id, data, enriched }: LoadDocument) {
  return {
    _id,
    data,
    enriched,
    ingested_at: at,
    first_ingested_at: at,
    run_id: "bench",
    content_hash: _id,
    removed_at: null,
  };
}
