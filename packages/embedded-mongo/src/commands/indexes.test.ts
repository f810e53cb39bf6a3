import fc from "fast-check";
import {
  BSONSymbol,
  Code,
  type Collection,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  type Sort,
} from "mongodb";
import { describe, expect, test, vi } from "vitest";
import { serverError, stagesOf, useServer } from "../testing/server.js";

/** Many random documents. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const server = useServer();

interface Entry extends Document {
  readonly _id: number | string;
}

function collection(): Collection<Entry> {
  return server.db().collection<Entry>("c");
}

async function examined(found: Promise<Document>): Promise<{ stages: string[]; documents: number }> {
  const explained = await found;
  return { stages: stagesOf(explained), documents: explained.executionStats?.totalDocsExamined };
}

describe("a query", () => {
  test("never scans where an index answers", async () => {
    const c = collection();
    await c.insertMany(
      Array.from({ length: 500 }, (_, i) => ({
        _id: `id ${i}`,
        type: `t${i % 5}`,
        enriched: { attack_id: `T${i}` },
        data: { objects: [{ id: `object ${i}` }, { id: `other ${i}` }] },
        n: i,
        long: "x".repeat(3000) + i,
        tags: ["all", `tag ${i % 5}`],
      })),
    );
    await c.createIndexes([
      { key: { "enriched.attack_id": 1 } },
      { key: { "data.objects.id": 1 } },
      { key: { type: 1, n: -1 } },
      { key: { long: 1 } },
      { key: { tags: 1, n: 1 } },
    ]);
    const explain = (filter: Document, sort: Sort = {}) =>
      examined(c.find(filter).sort(sort).explain("executionStats"));
    const fetched = { stages: ["FETCH", "IXSCAN"], documents: 1 };
    expect(await explain({ _id: "id 7" })).toEqual({ stages: ["IDHACK"], documents: 1 });
    expect(await explain({ _id: { $in: ["id 7", "id 8", "none"] } })).toEqual({ ...fetched, documents: 2 });
    expect(await explain({ _id: "id 7", n: 7 })).toEqual(fetched);
    expect(await explain({ "enriched.attack_id": "T8" })).toEqual(fetched);
    expect(await explain({ "enriched.attack_id": { $in: ["T8", "T9"] } })).toEqual({
      ...fetched,
      documents: 2,
    });
    expect(await explain({ "data.objects.id": "other 9" })).toEqual(fetched);
    expect(await explain({ n: { $gte: 0 }, "data.objects.id": "object 9" })).toEqual(fetched);
    expect(await explain({ $and: [{ n: 9 }, { "data.objects.id": "object 9" }] })).toEqual(fetched);
    expect(await explain({ type: "t1", n: 6 })).toEqual(fetched);
    expect(await explain({ type: "t1" })).toEqual({ ...fetched, documents: 100 });
    expect(await explain({ type: "t1", n: { $gt: 10, $lte: 21 } })).toEqual({ ...fetched, documents: 3 });
    // What equals a bound is not looked at if the bound does not belong to the range.
    expect(await explain({ "enriched.attack_id": { $gt: "T8", $lt: "T80" } })).toMatchObject({
      documents: 0,
    });
    expect(
      await explain({ "enriched.attack_id": { $gt: "T80", $lt: "T80" } }, { "enriched.attack_id": -1 }),
    ).toMatchObject({ documents: 0 });
    expect(await explain({ type: "t1" }, { n: -1 })).toEqual({ ...fetched, documents: 100 });
    expect(await explain({ tags: "tag 1" }, { n: -1 })).toEqual({ ...fetched, documents: 100 });
    expect(await explain({ tags: "tag 1", n: { $gt: 10, $lte: 21 } })).toEqual({ ...fetched, documents: 3 });
    expect(await explain({ tags: { $gt: "tag 1" } }, { tags: 1 })).toMatchObject({
      stages: ["SORT", "FETCH", "IXSCAN"],
    });
    expect(await explain({ long: `${"x".repeat(3000)}77` })).toEqual(fetched);
    expect(await explain({ "enriched.attack_id": /^T49/ })).toEqual({ ...fetched, documents: 11 });
    expect(await explain({ "enriched.attack_id": { $regex: "^T49" }, n: 7 })).toEqual({
      ...fetched,
      documents: 11,
    });
    expect(await explain({ type: "t1", "data.objects.id": /^other 49/ })).toEqual({
      ...fetched,
      documents: 100,
    });
    expect(await explain({ "data.objects.id": /^other 49/ })).toEqual({ ...fetched, documents: 11 });
    expect(await explain({ _id: /^id 49/ })).toEqual({ ...fetched, documents: 11 });
    expect(await explain({ long: new RegExp(`^${"x".repeat(3000)}7`) })).toMatchObject({
      stages: ["FETCH", "IXSCAN"],
    });
    expect(await explain({ "enriched.attack_id": /^t49/i })).toMatchObject({ stages: ["COLLSCAN"] });
    expect(await explain({ "enriched.attack_id": { $not: /^T49/ } })).toMatchObject({ stages: ["COLLSCAN"] });
    expect(await explain({}, { _id: 1 })).toMatchObject({ stages: ["FETCH", "IXSCAN"] });
    expect(await explain({ $or: [{ _id: "id 1" }, { "enriched.attack_id": "T2" }] })).toEqual({
      stages: ["OR"],
      documents: 2,
    });
    expect(await explain({ n: 3 })).toEqual({ stages: ["COLLSCAN"], documents: 500 });
    const aggregated = await c
      .aggregate([{ $match: { "enriched.attack_id": "T8" } }, { $group: { _id: "$n" } }])
      .explain("executionStats");
    expect(stagesOf(aggregated.stages[0].$cursor)).toEqual(["FETCH", "IXSCAN"]);
  });

  test("does not use a sparse or partial index, which still enforces uniqueness", async () => {
    const c = collection();
    await c.insertMany([{ _id: 1 }, { _id: 2, s: null, p: 1 }, { _id: 3, s: 1, p: 5, on: true }]);
    await c.createIndex({ s: 1 }, { sparse: true });
    await c.createIndex({ p: 1 }, { partialFilterExpression: { on: true } });
    const ids = async (filter: Document) => (await c.find(filter).toArray()).map(({ _id }) => _id);
    expect(await ids({ s: null })).toEqual([1, 2]);
    expect(await ids({ s: 1 })).toEqual([3]);
    expect(stagesOf(await c.find({ s: 1 }).explain())).toEqual(["COLLSCAN"]);
    expect(stagesOf(await c.find({ s: null }).explain())).toEqual(["COLLSCAN"]);
    expect(await ids({ p: 1 })).toEqual([2]);
    expect(stagesOf(await c.find({ p: 5 }).explain())).toEqual(["COLLSCAN"]);
    expect(stagesOf(await c.find({ p: 5, on: true }).explain())).toEqual(["COLLSCAN"]);
    expect(await ids({ p: 5, on: true })).toEqual([3]);
  });

  test("finds what several documents of an array have between them", async () => {
    const c = collection();
    await c.createIndexes([{ key: { "a.x": 1, "a.y": 1 } }, { key: { a: 1, "a.z": 1 } }]);
    await c.insertOne({
      _id: 1,
      a: [
        { x: 1, y: 5 },
        { x: 2, y: 1 },
      ],
    });
    await c.insertOne({ _id: 2, a: ["one", { z: 1 }] });
    const ids = async (filter: Document) => (await c.find(filter).toArray()).map(({ _id }) => _id);
    expect(await ids({ "a.x": 1, "a.y": 1 })).toEqual([1]);
    expect(await ids({ "a.x": 1, "a.y": { $lt: 2 } })).toEqual([1]);
    expect(await ids({ a: "one", "a.z": 1 })).toEqual([2]);
  });

  test("finds the same with indexes as without, in the same order", async () => {
    const scalar = fc.oneof(
      fc.constantFrom<unknown>(null, true, false, "", "a", "b", "a\u0000", Number.NaN),
      fc.integer({ min: -2, max: 3 }),
      fc.constantFrom(
        new Double(1),
        Long.ONE,
        Decimal128.fromString("9007199254740993.5"),
        Long.fromString("9007199254740993"),
        new Int32(2),
        new Date(0),
        { x: 1 },
        {},
      ),
    );
    const value = fc.oneof(
      scalar,
      fc.array(scalar, { maxLength: 3 }),
      fc.array(fc.record({ x: scalar, y: scalar }, { requiredKeys: [] }), { maxLength: 3 }),
      fc.record({ x: fc.oneof(scalar, fc.array(scalar, { maxLength: 2 })) }),
    );
    const document = fc.record({ a: value, b: scalar }, { requiredKeys: [] });
    const path = fc.constantFrom("a", "b", "a.x", "a.y", "a.0", "a.0.x");
    const condition = fc.oneof(
      scalar,
      fc.array(scalar, { maxLength: 2 }).map((values) => ({ $in: values })),
      scalar.map((bound) => ({ $gt: bound })),
      fc.tuple(scalar, scalar).map(([low, high]) => ({ $gte: low, $lte: high })),
      fc.tuple(scalar, scalar).map(([low, high]) => ({ $gt: low, $lt: high })),
      fc.constantFrom({ $exists: true }, { $exists: false }, { $ne: null }),
      fc.constantFrom<unknown>(/^a/, /^a?/, { $regex: "^b" }, { $not: /^a/ }),
    );
    const clause = fc.tuple(path, condition).map(([field, test]) => ({ [field]: test }));
    const filter = fc.oneof(
      clause,
      fc.tuple(clause, clause).map((clauses) => ({ $and: clauses })),
      fc.tuple(clause, clause).map((clauses) => ({ $or: clauses })),
      fc.tuple(clause, clause).map(([one, other]) => ({ ...one, ...other })),
    );
    const sorts: Sort[] = [{ a: 1, _id: 1 }, { b: -1, _id: 1 }, { b: 1, "a.x": -1, _id: 1 }, { _id: -1 }];
    const db = server.db();
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { minLength: 1, maxLength: 8 }),
        fc.array(filter, { minLength: 6, maxLength: 6 }),
        async (documents, filters) => {
          const [plain, indexed] = [db.collection<Entry>("plain"), db.collection<Entry>("indexed")];
          await Promise.all([plain.drop(), indexed.drop()]);
          const numbered = documents.map((fields, _id) => ({ ...fields, _id }));
          await plain.insertMany(numbered);
          await indexed.createIndexes([
            { key: { a: 1 } },
            { key: { "a.x": -1 } },
            { key: { b: 1, "a.y": 1 } },
            { key: { "a.0": 1 } },
            { key: { a: 1, _id: 1 } },
            { key: { "a.x": 1, "a.y": 1 } },
          ]);
          await indexed.insertMany(numbered);
          // Half of them get their final form by an update, which has to move their index entries.
          await indexed.updateMany({ _id: { $lt: 4 } }, { $set: { a: "other", b: [1, 2] } });
          for (const { _id, ...fields } of numbered) {
            await indexed.replaceOne({ _id }, fields);
          }
          for (const query of filters) {
            for (const sort of sorts) {
              const expected = await plain.find(query).sort(sort).toArray();
              expect(await indexed.find(query).sort(sort).toArray()).toEqual(expected);
            }
            expect(await indexed.countDocuments(query)).toBe(await plain.countDocuments(query));
          }
        },
      ),
      { numRuns: 25, seed: 20_260_101 },
    );
  });
});

describe("a count", () => {
  test("reads no document where the keys of an index tell which match", async () => {
    const c = collection();
    const key = (i: number) => ({ at: new Date(i), family: `f${i % 3}`, tags: ["all", `tag ${i % 2}`] });
    await c.insertMany(
      Array.from({ length: 600 }, (_, i) => ({
        _id: i,
        ...key(i),
        n: i,
        long: "x".repeat(i % 2 ? 3 : 3_000),
      })),
    );
    await c.createIndexes([
      { key: { at: -1 } },
      { key: { family: 1, at: -1 } },
      { key: { tags: 1, at: 1 } },
      { key: { long: 1 } },
      { key: { n: 1 } },
    ]);
    const count = async (filter: Document, options: { skip?: number; limit?: number } = {}) => {
      const command = { count: c.collectionName, query: filter, ...options };
      const explained = await server.client.db(c.dbName).command({ explain: command });
      const { n } = await server.client.db(c.dbName).command(command);
      expect(await c.countDocuments(filter, options)).toBe(n);
      return [n, stagesOf(explained)[0], explained.executionStats.totalDocsExamined];
    };
    const between = (from: number, to: number) => ({ $gte: new Date(from), $lt: new Date(to) });
    expect(await count({ family: "f1" })).toEqual([200, "COUNT_SCAN", 0]);
    expect(await count({ family: { $in: ["f1", "f2", "f1", "none"] } })).toEqual([400, "COUNT_SCAN", 0]);
    expect(await count({ family: "f1", at: between(100, 400) })).toEqual([100, "COUNT_SCAN", 0]);
    expect(await count({ at: between(100, 400) })).toEqual([300, "COUNT_SCAN", 0]);
    expect(await count({ at: { $gt: new Date(100), $lt: new Date(100) } })).toEqual([0, "COUNT_SCAN", 0]);
    expect(await count({ tags: "tag 1" }, { skip: 100, limit: 50 })).toEqual([50, "COUNT_SCAN", 0]);
    expect(await count({ tags: "tag 1" }, { skip: 290, limit: 50 })).toEqual([10, "COUNT_SCAN", 0]);
    expect(await count({ long: "x".repeat(3_000) })).toEqual([300, "COUNT_SCAN", 0]);
    // A document has several of these keys, the keys are cut, or a filter says more than a key.
    expect(await count({ tags: { $in: ["all", "tag 1"] } })).toEqual([600, "FETCH", 600]);
    expect(await count({ tags: { $gte: "tag 0", $lt: "tag 1" } })).toEqual([600, "FETCH", 600]);
    expect(await count({ long: { $gt: "x" } })).toEqual([600, "FETCH", 600]);
    expect(await count({ family: "f1", n: { $gte: 300 } })).toEqual([100, "FETCH", 200]);
    expect(await count({ n: 1 })).toEqual([1, "FETCH", 1]);
  });
});

describe("a unique index", () => {
  test("refuses a second document with MongoDB's message", async () => {
    const c = collection();
    await c.createIndex({ a: 1, "b.c": -1 }, { unique: true });
    await c.insertOne({ _id: 1, a: "x", b: { c: 1 } });
    const error = await serverError(c.insertOne({ _id: 2, a: "x", b: { c: new Double(1) } }));
    expect(error.message).toBe(
      `E11000 duplicate key error collection: ${c.namespace} index: a_1_b.c_-1 dup key: { a: "x", b.c: 1.0 }`,
    );
    expect(error.errorResponse).toMatchObject({
      code: 11000,
      keyPattern: { a: 1, "b.c": -1 },
      keyValue: { a: "x", "b.c": 1 },
    });
    expect(await serverError(c.insertOne({ _id: 1 }))).toMatchObject({
      message: `E11000 duplicate key error collection: ${c.namespace} index: _id_ dup key: { _id: 1 }`,
      keyPattern: { _id: 1 },
    });
    await c.insertOne({ _id: 3, a: "y" });
    expect(await serverError(c.updateOne({ _id: 3 }, { $set: { a: "x", b: { c: 1 } } }))).toMatchObject({
      code: 11000,
    });
    expect(await c.find({ a: "x" }).toArray()).toHaveLength(1);
    expect(await c.findOne({ _id: 3 })).toEqual({ _id: 3, a: "y" });
  });

  test("treats missing as null, indexes the elements of an array, and keeps long texts apart", async () => {
    const c = collection();
    await c.createIndex({ k: 1 }, { unique: true });
    const long = "x".repeat(4000);
    await c.insertMany([
      { _id: 1 },
      { _id: 2, k: [1, 2, 2] },
      { _id: 3, k: long },
      { _id: 4, k: `${long}y` },
    ]);
    for (const k of [null, 2, [5, 1], long]) {
      await expect(c.insertOne({ _id: 9, k }), String(k).slice(0, 9)).rejects.toMatchObject({ code: 11000 });
    }
    await c.updateOne({ _id: 2 }, { $set: { k: [2, 3] } });
    await c.insertOne({ _id: 5, k: 1 });
    await expect(c.insertOne({ _id: 6, k: 3 })).rejects.toMatchObject({ code: 11000 });
  });

  test("refuses an array within an array as one value", async () => {
    const c = server.db().collection<Document>("c");
    await c.createIndex({ k: 1 }, { unique: true });
    await c.insertOne({ k: [[1, 2], 3] });
    expect(await serverError(c.insertOne({ k: [4, [1, 2]] }))).toMatchObject({
      code: 11000,
      keyValue: { k: [1, 2] },
      message: expect.stringContaining("dup key: { k: [ 1, 2 ] }"),
    });
  });

  test("is not built over duplicates, and leaves nothing behind", async () => {
    const c = collection();
    await c.insertMany([
      { _id: 1, k: 1 },
      { _id: 2, k: 1 },
    ]);
    await expect(c.createIndex({ k: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 });
    expect(await c.indexes()).toHaveLength(1);
    await c.deleteOne({ _id: 2 });
    await c.createIndex({ k: 1 }, { unique: true });
    await expect(c.insertOne({ _id: 3, k: 1 })).rejects.toMatchObject({ code: 11000 });
  });
});

describe("createIndexes", () => {
  test("creates up to 64 indexes for a collection", async () => {
    const c = collection();
    await c.createIndexes(Array.from({ length: 63 }, (_, i) => ({ key: { [`f${i}`]: 1 } })));
    expect(await serverError(c.createIndex({ more: 1 }))).toMatchObject({ code: 67 });
    expect(await c.createIndex({ f1: 1 })).toBe("f1_1");
  });

  test.each<[partialFilterExpression: Document, options: Document]>([
    [{ a: { $ne: 1 } }, {}],
    [{ a: { $exists: false } }, {}],
    [{ a: /x/ }, {}],
    [{ $or: [{ a: 1 }, { b: { $not: { $gt: 1 } } }] }, {}],
    [{ $nor: [{ a: 1 }] }, {}],
    [{ a: 1 }, { sparse: true }],
    [{ a: 1 }, { sparse: false }],
  ])("refuses the partial filter %j with %j", async (partialFilterExpression, options) => {
    const error = await serverError(
      collection().createIndex({ a: 1 }, { partialFilterExpression, ...options }),
    );
    expect(error).toMatchObject({ code: 67 });
  });

  test("treats null as absent, and refuses an index without a name or of an unknown version", async () => {
    const c = collection();
    const create = (index: Document) =>
      server.client
        .db(c.dbName)
        .command({ createIndexes: "c", indexes: [{ key: { a: 1 }, name: "a_1", ...index }] });
    expect(await serverError(create({ name: "" }))).toMatchObject({ code: 67 });
    expect(await serverError(create({ v: 3 }))).toMatchObject({ code: 67 });
    await create({ v: 1, partialFilterExpression: null, unique: null, sparse: null });
    expect((await c.indexes())[1]).toEqual({ v: 2, key: { a: 1 }, name: "a_1" });
  });

  test("is shown by $indexStats, which takes no options", async () => {
    const c = collection();
    await c.createIndex({ a: 1 });
    const shown = await c.aggregate([{ $indexStats: {} }], { promoteLongs: false }).toArray();
    expect(shown).toMatchObject(
      (await c.indexes()).map((spec) => ({ name: spec.name, key: spec.key, spec: { name: spec.name } })),
    );
    expect(shown[0]?.accesses.ops).toEqual(Long.ZERO);
    expect(await serverError(c.aggregate([{ $indexStats: { a: 1 } }]).toArray())).toMatchObject({
      code: 28803,
    });
  });

  test("takes the partial filters of MongoDB", async () => {
    const partialFilterExpression = {
      $and: [
        { a: { $exists: true, $type: "int" } },
        { $or: [{ b: { $in: [1] } }, { c: { $gte: 1, $lt: 9 } }] },
      ],
      d: { x: 1 },
    };
    expect(await collection().createIndex({ a: 1 }, { partialFilterExpression })).toBe("a_1");
  });

  test("accepts an index that exists, and refuses one that conflicts with it", async () => {
    const c = collection();
    expect(await c.createIndex({ a: 1 })).toBe("a_1");
    expect(await c.createIndex({ a: 1 })).toBe("a_1");
    expect(await c.createIndex({ _id: 1 })).toBe("_id_1");
    await expect(c.createIndex({ a: 1 }, { name: "b" })).rejects.toMatchObject({ code: 85 });
    await expect(c.createIndex({ a: 1 }, { unique: true })).rejects.toMatchObject({ code: 86 });
    await expect(c.createIndex({ b: 1 }, { name: "a_1" })).rejects.toMatchObject({ code: 86 });
    await expect(c.createIndex({ text: "text" })).rejects.toThrow(/of the type 'text': not supported/);
    await expect(c.insertOne({ _id: 1, a: [1], b: [1] })).resolves.toBeDefined();
    await expect(c.createIndex({ a: 1, b: 1 })).rejects.toMatchObject({ code: 171 });
    await c.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
    expect((await c.indexes()).map(({ name, expireAfterSeconds }) => [name, expireAfterSeconds])).toEqual([
      ["_id_", undefined],
      ["a_1", undefined],
      ["at_1", 60],
    ]);
    await c.dropIndex("a_1");
    await expect(c.dropIndex("a_1")).rejects.toMatchObject({ code: 27 });
    await expect(c.dropIndex("_id_")).rejects.toMatchObject({ code: 72 });
    expect(stagesOf(await c.find({ a: 1 }).explain())).toEqual(["COLLSCAN"]);
  });

  test("is dropped alone, even if it is named twice", async () => {
    const db = server.db();
    const c = db.collection("c");
    await c.createIndexes([{ key: { a: 1 } }, { key: { b: 1 } }]);
    await db.command({ dropIndexes: "c", index: ["a_1", "a_1"] });
    expect((await c.indexes()).map(({ name }) => name)).toEqual(["_id_", "b_1"]);
  });
});

test.each([1, -1] as const)(
  "a regular expression finds the same with an index (%i) as without one",
  async (direction) => {
    const c = server.db().collection("c");
    const values = [
      ...[
        "com.example.",
        "com.example.www.",
        "com.example",
        "com.example/",
        "com.Example.",
        "com.example-2.",
        "",
      ],
      ...["xcom.example.", "a", "ab", "abb", "ac", "é", "éa", "\u{1f600}", "a\nab", "a\0b"],
      ...[/^a/, /^com\.example\./, /a/, new BSONSymbol("abc"), new Code("abc"), null, 7],
      ...[["b", "com.example.x"], ["x", ["abc"]], [], { a: "abc" }],
    ];
    await c.insertMany(values.map((v) => ({ v, list: [v, "z"] })));
    const patterns = [
      /^com\.example\./,
      /^a/,
      /^ab/,
      /^ab*/,
      /^ab?$/,
      /^ab+/,
      /^a\w/,
      /^é/,
      /^😀/,
      /^a\nab$/,
      /^a|b/,
      /^$/,
      /^/,
    ];
    const filters = ["v", "list"].flatMap((path) =>
      [...patterns, /^ab/m, /^AB/i].flatMap((pattern) => [
        { [path]: pattern },
        { [path]: { $regex: pattern } },
        { [path]: { $eq: pattern } },
        { [path]: { $not: pattern } },
        { $or: [{ [path]: pattern }, { [path]: 7 }] },
      ]),
    );
    const findAll = () =>
      Promise.all(filters.map((filter) => c.find(filter).sort({ _id: 1 }).project({ _id: 1 }).toArray()));
    const without = await findAll();
    await c.createIndexes([{ key: { v: direction } }, { key: { list: direction } }]);
    expect(await findAll()).toEqual(without);
    expect(without.filter((found) => found.length > 0).length).toBeGreaterThan(60);
  },
);
