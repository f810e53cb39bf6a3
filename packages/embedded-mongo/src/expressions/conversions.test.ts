import { Decimal128, type Document, Double, Int32, Long, ObjectId } from "mongodb";
import { describe, expect, test } from "vitest";
import { serverError, useServer } from "../testing/server.js";

const server = useServer();

const int = (value: number) => new Int32(value);
const long = (value: string) => Long.fromString(value);
const double = (value: number) => new Double(value);
const decimal = (value: string) => Decimal128.fromString(value);
const BEYOND = long("9007199254740993");

async function run(v: unknown, expression: Document, promoteValues = false): Promise<unknown> {
  const c = server.db().collection<Document>("c");
  await c.insertOne(v === undefined ? {} : { v });
  const [found] = await c.aggregate([{ $project: { _id: 0, r: expression } }], { promoteValues }).toArray();
  return found;
}

describe("conversions to numbers", () => {
  const cases: readonly [string, unknown, unknown][] = [
    ["$toInt", int(7), int(7)],
    ["$toInt", long("7"), int(7)],
    ["$toInt", double(-7.9), int(-7)],
    ["$toInt", decimal("7.9999999999999999999999"), int(7)],
    ["$toInt", "-7", int(-7)],
    ["$toInt", true, int(1)],
    ["$toInt", null, null],
    ["$toInt", undefined, null],
    ["$toLong", int(7), long("7")],
    ["$toLong", BEYOND, BEYOND],
    ["$toLong", double(7.9), long("7")],
    ["$toLong", decimal("9007199254740993"), BEYOND],
    ["$toLong", "9007199254740993", BEYOND],
    ["$toLong", new Date(5000), long("5000")],
    ["$toLong", false, long("0")],
    ["$toLong", null, null],
    ["$toLong", undefined, null],
    ["$toDouble", int(7), double(7)],
    ["$toDouble", long("7"), double(7)],
    ["$toDouble", double(7.5), double(7.5)],
    ["$toDouble", decimal("7.5"), double(7.5)],
    ["$toDouble", "-7.5e1", double(-75)],
    ["$toDouble", true, double(1)],
    ["$toDouble", new Date(5000), double(5000)],
    ["$toDouble", null, null],
    ["$toDouble", undefined, null],
  ];

  test.each(cases)("%s of %o", async (operator, value, expected) => {
    expect(await run(value, { [operator]: "$v" })).toStrictEqual({ r: expected });
    expect(await run(value, { [operator]: ["$v"] })).toStrictEqual({ r: expected });
  });

  test("keep an exact number within another operator", async () => {
    expect(await run("9007199254740993", { $add: [{ $toLong: "$v" }, 2] })).toStrictEqual({
      r: long("9007199254740995"),
    });
    expect(await run("1", { $arrayElemAt: [["a", "b"], { $toInt: "$v" }] })).toStrictEqual({ r: "b" });
  });

  const failures: readonly [string, unknown][] = [
    ...["$toInt", "$toLong", "$toDouble"].flatMap((operator) =>
      ["", " 7", "7 ", "0x10", "seven", [7], {}, new ObjectId()].map((value): [string, unknown] => [
        operator,
        value,
      ]),
    ),
    ["$toInt", "7.0"],
    ["$toLong", "7e1"],
    ["$toInt", 2 ** 31],
    ["$toInt", "2147483648"],
    ["$toInt", new Date(0)],
    ["$toLong", 2 ** 63],
    ["$toLong", "9223372036854775808"],
    ["$toInt", Number.NaN],
    ["$toLong", Number.POSITIVE_INFINITY],
    ["$toLong", decimal("1E+3")],
  ];

  test.each(failures)("%s of %o fails", async (operator, value) => {
    expect((await serverError(run(value, { [operator]: "$v" }, true))).code).toBe(241);
  });
});

/** An object must not have a property `then` by that very name: it would be taken for a promise. */
const THEN = "then";

function branch(condition: unknown, result: unknown): Document {
  return { case: condition, [THEN]: result };
}

describe("$switch", () => {
  const branches = [branch({ $eq: ["$v", 1] }, "$v"), branch({ $gt: ["$v", 1] }, { $add: ["$v", 1] })];

  const cases: readonly [unknown, Document, unknown][] = [
    [double(1), { branches }, { r: double(1) }],
    [long("2"), { branches }, { r: long("3") }],
    [int(0), { branches, default: "none" }, { r: "none" }],
    [null, { branches, default: null }, { r: null }],
    [undefined, { branches, default: "$none" }, {}],
    [
      "x",
      {
        branches: [branch("$none", 1), branch("$v", 2)],
      },
      { r: int(2) },
    ],
  ];

  test.each(cases)("of %o: %j", async (value, argument, expected) => {
    expect(await run(value, { $switch: argument })).toStrictEqual(expected);
  });

  const failures: readonly [number, unknown][] = [
    [40066, { branches }],
    [40061, { branches: 1 }],
    [40068, { branches: [] }],
    [40062, { branches: [1] }],
    [40064, { branches: [{ [THEN]: 1 }] }],
    [40065, { branches: [{ case: true }] }],
  ];

  test.each(failures)("error %i: %j", async (code, argument) => {
    expect((await serverError(run(0, { $switch: argument }, true))).code).toBe(code);
    expect((await serverError(run(0, { $concat: [{ $switch: argument }] }, true))).code).toBe(code);
  });
});
