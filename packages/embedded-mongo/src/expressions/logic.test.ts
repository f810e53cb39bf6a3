import { Decimal128, type Document, Double, Int32, Long } from "mongodb";
import { describe, expect, test } from "vitest";
import { serverError, useServer } from "../testing/server.js";
import { describeExpressions } from "../testing/tables/expression-table.js";

const server = useServer();

async function run(v: unknown, expression: Document): Promise<unknown> {
  const c = server.db().collection<Document>("c");
  await c.insertOne(v === undefined ? {} : { v });
  const [found] = await c.aggregate([{ $project: { _id: 0, r: expression } }]).toArray();
  return found?.r;
}

describe("truth of values", () => {
  const values: readonly [unknown, boolean][] = [
    [new Int32(0), false],
    [new Int32(-1), true],
    [Long.ZERO, false],
    [Long.fromString("9007199254740993"), true],
    [new Double(0), false],
    [new Double(-0), false],
    [new Double(0.5), true],
    [new Double(Number.NaN), true],
    [Decimal128.fromString("0.00"), false],
    [Decimal128.fromString("0.01"), true],
    [false, false],
    [true, true],
    [null, false],
    [undefined, false],
    ["", true],
    [[], true],
    [{}, true],
    [new Date(0), true],
  ];

  test.each(values)("%o: %s", async (value, truth) => {
    const no = !truth;
    expect(await run(value, { $cond: ["$v", "yes", "no"] })).toBe(truth ? "yes" : "no");
    expect(await run(value, { $concat: [{ $cond: ["$v", "yes", "no"] }] })).toBe(truth ? "yes" : "no");
    expect(await run(value, { $not: "$v" })).toBe(no);
    expect(await run(value, { $not: ["$v"] })).toBe(no);
    expect(await run(value, { $and: [true, "$v"] })).toBe(truth);
    expect(await run(value, { $or: ["$v", false] })).toBe(truth);
  });

  test("of no operands", async () => {
    expect(await run(0, { $and: [] })).toBe(true);
    expect(await run(0, { $or: [] })).toBe(false);
  });

  test("only the operands that are needed are evaluated", async () => {
    const fails = { $divide: [1, 0] };
    expect(await run(0, { $or: [true, fails] })).toBe(true);
    expect(await run(0, { $and: [false, fails] })).toBe(false);
    expect(await run(0, { $concat: [{ $cond: [true, "yes", fails] }] })).toBe("yes");
  });

  const failures: readonly [number, Document][] = [
    [16020, { $not: [1, 2] }],
    [16020, { $cond: ["$v", 1] }],
    [17082, { $cond: Object.fromEntries(["if", "then"].map((name) => [name, 1])) }],
    [17081, { $cond: { if: 1, else: 1 } }],
    [17080, { $cond: { else: 1 } }],
  ];

  test.each(failures)("error %i: %j", async (code, expression) => {
    expect((await serverError(run(0, expression))).code).toBe(code);
    expect((await serverError(run(0, { $concat: [expression] }))).code).toBe(code);
  });
});

/** An object must not have a property `then` by that very name: it would be taken for a promise. */
const THEN = "then";

function branch(condition: unknown, result: unknown): Document {
  return { case: condition, [THEN]: result };
}

const document = { one: new Double(1), two: Long.fromNumber(2), zero: new Int32(0), text: "x" };

function cases(field: string): Document[] {
  return [branch({ $eq: [field, 1] }, field), branch({ $gt: [field, 1] }, { $add: [field, 1] })];
}

describeExpressions("$switch", document, [
  ["the first branch", { $switch: { branches: [branch(true, 1), branch(true, 2)] } }, new Int32(1)],
  ["keeps a double", { $switch: { branches: cases("$one") } }, new Double(1)],
  ["computes a long", { $switch: { branches: cases("$two") } }, Long.fromNumber(3)],
  ["the default", { $switch: { branches: cases("$zero"), default: "none" } }, "none"],
  ["null as the default", { $switch: { branches: cases("$none"), default: null } }, null],
  ["a missing default", { $switch: { branches: cases("$zero"), default: "$none" } }, undefined],
  [
    "a missing field and a text as conditions",
    { $switch: { branches: [branch("$none", 1), branch("$text", 2)] } },
    new Int32(2),
  ],
  ["no branch matches", { $switch: { branches: cases("$zero") } }, { refused: 40066 }],
  ["no array", { $switch: { branches: 1 } }, { refused: 40061 }],
  ["no branch", { $switch: { branches: [] } }, { refused: 40068 }],
  ["a branch that is not a document", { $switch: { branches: [1] } }, { refused: 40062 }],
  ["a branch without case", { $switch: { branches: [{ [THEN]: 1 }] } }, { refused: 40064 }],
  ["a branch without then", { $switch: { branches: [{ case: true }] } }, { refused: 40065 }],
  ["an unknown part", { $switch: { branches: [branch(true, 1)], x: 1 } }, { refused: 40067 }],
]);

const VALUES = {
  zero: new Decimal128("0.0"),
  long: Long.ONE,
  double: new Double(0),
  no: false,
  empty: "",
  null: null,
};

// The manual's cases of $and and $or ("$undefined" is a missing field here), and of $ifNull.
describeExpressions("$and, $or and $ifNull", VALUES, [
  ["$and of a text", { $and: [1, "green"] }, true],
  ["$and of nothing", { $and: [] }, true],
  ["$and of arrays", { $and: [[null], [false], [0]] }, true],
  ["$and of null", { $and: [null, true] }, false],
  ["$and of 0", { $and: [0, true] }, false],
  ["$and of a missing field", { $and: ["$undefined", true] }, false],
  ["$and of numbers", { $and: [new Int32(1), "$long", new Double(0.5), new Decimal128("0.1")] }, true],
  ["$and of a decimal 0", { $and: ["$long", "$zero"] }, false],
  ["$or of one that is true", { $or: [true, false] }, true],
  ["$or of arrays", { $or: [[false], false] }, true],
  ["$or of null, 0 and a missing field", { $or: [null, 0, "$undefined"] }, false],
  ["$or of nothing", { $or: [] }, false],
  ["$or of zeros of all types", { $or: [new Int32(0), Long.ZERO, "$double", "$zero"] }, false],
  ["$or of an empty text", { $or: ["$empty", null] }, true],
  ["$ifNull of null", { $ifNull: ["$null", "Unspecified"] }, "Unspecified"],
  ["$ifNull of a missing field", { $ifNull: ["$undefined", new Int32(1)] }, new Int32(1)],
  ["$ifNull of several", { $ifNull: ["$null", "$undefined", "$long", "Unspecified"] }, Long.ONE],
  ["$ifNull keeps a decimal 0", { $ifNull: ["$zero", 1] }, new Decimal128("0.0")],
  ["$ifNull keeps a double 0", { $ifNull: ["$double", 1] }, new Double(0)],
  ["$ifNull keeps false and empty texts", [{ $ifNull: ["$no", 1] }, { $ifNull: ["$empty", 1] }], [false, ""]],
  ["$ifNull of nothing but nulls", { $ifNull: ["$null", "$undefined", null] }, null],
  ["$ifNull without a replacement", { $ifNull: ["$null", "$undefined"] }, undefined],
  ["$ifNull of one", { $ifNull: ["$null"] }, { refused: 1257300 }],
  ["$ifNull of no array", { $ifNull: "$null" }, { refused: 1257300 }],
]);

describeExpressions("$cond and $not", VALUES, [
  ["$cond of true", { $cond: [true, "$long", "$zero"] }, Long.ONE],
  ["$cond of a decimal 0", { $cond: ["$zero", 1, "$double"] }, new Double(0)],
  ["$cond of a long", { $cond: ["$long", "$zero", 1] }, new Decimal128("0.0")],
  ["$cond of null", { $cond: ["$null", 1, "$null"] }, null],
  ["$cond of a missing field", { $cond: ["$undefined", 1, "$undefined"] }, undefined],
  ["$cond of an empty text", { $cond: ["$empty", "yes", "no"] }, "yes"],
  ["$cond with names", { $cond: { if: "$no", [THEN]: 1, else: "no" } }, "no"],
  ["$cond of two", { $cond: [true, 1] }, { refused: 16020 }],
  ["$cond of a text", { $cond: "$no" }, { refused: 16020 }],
  ["$cond without if", { $cond: { [THEN]: 1, else: 2 } }, { refused: 17080 }],
  ["$cond without then", { $cond: { if: true, else: 2 } }, { refused: 17081 }],
  ["$cond without else", { $cond: { if: true, [THEN]: 1 } }, { refused: 17082 }],
  ["$cond with another name", { $cond: { if: true, [THEN]: 1, else: 2, x: 3 } }, { refused: 17083 }],
  ["$not of true", { $not: [true] }, false],
  ["$not of an array with false", { $not: [[false]] }, false],
  ["$not of a decimal 0", { $not: ["$zero"] }, true],
  ["$not of a long", { $not: ["$long"] }, false],
  ["$not of a double 0", { $not: "$double" }, true],
  ["$not of null", { $not: [null] }, true],
  ["$not of a missing field", { $not: ["$undefined"] }, true],
  ["$not of an empty text", { $not: ["$empty"] }, false],
  ["$not of nothing", { $not: [] }, { refused: 16020 }],
]);
