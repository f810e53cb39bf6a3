import { BSON, type Document, Double, Long, UUID } from "mongodb";
import { describe, expect, test } from "vitest";
import { serverError, useServer } from "../testing/server.js";

const server = useServer();

describe("commands", () => {
  test("that do not exist are refused with MongoDB's message", async () => {
    const error = await serverError(server.db().command({ mapReduce: "c" }));
    expect(error).toMatchObject({
      code: 59,
      codeName: "CommandNotFound",
      message:
        "no such command: 'mapReduce': not supported by the embedded database, set MONGO_URI to a MongoDB server",
    });
  });

  test("take paths of 200 names, and pipelines of 1,000 stages", async () => {
    const c = server.db().collection("c");
    await c.insertOne({ a: 1 });
    const path = (names: number) => Array.from({ length: names }, () => "b").join(".");
    const lookup = (as: string) =>
      c
        .aggregate([
          { $lookup: { from: "c", localField: "a", foreignField: "a", as } },
          { $project: { a: 1 } },
        ])
        .toArray();
    expect(await lookup(path(200))).toHaveLength(1);
    expect((await serverError(lookup(path(201)))).code).toBe(15);
    expect((await serverError(c.updateOne({}, { $set: { [path(201)]: 1 } }))).code).toBe(15);
    const stages = (count: number) =>
      c.aggregate(Array.from({ length: count }, () => ({ $skip: 0 }))).toArray();
    expect(await stages(1_000)).toHaveLength(1);
    expect((await serverError(stages(10_000))).code).toBe(7749501);
  });

  test("introduce a standalone server with sessions", async () => {
    const hello = await server.client.db("admin").command({ hello: 1 });
    expect(hello).toMatchObject({
      isWritablePrimary: true,
      maxWireVersion: 25,
      logicalSessionTimeoutMinutes: 30,
      maxBsonObjectSize: 16_777_216,
    });
    expect(hello).not.toHaveProperty("setName");
    expect(hello).not.toHaveProperty("topologyVersion");
    const admin = server.client.db("admin").admin();
    expect(await admin.buildInfo()).toMatchObject({ version: "8.0.0", bits: 64 });
    expect(await admin.serverStatus()).toMatchObject({ version: "8.0.0", pid: process.pid });
    for (const command of ["ping", "hostInfo", "connectionStatus", "whatsmyuri", "getCmdLineOpts"]) {
      expect(await admin.command({ [command]: 1 }), command).toMatchObject({ ok: 1 });
    }
    expect(await admin.command({ getLog: "startupWarnings" })).toMatchObject({ log: [] });
    expect(await admin.command({ getParameter: 1, featureCompatibilityVersion: 1 })).toMatchObject({
      featureCompatibilityVersion: { version: "8.0" },
    });
  });

  test("run in sessions, and not in transactions", async () => {
    const c = server.db().collection<{ _id: number }>("c");
    const session = server.client.startSession();
    await c.insertOne({ _id: 1 }, { session });
    expect(await c.find({}, { session }).toArray()).toEqual([{ _id: 1 }]);
    session.startTransaction();
    await expect(c.insertOne({ _id: 2 }, { session })).rejects.toThrow(/does not support retryable writes/);
    await session.abortTransaction().catch(() => {});
    await session.endSession();
    expect(await c.countDocuments()).toBe(1);
  });

  test("create, list, rename and drop collections and databases", async () => {
    const db = server.db();
    await db.createCollection("b");
    await db.collection("a").insertOne({});
    const listed = await db.listCollections().toArray();
    expect(listed.map(({ name, type }) => [name, type])).toEqual([
      ["a", "collection"],
      ["b", "collection"],
    ]);
    expect(await db.listCollections({ name: "a" }, { nameOnly: true }).toArray()).toEqual([
      { name: "a", type: "collection" },
    ]);
    expect((await server.client.db().admin().listDatabases()).databases).toContainEqual(
      expect.objectContaining({ name: db.databaseName, empty: false }),
    );
    await db.renameCollection("a", "c");
    expect(await db.collection("c").countDocuments()).toBe(1);
    expect(await serverError(db.renameCollection("b", "c"))).toMatchObject({ code: 48 });
    expect(await db.collection("c").drop()).toBe(true);
    expect(await serverError(db.collection("none").indexes())).toMatchObject({ code: 26 });
    for (const name of ["", ".x", "x$y", "y.", "system.x"]) {
      const error = await serverError(db.command({ insert: name, documents: [{}] }));
      expect(error.code, name).toBe(73);
    }
    await db.dropDatabase();
    expect(await db.listCollections().toArray()).toEqual([]);
  });

  test("count documents and list distinct values", async () => {
    const c = server.db().collection("c");
    await c.insertMany([{ v: 1, l: [1, 2] }, { v: 1, l: [] }, { v: "x", l: [2, [3]] }, { l: null }]);
    expect(await c.distinct("v")).toEqual([1, "x"]);
    expect(await c.distinct("l")).toEqual([null, 1, 2, [3]]);
    expect(await c.distinct("v", { l: 2 })).toEqual([1, "x"]);
    expect(await c.countDocuments({ v: 1 })).toBe(2);
    expect(await c.countDocuments({}, { skip: 1, limit: 2 })).toBe(2);
    expect(await c.estimatedDocumentCount()).toBe(4);
    expect(await server.db().collection("none").countDocuments()).toBe(0);
    expect((await c.deleteMany({ v: 1 })).deletedCount).toBe(2);
    expect((await c.deleteOne({})).deletedCount).toBe(1);
    expect(await c.estimatedDocumentCount()).toBe(1);
  });

  test("aggregate across collections", async () => {
    const db = server.db();
    await db.collection<Document & { _id: string }>("objects").insertMany([
      { _id: "o1", type: "technique", n: 2, tags: ["a", "b"] },
      { _id: "o2", type: "technique", n: 4, tags: [] },
      { _id: "o3", type: "tool", n: 1 },
    ]);
    await db.collection<Document & { _id: number }>("links").insertMany([
      { _id: 1, from: "o3", to: "o1" },
      { _id: 2, from: "o3", to: "o2" },
    ]);
    await db.collection("links").createIndex({ from: 1 });
    const run = (pipeline: Document[]) => db.collection("objects").aggregate(pipeline).toArray();
    expect(
      await run([
        { $group: { _id: "$type", n: { $sum: "$n" }, ids: { $push: "$_id" } } },
        { $sort: { n: -1 } },
      ]),
    ).toEqual([
      { _id: "technique", n: 6, ids: ["o1", "o2"] },
      { _id: "tool", n: 1, ids: ["o3"] },
    ]);
    expect(
      await run([
        { $lookup: { from: "links", localField: "_id", foreignField: "from", as: "uses" } },
        { $match: { "uses.0": { $exists: true } } },
        { $project: { uses: { $map: { input: "$uses", in: "$$this.to" } } } },
      ]),
    ).toEqual([{ _id: "o3", uses: ["o1", "o2"] }]);
    expect(
      await run([
        {
          $lookup: {
            from: "links",
            let: { id: "$_id" },
            pipeline: [{ $match: { $expr: { $eq: ["$to", "$$id"] } } }, { $count: "n" }],
            as: "used",
          },
        },
        { $sort: { _id: -1 } },
        { $limit: 1 },
        { $unset: ["n", "type"] },
      ]),
    ).toEqual([{ _id: "o3", used: [] }]);
    expect(await run([{ $unwind: "$tags" }, { $count: "n" }])).toEqual([{ n: 2 }]);
    expect(await run([{ $sample: { size: 2 } }])).toHaveLength(2);
    expect(await run([{ $match: { none: 1 } }, { $count: "n" }])).toEqual([]);
    expect(await serverError(run([{ $nope: {} }]))).toMatchObject({ code: 40324 });
    expect(await serverError(run([{ $set: { a: { $nope: 1 } } }]))).toMatchObject({ code: 168 });
    expect(await serverError(run([{ $match: {}, $limit: 1 }]))).toMatchObject({ code: 40323 });
  });

  test("copy a collection as mongodump reads and mongorestore writes it", async () => {
    const from = server.db();
    const source = from.collection("things");
    await source.insertMany(
      Array.from({ length: 250 }, (_, n) => ({ n, l: Long.fromNumber(n), d: new Double(n) })),
    );
    await source.createIndexes([
      { key: { n: 1 } },
      { key: { "l.x": -1, _id: 1 }, name: "own", unique: true },
      { key: { d: 1 }, partialFilterExpression: { d: { $gt: 5 } }, expireAfterSeconds: 60 },
    ]);
    const all = { filter: {}, cursor: {} };
    expect(await from.command({ atlasVersion: 1 }).catch((error: unknown) => error)).toMatchObject({
      code: 59,
    });
    const [listed] = (await from.command({ listCollections: 1, ...all })).cursor.firstBatch;
    expect(listed).toMatchObject({ name: "things", type: "collection", info: { uuid: expect.any(UUID) } });
    expect(await from.command({ count: "things" })).toMatchObject({ n: 250 });
    const indexes: Document[] = (await from.command({ listIndexes: "things", cursor: {} })).cursor.firstBatch;
    const documents = await source.find({}, { hint: { $natural: 1 }, raw: true, batchSize: 100 }).toArray();

    const into = server.db();
    const ns = `${into.databaseName}.things`;
    const writeConcern = { w: "majority" };
    await into.command({ drop: "things", writeConcern });
    await into.command({ create: "things", ...listed.options, idIndex: { ...indexes[0], ns } });
    const [first, ...rest] = documents.map((raw) =>
      raw instanceof Uint8Array ? BSON.deserialize(raw, { promoteValues: false }) : raw,
    );
    const insert = { insert: "things", ordered: false, bypassEmptyTsReplacement: true, writeConcern };
    expect(await into.command({ ...insert, documents: [first, first] })).toMatchObject({
      n: 1,
      writeErrors: [{ code: 11000 }],
    });
    expect(await into.command({ ...insert, documents: rest })).toMatchObject({ n: 249 });
    await into.command({
      createIndexes: "things",
      indexes: indexes.slice(1).map((index) => ({ ...index, ns })),
      ignoreUnknownIndexOptions: true,
    });
    expect(await into.collection("things").find({}, { raw: true }).toArray()).toEqual(documents);
    expect(await into.collection("things").listIndexes().toArray()).toEqual(indexes);
  });

  test("refuse unsupported features by name, with MongoDB's code", async () => {
    const c = server.db().collection<Document>("c");
    await c.insertOne({ a: "x", l: [1, 2] });
    const run = (...pipeline: Document[]) => c.aggregate(pipeline).toArray();
    const refused: readonly (readonly [code: number, work: () => Promise<unknown>])[] = [
      [238, () => c.find({}, { collation: { locale: "de" } }).toArray()],
      [67, () => c.createIndex({ a: "2dsphere" })],
      [67, () => c.createIndex({ "$**": 1 })],
      [67, () => c.createIndex({ "a.$**": 1 })],
      [
        15974,
        () =>
          c
            .find()
            .sort({ score: { $meta: "textScore" } })
            .toArray(),
      ],
      [9, () => run({ $set: { a: { $let: { vars: { CURRENT: "$a" }, in: "$b" } } } })],
      [17276, () => run({ $set: { a: "$$CLUSTER_TIME" } })],
      [238, () => server.db().createCollection("capped", { capped: true, size: 1000 })],
      [59, () => server.client.db("admin").command({ bulkWrite: 1, ops: [], nsInfo: [] })],
      [59, () => server.db().command({ mapReduce: "c" })],
      [59, () => server.db().command({ explain: { delete: "c", deletes: [{ q: {}, limit: 1 }] } })],
      ...["$where", "$text", "$jsonSchema"].map(
        (operator) => [2, () => c.find({ [operator]: "true" }).toArray()] as const,
      ),
      ...["$near", "$mod", "$bitsAllSet", "$geoWithin"].map(
        (operator) => [2, () => c.find({ a: { [operator]: [2, 1] } }).toArray()] as const,
      ),
      ...["$bit", "$rename"].map(
        (operator) => [9, () => c.updateOne({}, { [operator]: { a: "b" } })] as const,
      ),
      [2, () => c.updateOne({ l: 1 }, { $set: { "l.$": 2 } })],
      [2, () => c.updateOne({}, { $set: { "l.$[]": 2 } })],
      [9, () => c.updateOne({}, { $set: { a: 2 } }, { arrayFilters: [{ x: 1 }] })],
      [9, () => c.findOneAndUpdate({}, { $set: { a: 2 } }, { arrayFilters: [{ x: 1 }] })],
      [2, () => c.find({ l: 1 }, { projection: { "l.$": 1 } }).toArray()],
      ...[
        "$out",
        "$merge",
        "$facet",
        "$bucket",
        "$graphLookup",
        "$unionWith",
        "$setWindowFields",
        "$redact",
      ].map((stage) => [40324, () => run({ [stage]: {} })] as const),
      [40324, () => run({ $lookup: { from: c.collectionName, pipeline: [{ $facet: {} }], as: "x" } })],
      [31325, () => run({ $project: { a: { $substr: ["$a", 0, 1] } } })],
      [168, () => run({ $set: { a: { $setUnion: [["$a"], []] } } })],
      [15952, () => run({ $group: { _id: null, a: { $topN: { n: 1, sortBy: { a: 1 }, output: "$a" } } } })],
    ];
    for (const [code, work] of refused) {
      const error = await serverError(work());
      expect(error.message).toContain(
        ": not supported by the embedded database, set MONGO_URI to a MongoDB server",
      );
      expect(error.code, error.message).toBe(code);
    }
    await expect(c.watch().next()).rejects.toThrow(/only supported on replica sets/);
  });
});
