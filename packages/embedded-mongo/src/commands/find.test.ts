import { type Collection, type Document, Long, MaxKey, MinKey } from "mongodb";
import { beforeAll, describe, expect, test } from "vitest";
import { serverError, useServer } from "../testing/server.js";

const server = useServer();

describe("find", () => {
  let c: Collection<Document & { _id: number }>;
  beforeAll(async () => {
    c = server.db().collection("c");
    await c.insertMany([{ _id: 1, a: 1, l: [1, 2], m: [3, 4] }, { _id: 2 }, { _id: 3, a: null }]);
    await c.createIndex({ s: 1 }, { sparse: true });
    await c.createIndex({ p: 1 }, { partialFilterExpression: { a: 1 } });
  });

  test.each([
    [{ a: { $gt: new MinKey() } }, [1, 2, 3]],
    [{ a: { $gte: new MinKey() } }, [1, 2, 3]],
    [{ a: { $lt: new MaxKey() } }, [1, 2, 3]],
    [{ a: { $lt: new MinKey() } }, []],
    [{ a: { $gt: new MaxKey() } }, []],
  ])("compares missing fields with MinKey and MaxKey: %j", async (filter, ids) => {
    expect((await c.find(filter).toArray()).map(({ _id }) => _id)).toEqual(ids);
  });

  test.each<[code: number, fields: Document]>([
    [2, { sort: { l: 1, m: 1 } }],
    [2, { sort: { $natural: 1, a: 1 } }],
    [2, { sort: { a: 1, $natural: 1 } }],
    [2, { sort: { $natural: 2 } }],
    [2, { hint: { $natural: "x" } }],
    [2, { hint: "s_1" }],
    [2, { hint: { p: 1 } }],
    [16410, { sort: { $a: 1 } }],
    [15974, { sort: { a: "x" } }],
    [15974, { sort: { a: { $meta: "textScore" } } }],
    [2, { filter: { a: { $regex: "x", $options: 1 } } }],
    [15983, { projection: { l: { $elemMatch: { $gt: 1 }, $slice: 1 } } }],
    [16410, { projection: { a: { x: 1, $slice: 1 } } }],
    [238, { projection: { a: { $meta: "textScore" } } }],
  ])("refuses with code %d %j", async (code, fields) => {
    expect(await serverError(server.client.db(c.dbName).command({ find: "c", ...fields }))).toMatchObject({
      code,
    });
  });

  test("refuses the hint of a missing index, also in updates and deletes by _id", async () => {
    const hint = { none: 1 };
    const error = { code: 2, message: expect.stringContaining("hint provided does not correspond") };
    expect(await serverError(c.updateOne({ _id: 1 }, { $set: { z: 1 } }, { hint }))).toMatchObject(error);
    expect(await serverError(c.deleteOne({ _id: 1 }, { hint }))).toMatchObject(error);
    expect(await serverError(c.findOneAndDelete({ _id: 1 }, { hint }))).toMatchObject(error);
    expect(await c.updateOne({ _id: 1 }, { $set: { z: 1 } }, { hint: "_id_" })).toMatchObject({
      modifiedCount: 1,
    });
  });

  test("reads in the natural order, either way", async () => {
    for (const [direction, ids] of [
      [1, [1, 2, 3]],
      [Long.fromNumber(-1), [3, 2, 1]],
    ] as const) {
      const { cursor } = await server.client
        .db(c.dbName)
        .command({ find: "c", sort: { $natural: direction } });
      expect(cursor.firstBatch.map(({ _id }: Document) => _id)).toEqual(ids);
    }
  });
});

describe("a DBRef", () => {
  let c: Collection<Document & { _id: number }>;
  beforeAll(async () => {
    c = server.db().collection("c");
    await c.insertMany([
      { _id: 1, one: { $ref: "other", $id: 7 }, list: [{ $ref: "other", $id: 7, $db: "d", more: 1 }] },
      { _id: 2, one: { $ref: "other", $id: 8 }, list: [{ $ref: "other", $id: 8 }] },
    ]);
  });

  test.each<[ids: number[], filter: Document]>([
    [[1], { one: { $ref: "other", $id: 7 } }],
    [[1], { one: { $in: [{ $ref: "other", $id: 7 }] } }],
    [[2], { one: { $ne: { $ref: "other", $id: 7 } } }],
    [[1], { "one.$id": 7 }],
    [[1], { list: { $elemMatch: { $id: 7 } } }],
    [[1], { list: { $elemMatch: { $ref: "other", $id: 7 } } }],
    [[1], { list: { $elemMatch: { $db: "d" } } }],
    [[1], { list: { $elemMatch: { more: 1, $id: 7 } } }],
    [[], { list: { $elemMatch: { $id: { $gt: 0 } } } }],
  ])("is found, in %j, by %j", async (ids, filter) => {
    expect((await c.find(filter).toArray()).map(({ _id }) => _id)).toEqual(ids);
  });

  test("needs $ref and $id as a value to compare with", async () => {
    for (const value of [{ $id: 7 }, { $ref: "other" }, { $db: "d" }]) {
      expect(await serverError(c.find({ one: value }).toArray()), JSON.stringify(value)).toMatchObject({
        code: 2,
      });
    }
  });

  test("is pulled from an array", async () => {
    const update: Document = { $pull: { list: { $ref: "other", $id: 8 } } };
    expect(await c.updateMany({}, update)).toMatchObject({ modifiedCount: 1 });
    expect(await c.countDocuments({ list: [] })).toBe(1);
  });
});
