import type { Collection, Document, UpdateFilter } from "mongodb";
import { describe, expect, test } from "vitest";
import { serverError, useServer } from "../testing/server.js";

const server = useServer();

interface Entry extends Document {
  readonly _id: number | string;
}

function collection(): Collection<Entry> {
  return server.db().collection<Entry>("c");
}

/** The document that an update makes of another, and whether the server says that it changed. */
async function updated(
  before: Entry,
  update: UpdateFilter<Entry> | Document[],
  options: Document = {},
  filter: Document = {},
): Promise<{ after: Document | null; modified: number }> {
  const c = collection();
  await c.insertOne(before);
  const { modifiedCount } = await c.updateOne(filter, update, options);
  return { after: await c.findOne(), modified: modifiedCount };
}

describe("an update", () => {
  test.each<[string, Entry, Document | Document[], Document]>([
    [
      "$set replaces in place and appends by name",
      { _id: 1, b: 1, a: 1 },
      { $set: { z: 1, b: 2, c: 3 } },
      { _id: 1, b: 2, a: 1, c: 3, z: 1 },
    ],
    ["$set makes documents on the way", { _id: 1 }, { $set: { "o.p.q": 1 } }, { _id: 1, o: { p: { q: 1 } } }],
    [
      "$set reaches into arrays by position",
      { _id: 1, l: [1, { x: 1 }] },
      { $set: { "l.1.x": 2, "l.3": 4 } },
      { _id: 1, l: [1, { x: 2 }, null, 4] },
    ],
    [
      "$unset",
      { _id: 1, a: 1, o: { p: 1, q: 2 }, l: [1, 2] },
      { $unset: { a: "", "o.p": "", "l.0": "", none: "" } },
      { _id: 1, o: { q: 2 }, l: [null, 2] },
    ],
    [
      "$inc and $mul",
      { _id: 1, a: 1, b: 3 },
      { $inc: { a: -2, n: 5 }, $mul: { b: 1.5, m: 2 } },
      { _id: 1, a: -1, b: 4.5, m: 0, n: 5 },
    ],
    [
      "$min and $max",
      { _id: 1, a: 5, b: 5, c: "x" },
      { $min: { a: 3, c: 1, d: 1 }, $max: { b: "z" } },
      { _id: 1, a: 3, b: "z", c: 1, d: 1 },
    ],
    ["$push", { _id: 1, l: [3] }, { $push: { l: 1, m: [2] } }, { _id: 1, l: [3, 1], m: [[2]] }],
    [
      "$push with $position, $sort and $slice",
      { _id: 1, l: [3, 1], m: [{ s: 2 }, { s: 5 }], p: [1, 2] },
      {
        $push: {
          l: { $each: [2, 9], $sort: -1, $slice: 3 },
          m: { $each: [{ s: 3 }], $sort: { s: -1 }, $slice: -2 },
          p: { $each: [8, 9], $position: 1 },
        },
      },
      { _id: 1, l: [9, 3, 2], m: [{ s: 3 }, { s: 2 }], p: [1, 8, 9, 2] },
    ],
    [
      "$addToSet",
      { _id: 1, l: [1, { a: 1 }] },
      { $addToSet: { l: { $each: [1, { a: 1 }, { a: 2 }, { a: 2 }] }, m: 1 } },
      { _id: 1, l: [1, { a: 1 }, { a: 2 }], m: [1] },
    ],
    [
      "$pull",
      { _id: 1, l: [1, 5, 9, [5]], o: [{ a: 1, b: 1 }, { a: 2 }] },
      { $pull: { l: { $gte: 5 }, o: { a: 1 } } },
      { _id: 1, l: [1], o: [{ a: 2 }] },
    ],
    [
      "$pullAll and $pop",
      { _id: 1, l: [1, 2, 1, 3], p: [1, 2], q: [1, 2] },
      { $pullAll: { l: [1, 3] }, $pop: { p: 1, q: -1 } },
      { _id: 1, l: [2], p: [1], q: [2] },
    ],
    [
      "a pipeline",
      { _id: 1, a: 1, o: { p: 1 } },
      [{ $set: { b: { $add: ["$a", 1] }, "o.q": "$a" } }, { $unset: "a" }],
      { _id: 1, o: { p: 1, q: 1 }, b: 2 },
    ],
  ])("%s", async (_name, before, update, after) => {
    const result = await updated(before, update);
    expect(JSON.stringify(result.after)).toBe(JSON.stringify(after));
    expect(result.modified).toBe(1);
  });

  test.each<[string, Document | Document[]]>([
    ["$set to the same", { $set: { a: 1, "o.p": "x" } }],
    ["$unset of nothing", { $unset: { none: "" } }],
    ["$inc by zero", { $inc: { a: 0 } }],
    ["$addToSet of what is there", { $addToSet: { l: 2 } }],
    ["$pull of what is not", { $pull: { l: 7, none: 1 } }],
    ["$max of less", { $max: { a: 0 } }],
    ["$setOnInsert", { $setOnInsert: { a: 9 } }],
    ["$setOnInsert where no field can be", { $setOnInsert: { "a.b": 9 } }],
    ["$unset where no field can be", { $unset: { "a.b": "", "l.x": "", "o.p.q": "" } }],
    ["$unset of null in an array", { $unset: { "m.0": "" } }],
    ["_id set to itself", { $set: { _id: 1 } }],
    ["a pipeline that computes the same", [{ $set: { a: { $max: ["$a", 0] } } }]],
    ["nothing at all", { $set: {} }],
  ])("modifies nothing by %s", async (_name, update) => {
    const before = { _id: 1, a: 1, o: { p: "x" }, l: [1, 2], m: [null] };
    expect(await updated(before, update)).toEqual({ after: before, modified: 0 });
  });

  test.each<[string, Document | Document[], number]>([
    ["_id changed", { $set: { _id: 2 } }, 66],
    ["_id removed", { $unset: { _id: "" } }, 66],
    ["two operators on one path", { $set: { a: 1 }, $inc: { a: 1 } }, 40],
    ["two paths, one within the other", { $set: { "a.b": 1 }, $unset: { a: "" } }, 40],
    ["an unknown operator", { $nope: { a: 1 } }, 9],
    ["a field below a number", { $set: { "a.b": 1 } }, 28],
    ["$inc of a text", { $inc: { s: 1 } }, 14],
    ["$inc by a text", { $inc: { a: "1" } }, 14],
    ["$push on a number", { $push: { a: 1 } }, 2],
    ["$addToSet on a text", { $addToSet: { s: 1 } }, 2],
    ["$pull on a text", { $pull: { s: 1 } }, 2],
    ["$pop by 2", { $pop: { l: 2 } }, 9],
    ["an empty name in a path", { $set: { "a..b": 1 } }, 56],
    ["a stage that is no update", [{ $group: { _id: 1 } }], 72],
  ])("is refused: %s", async (_name, update, code) => {
    const c = collection();
    const before = { _id: 1, a: 1, s: "x", l: [1] };
    await c.insertOne(before);
    expect(await serverError(c.updateOne({}, update))).toMatchObject({ code });
    expect(await c.findOne()).toEqual(before);
  });

  test("upserts the equalities of the filter, followed by the new fields", async () => {
    const c = collection();
    const result = await c.updateOne(
      { _id: "new", "o.p": 1, n: { $gt: 5 }, $and: [{ q: { $eq: 2 } }] },
      { $set: { z: 1 }, $inc: { b: 2 }, $setOnInsert: { made: true } },
      { upsert: true },
    );
    expect(result).toMatchObject({ upsertedId: "new", upsertedCount: 1, matchedCount: 0, modifiedCount: 0 });
    expect(JSON.stringify(await c.findOne())).toBe('{"_id":"new","o":{"p":1},"q":2,"b":2,"made":true,"z":1}');
    const { upsertedId } = await c.replaceOne({ n: 1 }, { n: 2 }, { upsert: true });
    expect(await c.findOne({ _id: upsertedId ?? "" })).toEqual({ _id: upsertedId, n: 2 });
    expect(await serverError(c.updateOne({ _id: 5 }, { $set: { _id: 6 } }, { upsert: true }))).toMatchObject({
      code: 66,
    });
    expect(await c.countDocuments()).toBe(2);
  });

  test("upserts the equalities of the filter in the order of their paths, each once", async () => {
    const c = collection();
    const filter = { z: 1, "b.y": 2, _id: 7, a: { $all: [3] }, "b.x": 4 };
    await c.updateOne(filter, { $set: { n: 1 } }, { upsert: true });
    expect(JSON.stringify(await c.findOne())).toBe('{"_id":7,"a":3,"b":{"x":4,"y":2},"z":1,"n":1}');
    const conflicts: readonly (readonly [code: number, filter: Document])[] = [
      [54, { c: { $all: [1, 2] } }],
      [54, { $and: [{ c: 1 }, { c: 2 }] }],
      [54, { c: 1, "c.d": 1 }],
    ];
    for (const [code, conflict] of conflicts) {
      expect(await serverError(c.updateOne(conflict, { $set: { n: 1 } }, { upsert: true }))).toMatchObject({
        code,
      });
    }
  });

  test.each<[Document]>([
    [{ $addToSet: { l: { $each: [1], $slice: 1 } } }],
    [{ $currentDate: { d: { $type: "date", more: 1 } } }],
    [{ $push: { l: { $each: [1], $more: 1 } } }],
    [{ $push: { l: { $each: [1], $slice: 1.5 } } }],
    [{ $pullAll: { l: 1 } }],
  ])("refuses an invalid argument even if nothing matches: %j", async (update) => {
    expect(await serverError(updated({ _id: 1 }, update))).toMatchObject({ code: 2 });
    expect(await serverError(collection().updateOne({ _id: "none" }, update))).toMatchObject({ code: 2 });
  });

  test('sorts pushed items by fields in their order, also by names such as "1"', async () => {
    const sort = new Map([
      ["b", 1],
      ["0", -1],
    ]);
    const update: Document = {
      $push: {
        l: {
          $each: [
            { b: 1, 0: 1 },
            { b: 1, 0: 2 },
          ],
          $sort: sort,
        },
      },
    };
    const { after } = await updated({ _id: 1, l: [{ b: 2, 0: 3 }, "no document"] }, update);
    expect(after).toEqual({ _id: 1, l: ["no document", { b: 1, 0: 2 }, { b: 1, 0: 1 }, { b: 2, 0: 3 }] });
  });

  test("replaces everything but the _id, and refuses another _id", async () => {
    const c = collection();
    await c.insertOne({ _id: 1, a: 1, b: 1 });
    expect(await c.replaceOne({ a: 1 }, { b: 2, a: 2 })).toMatchObject({ modifiedCount: 1 });
    expect(JSON.stringify(await c.findOne())).toBe('{"_id":1,"b":2,"a":2}');
    expect(await c.replaceOne({ a: 2 }, { b: 2, a: 2 })).toMatchObject({ matchedCount: 1, modifiedCount: 0 });
    const other: Document = { _id: 2, a: 3 };
    expect(await serverError(c.replaceOne({ a: 2 }, other))).toMatchObject({ code: 66 });
    const answer = await server.client.db(c.dbName).command({
      update: "c",
      updates: [{ q: {}, u: { a: 9 }, multi: true }],
    });
    expect(answer).toMatchObject({ n: 0, nModified: 0, writeErrors: [{ index: 0, code: 9 }] });
  });

  test("reports each statement of a batch, ordered or not", async () => {
    const db = server.db();
    const updates = [
      { q: { _id: 1 }, u: { $set: { a: 1 } }, upsert: true },
      { q: { _id: 1 }, u: { $set: { a: 1 } } },
      { q: { _id: 1 }, u: { $inc: { _id: 1 } } },
      { q: { _id: 2 }, u: { $set: { a: 2 } }, upsert: true },
      { q: {}, u: { $set: { b: 1 } }, multi: true },
    ];
    expect(await db.command({ update: "ordered", updates })).toMatchObject({
      n: 2,
      nModified: 0,
      upserted: [{ index: 0, _id: 1 }],
      writeErrors: [{ index: 2, code: 66 }],
      ok: 1,
    });
    expect(await db.collection("ordered").countDocuments()).toBe(1);
    expect(await db.command({ update: "unordered", updates, ordered: false })).toMatchObject({
      n: 5,
      nModified: 2,
      upserted: [
        { index: 0, _id: 1 },
        { index: 3, _id: 2 },
      ],
      writeErrors: [{ index: 2, code: 66 }],
    });
    const inserted = await db.command({
      insert: "unordered",
      documents: [{ _id: 2 }, { _id: 3 }, { _id: 3 }, { _id: [1] }, { _id: 4 }],
      ordered: false,
    });
    expect(inserted).toMatchObject({
      n: 2,
      writeErrors: [
        { index: 0, code: 11000, keyValue: { _id: 2 } },
        { index: 2, code: 11000 },
        { index: 3, code: 53 },
      ],
    });
  });

  test("is made and reported by findAndModify", async () => {
    const c = collection();
    await c.insertMany([
      { _id: 1, n: 3 },
      { _id: 2, n: 1 },
      { _id: 3, n: 2 },
    ]);
    expect(await c.findOneAndUpdate({ n: { $gt: 0 } }, { $inc: { n: 10 } }, { sort: { n: 1 } })).toEqual({
      _id: 2,
      n: 1,
    });
    expect(
      await c.findOneAndUpdate(
        { _id: 2 },
        { $inc: { n: 1 } },
        { returnDocument: "after", projection: { _id: 0 } },
      ),
    ).toEqual({ n: 12 });
    expect(await c.findOneAndUpdate({ _id: 9 }, { $set: { n: 9 } }, { upsert: true })).toBeNull();
    expect(await c.findOneAndReplace({ _id: 9 }, { m: 1 }, { returnDocument: "after" })).toEqual({
      _id: 9,
      m: 1,
    });
    expect(await c.findOneAndDelete({}, { sort: { n: -1 } })).toEqual({ _id: 2, n: 12 });
    expect(await c.findOneAndDelete({ none: 1 })).toBeNull();
    const told = await c.findOneAndUpdate(
      { _id: 10 },
      { $set: { a: 1 } },
      { upsert: true, includeResultMetadata: true, returnDocument: "after" },
    );
    expect(told).toMatchObject({
      lastErrorObject: { n: 1, updatedExisting: false, upserted: 10 },
      value: { _id: 10, a: 1 },
    });
  });
});
