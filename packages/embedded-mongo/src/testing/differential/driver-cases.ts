import {
  type AnyBulkWriteOperation,
  type Collection,
  type Db,
  type Document,
  MongoBulkWriteError,
  MongoServerError,
} from "mongodb";

interface Entry extends Document {
  readonly _id: number | string;
}

/** Results of the driver, used as the product, mongosh and mongodump use it. */
export interface DriverCase {
  readonly name: string;
  play(db: Db): Promise<unknown>;
}

function entries(db: Db): Collection<Entry> {
  return db.collection<Entry>("c");
}

function numbered(count: number): Entry[] {
  return Array.from({ length: count }, (_, index) => ({
    _id: index,
    n: index % 10,
    text: `object ${index}`,
  }));
}

/** The result, or the driver's error without the server's message. */
async function settle(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof MongoBulkWriteError) {
      const { insertedCount, matchedCount, modifiedCount, deletedCount, upsertedCount, upsertedIds } = error;
      const failed = [error.writeErrors].flat().map(({ index, code }) => ({ index, code }));
      return { insertedCount, matchedCount, modifiedCount, deletedCount, upsertedCount, upsertedIds, failed };
    }
    if (error instanceof MongoServerError) {
      return { code: error.code, keyPattern: error.keyPattern, keyValue: error.keyValue };
    }
    throw error;
  }
}

export const driverCases: readonly DriverCase[] = [
  {
    name: "bulkWrite: all operations, ordered and unordered, with duplicates",
    async play(db) {
      const operations: AnyBulkWriteOperation<Entry>[] = [
        { insertOne: { document: { _id: 1, n: 1 } } },
        { updateOne: { filter: { _id: 1 }, update: { $set: { n: 2 } } } },
        { updateOne: { filter: { _id: 2 }, update: { $set: { n: 2 } }, upsert: true } },
        { insertOne: { document: { _id: 2 } } },
        { replaceOne: { filter: { _id: 3 }, replacement: { n: 3 }, upsert: true } },
        { updateMany: { filter: { n: { $gte: 2 } }, update: { $inc: { n: 1 } } } },
        { insertOne: { document: { _id: 3 } } },
        { deleteOne: { filter: { _id: 1 } } },
        { deleteMany: { filter: { n: { $gt: 3 } } } },
      ];
      return [
        await settle(entries(db).bulkWrite(operations, { ordered: true })),
        await settle(entries(db).bulkWrite(operations, { ordered: false })),
        await entries(db).find().sort({ _id: 1 }).toArray(),
      ];
    },
  },
  {
    name: "findOneAndUpdate, findOneAndReplace, findOneAndDelete",
    async play(db) {
      const collection = entries(db);
      await collection.insertMany(numbered(3));
      return [
        await collection.findOneAndUpdate({ _id: 1 }, { $inc: { n: 5 } }),
        await collection.findOneAndUpdate({ _id: 1 }, { $inc: { n: 5 } }, { returnDocument: "after" }),
        await collection.findOneAndUpdate({ _id: 9 }, { $inc: { n: 5 } }, { upsert: true }),
        await collection.findOneAndReplace({ _id: 2 }, { whole: true }, { returnDocument: "after" }),
        await collection.findOneAndDelete({ n: { $gte: 0 } }, { sort: { _id: -1 }, projection: { n: 1 } }),
        await collection.findOneAndDelete({ _id: 99 }),
        await collection.findOne({ _id: 99 }),
      ];
    },
  },
  {
    name: "options that a small server may ignore but must accept",
    async play(db) {
      const collection = entries(db);
      await collection.insertMany(numbered(20), { writeConcern: { w: 1, j: true }, comment: "a remark" });
      await collection.createIndex({ n: 1 });
      return [
        await collection
          .find(
            { n: 3 },
            { hint: { n: 1 }, maxTimeMS: 30_000, comment: "x", allowDiskUse: true, noCursorTimeout: true },
          )
          .sort({ _id: 1 })
          .toArray(),
        await collection.find({ n: 3 }, { hint: "n_1", readConcern: "majority" }).sort({ _id: 1 }).toArray(),
        await collection
          .aggregate([{ $count: "n" }], { allowDiskUse: true, maxTimeMS: 30_000, comment: "x" })
          .toArray(),
        await collection.updateOne(
          { _id: 1 },
          { $set: { n: 0 } },
          { writeConcern: { w: "majority" }, comment: "x" },
        ),
        await collection.countDocuments({ n: 0 }, { maxTimeMS: 30_000 }),
        await collection.estimatedDocumentCount(),
        await collection.distinct("n", { n: { $lt: 3 } }),
      ];
    },
  },
  {
    name: "cursors: read in batches, left half-way, read by next",
    async play(db) {
      const collection = entries(db);
      await collection.insertMany(numbered(1_000));
      const read: unknown[] = [];
      const cursor = collection.find({}, { batchSize: 30 }).sort({ _id: 1 });
      for await (const { _id } of cursor) {
        read.push(_id);
        if (read.length === 100) {
          break;
        }
      }
      await cursor.close();
      const all = await collection
        .find({}, { batchSize: 300 })
        .sort({ _id: -1 })
        .project({ _id: 1 })
        .toArray();
      const grouped = await collection
        .aggregate([{ $match: { n: 4 } }, { $sort: { _id: 1 } }], { cursor: { batchSize: 7 } })
        .toArray();
      return [read, all, grouped];
    },
  },
  {
    name: "insertMany of more than one message holds",
    async play(db) {
      const text = "0123456789".repeat(2_000);
      const documents = Array.from({ length: 2_600 }, (_, _id) => ({ _id, text }));
      const result = await entries(db).insertMany(documents);
      return [result.insertedCount, await entries(db).countDocuments({ text })];
    },
  },
  {
    name: "a document of 16 MB is stored, a larger one refused",
    async play(db) {
      const fits = 16 * 1024 * 1024 - 100;
      await entries(db).insertOne({ _id: 1, text: "x".repeat(fits) });
      const grown = await entries(db)
        .updateOne({ _id: 1 }, { $set: { more: "x".repeat(200) } })
        .then(
          () => "stored",
          () => "refused",
        );
      const [stored] = await entries(db)
        .aggregate([{ $project: { length: { $strLenCP: "$text" }, more: { $type: "$more" } } }])
        .toArray();
      return [grown, stored];
    },
  },
  {
    name: "many clients' writes to one document at once",
    async play(db) {
      const collection = entries(db);
      const upserts = await Promise.all(
        Array.from({ length: 20 }, () =>
          collection.updateOne({ _id: "one" }, { $inc: { n: 1 } }, { upsert: true }),
        ),
      );
      return [
        upserts.reduce((sum, { upsertedCount }) => sum + upsertedCount, 0),
        await collection.find().toArray(),
      ];
    },
  },
  {
    name: "unacknowledged writes",
    async play(db) {
      const collection = entries(db);
      await collection.insertOne({ _id: 1 });
      await db.client.withSession(async () => {
        await collection.insertOne({ _id: 2 }, { writeConcern: { w: 0 } });
        await collection.updateOne({ _id: 1 }, { $set: { n: 1 } }, { writeConcern: { w: 0 } });
      });
      const deadline = Date.now() + 20_000;
      let found: unknown[] = [];
      while (Date.now() < deadline) {
        found = await collection
          .find({ $or: [{ _id: 2 }, { n: 1 }] })
          .sort({ _id: 1 })
          .toArray();
        if (found.length === 2) {
          break;
        }
      }
      return found;
    },
  },
  {
    name: "indexes, collections and databases, as the shell lists them",
    async play(db) {
      const collection = entries(db);
      const created = [
        await collection.createIndex({ a: 1 }),
        await collection.createIndex({ "b.c": -1, a: 1 }, { unique: true }),
        ...(await collection.createIndexes([{ key: { d: 1 }, name: "own" }, { key: { e: 1 } }])),
      ];
      await db.createCollection("empty");
      const { databases } = await db.admin().listDatabases();
      return {
        created,
        indexes: Object.fromEntries(
          (await collection.indexes()).map(({ name, key, unique }) => [name, { key, unique }]),
        ),
        exists: await collection.indexExists("own"),
        collections: (await db.listCollections().toArray()).map(({ name, type }) => `${name} ${type}`).sort(),
        listed: databases.some(({ name }) => name === db.databaseName),
        dropped: [
          await collection.dropIndex("own").then(() => true),
          await collection.drop(),
          await db.dropCollection("empty"),
        ],
        left: await db.listCollections().toArray(),
      };
    },
  },
];
