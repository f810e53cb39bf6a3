import { BSONRegExp, type Db, type Document, Int32 } from "mongodb";
import { beforeAll, describe, expect, test } from "vitest";
import { serverError, useServer } from "../testing/server.js";

const server = useServer();

describe("$lookup", () => {
  const found = [{ _id: 1, k: 5 }];
  const cases: readonly [string, Document, Document][] = [
    ["found", { k: 5 }, { k: 5, found }],
    ["k", { k: 5 }, { k: found }],
    ["x.y", { k: 5 }, { k: 5, x: { y: found } }],
    ["x.y", { k: 5, x: { z: 1, y: 2 } }, { k: 5, x: { z: 1, y: found } }],
    ["x.y.z", { k: 5, x: { y: 1 } }, { k: 5, x: { y: { z: found } } }],
    ["x.y", { k: 5, x: null }, { k: 5, x: { y: found } }],
    ["x.y", { k: 6 }, { k: 6, x: { y: [] } }],
  ];

  test.each(cases)("as %s, of %j", async (as, document, expected) => {
    const db = server.db();
    await db
      .collection<Document>("others")
      .insertMany([...found, { k: 7 }].map((other): Document => ({ ...other })));
    await db.collection("c").insertOne({ ...document });
    const lookup = { $lookup: { from: "others", localField: "k", foreignField: "k", as } };
    expect(
      await db
        .collection("c")
        .aggregate([lookup, { $unset: "_id" }])
        .toArray(),
    ).toEqual([expected]);
  });
});

describe("what $lookup finds", () => {
  let db: Db;
  const others: Document[] = [
    { _id: 1, k: 5, d: { e: "x" } },
    { _id: 2, k: [5, 6] },
    { _id: 3, k: null },
    { _id: 4 },
    { _id: 5, k: "abc" },
    { _id: 6, k: /b/ },
    { _id: 7, k: [[5, 6]] },
    { _id: 8, k: { a: 1 } },
  ];
  beforeAll(async () => {
    db = server.db();
    await db.collection("others").insertMany(others);
    await db.collection("indexed").insertMany(others);
    await db.collection("indexed").createIndex({ k: 1 });
    await db.collection("indexed").createIndex({ "d.e": 1 });
  });

  const found = async (local: object, from: string, lookup: object): Promise<unknown> => {
    const c = db.collection<Document & { _id: number }>("local");
    await c.deleteMany({});
    await c.insertOne({ _id: 0, ...local });
    const [document] = await c.aggregate([{ $lookup: { from, as: "r", ...lookup } }]).toArray();
    return document?.r.map(({ _id }: Document) => _id);
  };

  test.each<[string, object, readonly number[]]>([
    ["a number", { k: 5 }, [1, 2]],
    ["an array: each of its elements", { k: [6, "abc"] }, [2, 5]],
    ["an array in an array", { k: [[5, 6]] }, [2, 7]],
    ["an empty array", { k: [] }, [3, 4]],
    ["null", { k: null }, [3, 4]],
    ["missing", {}, [3, 4]],
    ["a regular expression is a value", { k: new BSONRegExp("b") }, [6]],
    ["a document", { k: { a: new Int32(1) } }, [8]],
    ["a text", { k: "none" }, []],
  ])("by localField and foreignField: %s", async (_name, local, ids) => {
    for (const from of ["others", "indexed"]) {
      expect(await found(local, from, { localField: "k", foreignField: "k" })).toEqual(ids);
    }
  });

  test("by a path through arrays, on either side", async () => {
    const lookup = { localField: "a.k", foreignField: "d.e" };
    expect(await found({ a: [{ k: "y" }, 5, { k: ["z", "x"] }] }, "indexed", lookup)).toEqual([1]);
    expect(await found({ a: [{ n: 1 }] }, "others", { localField: "a.k", foreignField: "k" })).toEqual([
      3, 4,
    ]);
  });

  const equal = { $expr: { $eq: ["$k", "$$v"] } };
  test.each<[string, object, readonly number[]]>([
    ["a number", { k: 5 }, [1]],
    ["an array is one value", { k: [5, 6] }, [2]],
    ["null is not missing", { k: null }, [3]],
    ["missing is not null", {}, [4]],
    ["a regular expression is a value", { k: new BSONRegExp("b") }, [6]],
    ["a document", { k: { a: new Int32(1) } }, [8]],
  ])("by an expression of a variable: %s", async (_name, local, ids) => {
    for (const from of ["others", "indexed"]) {
      const by = (...pipeline: object[]) => found(local, from, { let: { v: "$k" }, pipeline });
      expect(await by({ $match: equal })).toEqual(ids);
      expect(await by({ $match: { $and: [{ $expr: { $and: [{ $eq: ["$$v", "$k"] }, true] } }] } })).toEqual(
        ids,
      );
      expect(await by({ $set: { z: 1 } }, { $match: equal })).toEqual(ids);
    }
  });

  test("by both, and with further stages", async () => {
    const lookup = {
      localField: "k",
      foreignField: "k",
      let: { least: "$least" },
      pipeline: [{ $match: { $expr: { $gte: ["$_id", "$$least"] } } }, { $sort: { _id: -1 } }, { $limit: 1 }],
    };
    expect(await found({ k: [5, "abc"], least: 0 }, "indexed", lookup)).toEqual([5]);
    expect(await found({ k: [5], least: 2 }, "others", lookup)).toEqual([2]);
    expect(await found({ k: [5], least: 3 }, "others", lookup)).toEqual([]);
  });

  test("in a $lookup within a $lookup, with the variables of both and of the command", async () => {
    const c = db.collection<Document>("outer");
    await c.insertOne({ k: 5 });
    const inner = {
      from: "others",
      let: { id: "$_id" },
      pipeline: [
        { $match: { $expr: { $and: [{ $eq: ["$_id", "$$id"] }, { $lte: ["$_id", "$$most"] }] } } },
        { $replaceWith: { id: "$_id", outer: "$$outer", most: "$$most" } },
      ],
      as: "inner",
    };
    const lookup = {
      from: "indexed",
      let: { outer: "$k" },
      pipeline: [
        { $match: { $expr: { $eq: ["$k", "$$outer"] } } },
        { $lookup: inner },
        { $project: { inner: 1 } },
      ],
      as: "r",
    };
    const pipeline = [{ $lookup: lookup }, { $project: { _id: 0, r: 1 } }];
    expect(await c.aggregate(pipeline, { let: { most: 5 } }).toArray()).toEqual([
      { r: [{ _id: 1, inner: [{ id: 1, outer: 5, most: 5 }] }] },
    ]);
  });

  test("nothing in a collection that does not exist, and all documents without a condition", async () => {
    expect(await found({ k: 5 }, "none", { localField: "k", foreignField: "k" })).toEqual([]);
    expect(await found({ k: 5 }, "none", { pipeline: [] })).toEqual([]);
    expect(await found({}, "others", { pipeline: [{ $match: { _id: { $lt: 3 } } }] })).toEqual([1, 2]);
  });

  test("by an index, where $expr compares a field with a variable", async () => {
    const c = db.collection("indexed");
    const plan = async (filter: object, options: object = {}): Promise<Document> => {
      const { queryPlanner } = await c.find(filter, options).explain("queryPlanner");
      return queryPlanner.winningPlan;
    };
    const indexed = { stage: "FETCH", inputStage: { indexName: "k_1" } };
    expect(await plan({ $expr: { $eq: ["$k", 5] } })).toMatchObject(indexed);
    expect(await plan({ $expr: { $eq: ["$k", "$$v"] } }, { let: { v: "abc" } })).toMatchObject(indexed);
    for (const v of [null, [5], "$$REMOVE", { $literal: new BSONRegExp("b") }]) {
      expect(await plan({ $expr: { $eq: ["$k", "$$v"] } }, { let: { v } })).toMatchObject({
        stage: "COLLSCAN",
      });
    }
    expect(await plan({ $expr: { $eq: ["$k", "$d"] } })).toMatchObject({ stage: "COLLSCAN" });
    expect(await plan({ $expr: { $or: [{ $eq: ["$k", 5] }] } })).toMatchObject({ stage: "COLLSCAN" });
  });
});

describe("$lookup refuses", () => {
  const both = { localField: "a", foreignField: "b" };
  test.each<[number, unknown]>([
    [9, "others"],
    [9, {}],
    [9, { from: "o", ...both }],
    [9, { as: "r", ...both }],
    [9, { as: "r", pipeline: [] }],
    [9, { from: 1, as: "r", ...both }],
    [9, { from: "o", as: 1, ...both }],
    [9, { from: "o", as: "r" }],
    [9, { from: "o", as: "r", localField: "a" }],
    [9, { from: "o", as: "r", foreignField: "a", pipeline: [] }],
    [9, { from: "o", as: "r", ...both, x: 1 }],
    [9, { from: "o", as: "r", ...both, let: { v: 1 } }],
    [9, { from: "o", as: "r", pipeline: [], let: [] }],
    [9, { from: "o", as: "r", pipeline: [], let: { V: 1 } }],
    [14, { from: "o", as: "r", pipeline: {} }],
    [40323, { from: "o", as: "r", pipeline: [1] }],
    [40324, { from: "o", as: "r", pipeline: [{ $out: "x" }] }],
    [17276, { from: "o", as: "r", pipeline: [{ $match: { $expr: "$$none" } }] }],
    [16410, { from: "o", as: "$r", ...both }],
  ])("with code %i: %j", async (code, lookup) => {
    const c = server.db().collection("c");
    expect(await serverError(c.aggregate([{ $lookup: lookup }]).toArray())).toMatchObject({ code });
  });

  test("a result of more than 16 MB", async () => {
    const db = server.db();
    const text = "x".repeat(6 * 1024 * 1024);
    await db.collection("o").insertMany([{ text }, { text }, { text }]);
    await db.collection("c").insertOne({});
    const pipeline = [
      { $lookup: { from: "o", pipeline: [], as: "r" } },
      { $project: { n: { $size: "$r" } } },
    ];
    expect(await serverError(db.collection("c").aggregate(pipeline).toArray())).toMatchObject({ code: 4568 });
  });
});
