import { type Collection, Long } from "mongodb";
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

  test("aggregate, behind which stage it may be", async () => {
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

  test("a variable that is not among them", async () => {
    const error = await serverError(c.find({ $expr: "$$none" }, options).toArray());
    expect(error.message).toMatch(/Use of undefined variable: none/);
  });
});
