import {
  type Collection,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  type MongoServerError,
} from "mongodb";
import { describe, expect, test } from "vitest";
import { serverError, useServer } from "../testing/server.js";

const server = useServer();

const int = (value: number) => new Int32(value);
const long = (value: string) => Long.fromString(value);
const double = (value: number) => new Double(value);
const decimal = Decimal128.fromString("1.10");
const BEYOND = long("9007199254740993");
const MAX_LONG = long("9223372036854775807");

const document = {
  i: int(7),
  two: int(2),
  most: int(2147483647),
  l: long("5"),
  beyond: BEYOND,
  max: MAX_LONG,
  min: long("-9223372036854775808"),
  d: double(3),
  half: double(0.5),
  nan: double(Number.NaN),
  dec: decimal,
  null: null,
  text: "5",
  list: [int(1), long("2"), BEYOND, "x", null],
  doubles: [double(0.1), double(0.2), double(0.3)],
  lists: [[int(1), int(2)], [int(3)]],
  at: new Date(1000),
  later: new Date(5000),
};

async function filled(): Promise<Collection<Document>> {
  const c = server.db().collection<Document>("c");
  await c.insertOne({ ...document });
  return c;
}

async function run(...pipeline: Document[]): Promise<Document[]> {
  return await (await filled()).aggregate(pipeline, { promoteValues: false }).toArray();
}

async function refusalOf(stage: Document): Promise<MongoServerError> {
  return await serverError((await filled()).aggregate([stage]).toArray());
}

const cases: readonly [string, Document, unknown][] = [
  ["$add: ints", { $add: ["$i", "$two", 1] }, int(10)],
  ["$add: an int that overflows", { $add: ["$most", 1] }, long("2147483648")],
  ["$add: int and long", { $add: ["$i", "$l"] }, long("12")],
  ["$add: a long beyond 2^53", { $add: ["$beyond", 2] }, long("9007199254740995")],
  ["$add: a literal beyond 2^53", { $add: [BEYOND, 2] }, long("9007199254740995")],
  ["$add: a literal of 2^53", { $add: [long("9007199254740992"), 1] }, BEYOND],
  ["$subtract: a literal of -2^53", { $subtract: [long("-9007199254740992"), 1] }, long("-9007199254740993")],
  ["$add: a long that overflows", { $add: ["$max", 1] }, double(2 ** 63)],
  ["$add: int and double", { $add: ["$i", "$d"] }, double(10)],
  ["$add: NaN", { $add: ["$i", "$nan"] }, double(Number.NaN)],
  ["$add: null", { $add: ["$i", "$null"] }, null],
  ["$add: a missing field", { $add: ["$none", "$i"] }, null],
  ["$add: nothing", { $add: [] }, int(0)],
  ["$add: one operand without an array", { $add: "$l" }, long("5")],
  ["$add: a date and numbers", { $add: [1, "$at", "$half"] }, new Date(1002)],
  ["$subtract: ints", { $subtract: ["$i", "$two"] }, int(5)],
  ["$subtract: an int that overflows", { $subtract: [-2, "$most"] }, long("-2147483649")],
  ["$subtract: a long beyond 2^53", { $subtract: ["$beyond", 1] }, long("9007199254740992")],
  ["$subtract: a long that overflows", { $subtract: ["$min", 1] }, double(-(2 ** 63))],
  ["$subtract: a double", { $subtract: ["$i", "$d"] }, double(4)],
  ["$subtract: null", { $subtract: ["$null", "$text"] }, null],
  ["$subtract: a missing field", { $subtract: ["$i", "$none"] }, null],
  ["$subtract: dates", { $subtract: ["$later", "$at"] }, long("4000")],
  ["$subtract: a number from a date", { $subtract: ["$later", "$i"] }, new Date(4993)],
  ["$multiply: ints", { $multiply: ["$i", "$two"] }, int(14)],
  ["$multiply: an int that overflows", { $multiply: ["$most", 2] }, long("4294967294")],
  ["$multiply: longs beyond 2^53", { $multiply: ["$beyond", 3] }, long("27021597764222979")],
  ["$multiply: a long that overflows", { $multiply: ["$max", 2] }, double(2 ** 64)],
  ["$multiply: int and double", { $multiply: ["$i", "$half"] }, double(3.5)],
  ["$multiply: null", { $multiply: ["$null", "$i"] }, null],
  ["$multiply: a missing field", { $multiply: ["$i", "$none"] }, null],
  ["$multiply: nothing", { $multiply: [] }, int(1)],
  ["$divide: ints", { $divide: [6, "$two"] }, double(3)],
  ["$divide: a long", { $divide: ["$l", "$two"] }, double(2.5)],
  ["$divide: a long beyond 2^53", { $divide: ["$beyond", 1] }, double(9007199254740992)],
  ["$divide: doubles", { $divide: ["$d", "$half"] }, double(6)],
  ["$divide: null", { $divide: ["$null", 0] }, null],
  ["$divide: a missing field", { $divide: ["$i", "$none"] }, null],
  ["$sum: an array, whose other values do not count", { $sum: "$list" }, long("9007199254740996")],
  ["$sum: an array as only operand", { $sum: ["$list"] }, long("9007199254740996")],
  ["$sum: an array among operands", { $sum: ["$i", "$list"] }, int(7)],
  ["$sum: ints", { $sum: ["$i", "$two"] }, int(9)],
  ["$sum: ints that overflow", { $sum: ["$most", "$most"] }, long("4294967294")],
  ["$sum: longs that overflow", { $sum: ["$max", "$max"] }, double(2 ** 64)],
  ["$sum: doubles, exactly rounded", { $sum: "$doubles" }, double(0.6)],
  ["$sum: a whole double", { $sum: ["$d", "$i"] }, double(10)],
  ["$sum: a long beyond 2^53 and doubles", { $sum: ["$beyond", "$half", "$half"] }, double(9007199254740994)],
  ["$sum: NaN", { $sum: ["$i", "$nan"] }, double(Number.NaN)],
  ["$sum: one number", { $sum: "$i" }, int(7)],
  ["$sum: null, a text and a missing field", { $sum: ["$null", "$text", "$none"] }, int(0)],
  ["$avg: ints", { $avg: ["$i", "$two"] }, double(4.5)],
  ["$avg: an array with a long beyond 2^53", { $avg: "$list" }, double(3002399751580332)],
  ["$avg: a whole double", { $avg: "$d" }, double(3)],
  ["$avg: null, a text and a missing field", { $avg: ["$null", "$text", "$none"] }, null],
  [
    "within each other",
    { $add: [{ $multiply: ["$beyond", 1] }, { $sum: ["$l", 1] }] },
    long("9007199254740999"),
  ],
  [
    "within $let",
    { $let: { vars: { x: { $add: ["$beyond", 2] } }, in: { $add: ["$$x", 2] } } },
    long("9007199254740997"),
  ],
  [
    "within $reduce",
    { $reduce: { input: ["$beyond", 2], initialValue: 0, in: { $add: ["$$value", "$$this"] } } },
    long("9007199254740995"),
  ],
  ["within $map over arrays", { $map: { input: "$lists", in: { $sum: "$$this" } } }, [int(3), int(3)]],
  [
    "within $reduce over arrays",
    { $reduce: { input: "$lists", initialValue: 0, in: { $add: ["$$value", { $sum: "$$this" }] } } },
    int(6),
  ],
  ["within a comparison", { $gt: [{ $add: ["$beyond", 1] }, "$beyond"] }, true],
  ["as an index", { $arrayElemAt: ["$list", { $subtract: ["$l", 5] }] }, int(1)],
];

describe("arithmetic of expressions", () => {
  test.each(cases)("%s", async (_name, expression, expected) => {
    expect(await run({ $project: { _id: 0, v: expression } })).toStrictEqual([{ v: expected }]);
  });

  const refusals: readonly [number, RegExp, Document][] = [
    ...["$add", "$subtract", "$multiply", "$divide", "$sum", "$avg"].map(
      (name): [number, RegExp, Document] => [
        14,
        new RegExp(`^\\${name} of a Decimal128: not supported by the embedded database`),
        { [name]: ["$i", "$dec"] },
      ],
    ),
    [14, /\$add only supports/, { $add: ["$i", "$text"] }],
    [14, /\$add only supports/, { $add: ["$list"] }],
    [16612, /only one date/, { $add: ["$at", "$at"] }],
    [15, /date overflow/, { $add: ["$at", "$max"] }],
    [14, /\$subtract only supports/, { $subtract: ["$i", "$at"] }],
    [16020, /takes exactly 2 arguments. 1 were passed in/, { $subtract: ["$i"] }],
    [14, /\$multiply only supports/, { $multiply: ["$i", true] }],
    [14, /\$divide only supports/, { $divide: ["$text", 1] }],
    [16020, /takes exactly 2 arguments. 3 were passed in/, { $divide: [1, 2, 3] }],
    [2, /can't \$divide by zero/, { $divide: ["$i", 0] }],
    [2, /can't \$divide by zero/, { $divide: ["$i", Long.ZERO] }],
  ];

  test.each(refusals)("error %i, %s: %j", async (code, message, expression) => {
    const error = await refusalOf({ $project: { v: expression } });
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});

describe("accumulators of $group", () => {
  const grouped: readonly [string, readonly unknown[], unknown, unknown][] = [
    ["ints", [int(1), int(2)], int(3), double(1.5)],
    ["ints that overflow", [int(2147483647), int(1)], long("2147483648"), double(1073741824)],
    ["longs", [long("1"), int(3)], long("4"), double(2)],
    ["a long beyond 2^53", [BEYOND, int(2)], long("9007199254740995"), double(4503599627370498)],
    ["longs that overflow", [MAX_LONG, MAX_LONG], double(2 ** 64), double(2 ** 63)],
    ["doubles", [double(0.1), double(0.2), double(0.3)], double(0.6), double(0.6 / 3)],
    ["a whole double", [double(2), int(2)], double(4), double(2)],
    ["NaN", [double(Number.NaN), int(2)], double(Number.NaN), double(Number.NaN)],
    ["null, a text, an array", [null, "5", [int(1)], int(4)], int(4), double(4)],
    ["no number", [null, "5"], int(0), null],
    ["only missing fields", [undefined], int(0), null],
  ];

  test.each(grouped)("%s", async (_name, values, sum, avg) => {
    const c = server.db().collection<Document>("c");
    await c.insertMany(values.map((v) => (v === undefined ? {} : { v })));
    const group = { $group: { _id: null, sum: { $sum: "$v" }, avg: { $avg: "$v" }, twos: { $sum: 2 } } };
    expect(await c.aggregate([group], { promoteValues: false }).toArray()).toStrictEqual([
      { _id: null, sum, avg, twos: int(2 * values.length) },
    ]);
  });

  test("a computed value", async () => {
    const group = { $group: { _id: { $add: ["$beyond", 2] }, v: { $sum: { $multiply: ["$beyond", 3] } } } };
    expect(await run(group)).toStrictEqual([{ _id: long("9007199254740995"), v: long("27021597764222979") }]);
  });

  test.each(["$sum", "$avg"])("%s refuses a Decimal128, and an array of expressions", async (name) => {
    const refuses = async (expression: unknown) =>
      await refusalOf({ $group: { _id: null, v: { [name]: expression } } });
    expect(await refuses("$dec")).toMatchObject({
      code: 14,
      message: expect.stringContaining(`${name} of a Decimal128: not supported`),
    });
    expect(await refuses(["$i", "$l"])).toMatchObject({ code: 40237 });
  });

  test("the pipeline of a $lookup", async () => {
    const pipeline = [{ $group: { _id: null, v: { $sum: "$beyond" } } }];
    const lookup = { $lookup: { from: "c", pipeline, as: "found" } };
    expect(await run(lookup, { $project: { _id: 0, found: 1 } })).toStrictEqual([
      { found: [{ _id: null, v: BEYOND }] },
    ]);
  });

  test("a find's projection, $expr and an update", async () => {
    const c = await filled();
    const sum = { $add: ["$beyond", 2] };
    expect(
      await c.findOne(
        { $expr: { $eq: [sum, long("9007199254740995")] } },
        {
          projection: { _id: 0, v: sum },
          promoteValues: false,
        },
      ),
    ).toStrictEqual({ v: long("9007199254740995") });
    await c.updateOne({}, [{ $set: { beyond: sum, d: { $add: ["$d", 1] } } }]);
    expect(
      await c.findOne({}, { projection: { _id: 0, beyond: 1, d: 1 }, promoteValues: false }),
    ).toStrictEqual({
      beyond: long("9007199254740995"),
      d: double(4),
    });
  });
});
