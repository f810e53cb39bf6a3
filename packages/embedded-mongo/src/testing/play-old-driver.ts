import { once } from "node:events";
import { createRequire } from "node:module";
import { BSON, type Collection } from "mongodb";

/** Runs as a separate process: uses a version of the driver as programs do, and prints the results as Extended JSON. */
const [path = "", uri = ""] = process.argv.slice(2);

interface Thing {
  readonly _id: number;
  readonly name?: string;
  readonly n?: number;
}

const driver: typeof import("mongodb") = createRequire(import.meta.url)(path);
const client = await new driver.MongoClient(uri, { monitorCommands: true }).connect();
const killed: unknown[] = [];
client.on("commandSucceeded", ({ commandName, reply }) => {
  if (commandName === "killCursors") {
    killed.push(Object(reply).cursorsKilled.length);
  }
});
const db = client.db("d");

const outcomes = {
  documents: await readAndWrite(db.collection("things")),
  bulkWrite: await bulkWrite(db.collection("counters")),
  indexes: await useIndexes(db.collection("indexed")),
  cursors: await readCursors(db.collection("many")),
  refusals: await useReplicaSet(db.collection("things")),
  files: await storeFile(),
};
await client.close();
process.stdout.write(BSON.EJSON.stringify(outcomes));

async function readAndWrite(things: Collection<Thing>) {
  await things.insertMany([
    { _id: 1, name: "a", n: 1 },
    { _id: 2, name: "b", n: 2 },
    { _id: 3, name: "c", n: 3 },
  ]);
  const { modifiedCount } = await things.updateMany({ n: { $gte: 2 } }, { $inc: { n: 10 } });
  const { upsertedId } = await things.updateOne({ _id: 4 }, { $set: { name: "d" } }, { upsert: true });
  const { deletedCount } = await things.deleteOne({ _id: 1 });
  const changed = await things.findOneAndUpdate(
    { _id: 2 },
    { $set: { name: "x" } },
    { returnDocument: "after", includeResultMetadata: true },
  );
  return {
    modifiedCount,
    upsertedId,
    deletedCount,
    changed: changed?.value,
    all: await things.find({}, { sort: { _id: 1 } }).toArray(),
    count: await things.countDocuments({ n: { $exists: true } }),
    estimated: await things.estimatedDocumentCount(),
    names: await things.distinct("name"),
    sum: await things.aggregate([{ $group: { _id: null, sum: { $sum: "$n" } } }]).toArray(),
  };
}

async function bulkWrite(counters: Collection<Thing>) {
  await counters.insertOne({ _id: 1 });
  const error = await counters
    .bulkWrite(
      [
        { insertOne: { document: { _id: 1 } } },
        { updateOne: { filter: { _id: 1 }, update: { $inc: { n: 1 } } } },
        { deleteMany: { filter: { _id: 9 } } },
      ],
      { ordered: false },
    )
    .catch((thrown: unknown) => thrown);
  const failed = error instanceof driver.MongoBulkWriteError ? [error.writeErrors].flat() : [];
  return {
    failed: failed.map(({ index, code }) => [index, code]),
    stored: await counters.find().toArray(),
  };
}

async function useIndexes(indexed: Collection<Thing>) {
  const names = async () => (await indexed.listIndexes().toArray()).map(({ name }) => name);
  const created = await indexed.createIndex({ name: 1 }, { unique: true });
  await indexed.insertOne({ _id: 1, name: "a" });
  const duplicate = await codeOf(indexed.insertOne({ _id: 2, name: "a" }));
  const listed = await names();
  await indexed.dropIndex("name_1");
  return {
    created,
    duplicate,
    listed,
    left: await names(),
    absent: await codeOf(indexed.dropIndex("name_1")),
  };
}

async function readCursors(many: Collection<Thing>) {
  await many.insertMany(Array.from({ length: 1000 }, (_, index) => ({ _id: index })));
  const ids: number[] = [];
  await client.withSession(async (session) => {
    for await (const { _id } of many.find({}, { session, batchSize: 100, sort: { _id: 1 } })) {
      ids.push(_id);
    }
    const cursor = many.find({}, { session, batchSize: 10 });
    await cursor.next();
    await cursor.close();
  });
  return { inOrder: ids.every((id, index) => id === index), count: ids.length, killed };
}

async function useReplicaSet(things: Collection<Thing>) {
  const session = client.startSession();
  session.startTransaction();
  const transaction = await codeOf(things.insertOne({ _id: 99 }, { session }));
  await session.endSession();
  const stream = things.watch();
  const watch = await codeOf(stream.next());
  await stream.close();
  return { transaction, watch };
}

async function storeFile() {
  const bucket = new driver.GridFSBucket(db, { chunkSizeBytes: 1000 });
  const content = Buffer.from(Array.from({ length: 4500 }, (_, index) => index % 251));
  const upload = bucket.openUploadStream("file");
  upload.end(content);
  await once(upload, "finish");
  const chunks: Buffer[] = [];
  for await (const chunk of bucket.openDownloadStreamByName("file")) {
    chunks.push(chunk);
  }
  const files = await bucket.find().toArray();
  await bucket.delete(upload.id);
  return {
    same: Buffer.concat(chunks).equals(content),
    lengths: files.map(({ length }) => length),
    left: await bucket.find().toArray(),
  };
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    return error instanceof driver.MongoServerError ? error.code : error;
  }
}
