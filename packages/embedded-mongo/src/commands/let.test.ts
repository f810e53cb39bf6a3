import { type Collection, type Document, Long } from "mongodb";
import { beforeEach, describe, expect, test } from "vitest";
import { serverError, useServer } from "../testing/server.js";

const server = useServer();

interface Item {
  _id: number;
  n?: unknown;
}

describe("the variables of `let` in $expr", () => {
  const BEYOND = Long.fromString("9007199254740993");
  const found = { $expr: { $eq: ["$n", { $add: ["$$x", 1] }] } };
  const options = { let: { x: Long.fromString("9007199254740992") } };
  let c: Collection<Item>;

  beforeEach(async () => {
    c = server.db().collection<Item>("c");
    await c.insertMany([
      { _id: 1 },
      { _id: 2, n: BEYOND },
      { _id: 3, n: Long.fromString("9007199254740992") },
    ]);
  });

  test("find, and its projection", async () => {
    expect(await c.find(found, { ...options, projection: { x: "$$x" } }).toArray()).toEqual([
      { _id: 2, x: 2 ** 53 },
    ]);
  });

  test("aggregate, after any stage", async () => {
    const ids = async (...before: object[]) =>
      await c.aggregate([...before, { $match: found }, { $project: { _id: 1 } }], options).toArray();
    expect(await ids()).toEqual([{ _id: 2 }]);
    expect(await ids({ $set: { m: 1 } })).toEqual([{ _id: 2 }]);
  });

  test("update and delete", async () => {
    expect(await c.updateMany(found, { $set: { n: BEYOND } }, options)).toMatchObject({ matchedCount: 1 });
    expect(await c.deleteMany(found, options)).toMatchObject({ deletedCount: 1 });
    expect(await c.distinct("_id")).toEqual([1, 3]);
  });

  test("findAndModify", async () => {
    expect(await c.findOneAndUpdate(found, { $set: { n: BEYOND } }, options)).toMatchObject({ _id: 2 });
    expect(await c.findOneAndDelete(found, options)).toMatchObject({ _id: 2 });
  });

  test("an update's pipeline, and the fields of findAndModify", async () => {
    const set = [{ $set: { n: "$$x" } }];
    await c.updateMany({ _id: 1 }, set, options);
    const projection = { n: 1, x: { $add: ["$$x", 2] } };
    expect(
      await c.findOneAndUpdate({ $expr: { $eq: ["$n", "$$x"] } }, set, {
        ...options,
        projection,
        sort: { _id: 1 },
      }),
    ).toEqual({ _id: 1, n: 2 ** 53, x: Long.fromString("9007199254740994") });
    const shown = { x: "$$x" };
    expect(await c.findOneAndDelete({ _id: 1 }, { ...options, projection: shown })).toEqual({
      _id: 1,
      x: 2 ** 53,
    });
  });

  test("explain", async () => {
    await c.createIndex({ n: 1 });
    const filter = { $expr: { $eq: ["$n", "$$x"] } };
    const winningPlan = { stage: "FETCH", inputStage: { indexName: "n_1" } };
    expect(await c.find(filter, options).explain()).toMatchObject({ queryPlanner: { winningPlan } });
    const { stages } = await c.aggregate([{ $match: filter }, { $set: { x: "$$x" } }], options).explain();
    expect(stages).toMatchObject([{ $cursor: { queryPlanner: { winningPlan } } }, { $set: { x: "$$x" } }]);
  });

  test("are computed once, each from those before it", async () => {
    const variables = { a: { $add: [1, 2] }, b: ["$$a", { $literal: "$n" }], gone: "$$REMOVE", now: "$$NOW" };
    const fields = { _id: 0, a: "$$a", b: "$$b", gone: "$$gone", same: { $eq: ["$$now", "$$NOW"] } };
    expect(await c.findOne({}, { let: variables, projection: fields })).toEqual({
      a: 3,
      b: [3, "$n"],
      same: true,
    });
  });

  test.each<[number, Document]>([
    [4890500, { v: "$n" }],
    [4890500, { v: { $add: [1, "$$ROOT.n"] } }],
    [4890500, { v: { $let: { vars: { w: "$$CURRENT" }, in: 1 } } }],
    [17276, { v: "$$w", w: 1 }],
    [9, { V: 1 }],
    [168, { v: { $nope: 1 } }],
  ])("are refused with code %i: %j", async (code, variables) => {
    const updates = [{ q: {}, u: { $set: { n: 1 } } }];
    for (const command of [
      { find: "c" },
      { aggregate: "c", pipeline: [], cursor: {} },
      { update: "c", updates },
      { delete: "c", deletes: [{ q: {}, limit: 1 }] },
      { findAndModify: "c", remove: true },
    ]) {
      const run = server.client.db(c.dbName).command({ ...command, let: variables });
      expect(await serverError(run)).toMatchObject({ code });
    }
  });

  test("an undefined variable", async () => {
    const error = await serverError(c.find({ $expr: "$$none" }, options).toArray());
    expect(error.message).toMatch(/Use of undefined variable: none/);
  });
});
