import { Decimal128, type Document, Double, Int32, Long } from "mongodb";
import { beforeAll, describe, expect, test } from "vitest";
import { useServer } from "../testing/server.js";

const server = useServer();

interface Stored extends Document {
  _id: string;
}

/** The types of numbers, by their names in `$type`; other values as they are. */
function typesOf(value: unknown): unknown {
  if (value instanceof Long) {
    return "long";
  }
  if (value instanceof Double) {
    return "double";
  }
  if (value instanceof Int32) {
    return "int";
  }
  if (Array.isArray(value)) {
    return value.map(typesOf);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, typesOf(inner)]))
    : value;
}

describe("a number that a pipeline passes on keeps its type", () => {
  const db = { name: "" };
  beforeAll(async () => {
    const made = server.db();
    db.name = made.databaseName;
    await made.collection<Stored>("c").insertOne({
      _id: "one",
      l: Long.fromNumber(5),
      d: new Double(7),
      i: new Int32(3),
      sub: { l: Long.fromNumber(1) },
      list: [Long.fromNumber(1), new Double(2), new Int32(3)],
    });
  });

  const cases: readonly [string, Document[], unknown][] = [
    [
      "$project",
      [{ $project: { _id: 0, l: 1, x: "$d", s: "$sub.l" } }],
      { l: "long", x: "double", s: "long" },
    ],
    [
      "$set",
      [{ $set: { l: "$$REMOVE", d: "$l", n: { of: "$d" } } }, { $unset: ["_id", "list", "sub"] }],
      { d: "long", i: "int", n: { of: "double" } },
    ],
    [
      "$replaceWith",
      [{ $replaceWith: { a: "$l", all: "$list" } }],
      { a: "long", all: ["long", "double", "int"] },
    ],
    ["$replaceRoot", [{ $replaceRoot: { newRoot: "$sub" } }], { l: "long" }],
    [
      "$match after a computed field",
      [{ $set: { x: "$l" } }, { $match: { x: { $type: "long" } } }, { $project: { _id: 0, x: 1 } }],
      { x: "long" },
    ],
    [
      "$group",
      [
        {
          $group: {
            _id: "$l",
            f: { $first: "$d" },
            m: { $max: "$list" },
            p: { $push: "$l" },
            s: { $addToSet: "$d" },
          },
        },
      ],
      { _id: "long", f: "double", m: ["long", "double", "int"], p: ["long"], s: ["double"] },
    ],
    ["$group by several", [{ $group: { _id: { a: "$l", b: "$d" } } }], { _id: { a: "long", b: "double" } }],
    [
      "$unwind",
      [{ $unwind: "$list" }, { $skip: 1 }, { $limit: 1 }, { $project: { _id: 0, list: 1, l: 1 } }],
      { l: "long", list: "double" },
    ],
    [
      "$lookup",
      [
        { $project: { l: 1 } },
        { $lookup: { from: "c", localField: "l", foreignField: "l", as: "f" } },
        { $project: { _id: 0, l: 1, "f.d": 1 } },
      ],
      { l: "long", f: [{ d: "double" }] },
    ],
    [
      "$ifNull and $cond",
      [
        {
          $project: {
            _id: 0,
            a: { $ifNull: ["$none", "$l"] },
            b: { $cond: [{ $gt: ["$d", 1] }, "$d", "$l"] },
            c: { $cond: ["$none", "$d", { $ifNull: ["$none", null, "$sub"] }] },
          },
        },
      ],
      { a: "long", b: "double", c: { l: "long" } },
    ],
    [
      "$type",
      [
        {
          $project: {
            _id: 0,
            l: { $type: "$l" },
            d: { $type: "$d" },
            i: { $type: "$i" },
            s: { $type: "$sub.l" },
          },
        },
      ],
      { l: "long", d: "double", i: "int", s: "long" },
    ],
  ];

  test.each(cases)("%s", async (_name, pipeline, types) => {
    const found = await server.client
      .db(db.name)
      .collection("c")
      .aggregate(pipeline, { promoteValues: false })
      .toArray();
    expect(found.map(typesOf)).toEqual([types]);
  });

  test("an update, and a find's projection", async () => {
    const c = server.db().collection<Stored>("c");
    await c.insertOne({
      _id: "one",
      l: Long.fromNumber(5),
      d: new Double(7),
      sub: { l: Long.fromNumber(1) },
    });
    await c.updateOne({ _id: "one" }, [{ $set: { moved: "$l", "sub.d": "$d" } }, { $unset: "l" }]);
    await c.updateOne({ _id: "one" }, [{ $replaceWith: { in: "$$ROOT", l: "$moved" } }]);
    const projection = { _id: 0, in: { moved: 1, d: 1, sub: 1 }, copy: "$in.sub", l: 1 };
    const [stored] = await c.find({}, { promoteValues: false, projection }).toArray();
    const sub = { l: "long", d: "double" };
    expect(typesOf(stored)).toEqual({ in: { moved: "long", d: "double", sub }, copy: sub, l: "long" });
  });

  test("a sum in $group, in the pipeline of a $lookup, in a find and in an update", async () => {
    const c = server.db().collection<Stored>("c");
    const beyond = Long.fromString("9007199254740993");
    const sum = { $add: ["$beyond", 2] };
    const more = Long.fromString("9007199254740995");
    await c.insertOne({ _id: "one", beyond, d: new Double(3) });
    const run = async (...pipeline: Document[]) =>
      await c.aggregate(pipeline, { promoteValues: false }).toArray();
    const group = { $group: { _id: sum, v: { $sum: { $multiply: ["$beyond", 3] } }, n: { $sum: 2 } } };
    const grouped = { _id: more, v: Long.fromString("27021597764222979"), n: new Int32(2) };
    expect(await run(group)).toStrictEqual([grouped]);
    const lookup = { $lookup: { from: "c", pipeline: [group], as: "found" } };
    expect(await run(lookup, { $project: { _id: 0, found: 1 } })).toStrictEqual([{ found: [grouped] }]);
    const projection = { _id: 0, v: sum };
    expect(
      await c.findOne({ $expr: { $eq: [sum, more] } }, { projection, promoteValues: false }),
    ).toStrictEqual({ v: more });
    await c.updateOne({}, [{ $set: { beyond: sum, d: { $add: ["$d", 1] } } }]);
    expect(
      await c.findOne({}, { projection: { _id: 0, beyond: 1, d: 1 }, promoteValues: false }),
    ).toStrictEqual({ beyond: more, d: new Double(4) });
  });

  test("decimals are summed, compared and grouped", async () => {
    const c = server.db().collection<Document>("c");
    const decimal = (text: string) => Decimal128.fromString(text);
    await c.insertMany([{ p: decimal("1.10") }, { p: decimal("2.20") }, { p: decimal("1.1") }, { p: 1.1 }]);
    const run = async (...pipeline: Document[]) =>
      await c.aggregate(pipeline, { promoteValues: false }).toArray();
    expect(
      await run(
        { $match: { p: { $type: "decimal" } } },
        { $group: { _id: null, sum: { $sum: "$p" }, avg: { $avg: "$p" }, max: { $max: "$p" } } },
      ),
    ).toStrictEqual([
      {
        _id: null,
        sum: decimal("4.40"),
        avg: decimal("1.466666666666666666666666666666667"),
        max: decimal("2.20"),
      },
    ]);
    expect(await run({ $sortByCount: "$p" }, { $sort: { count: -1, _id: -1 } })).toStrictEqual([
      { _id: decimal("1.10"), count: new Int32(2) },
      { _id: decimal("2.20"), count: new Int32(1) },
      { _id: new Double(1.1), count: new Int32(1) },
    ]);
  });

  test("groups equal numbers of different types together", async () => {
    const c = server.db().collection<Document>("c");
    await c.insertMany([
      { v: new Int32(1) },
      { v: Long.fromNumber(1) },
      { v: new Double(1) },
      { v: null },
      {},
    ]);
    const groups = await c
      .aggregate([{ $group: { _id: "$v", n: { $sum: 1 } } }, { $sort: { _id: 1 } }])
      .toArray();
    expect(groups).toEqual([
      { _id: null, n: 2 },
      { _id: 1, n: 3 },
    ]);
  });
});
