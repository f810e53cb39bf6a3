import { Decimal128, Double, Int32, Long } from "bson";
import { describe, expect, test } from "vitest";
import { encode, encodeValue, wholeDocument } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { decodeValue } from "../testing/decode-value.js";
import { describeExpressions } from "../testing/tables/expression-table.js";
import { compileExpression } from "./compile-expression.js";
import { compileAccumulator } from "./group-accumulators.js";

const int = (value: number) => new Int32(value);
const long = (value: string) => Long.fromString(value);
const double = (value: number) => new Double(value);
const decimal = (value: string) => Decimal128.fromString(value);
const BEYOND = long("9007199254740993");
const MAX_LONG = long("9223372036854775807");
const MISSING = undefined;

/** An accumulator over documents with these values in `v`. */
function accumulate(name: string, values: readonly unknown[], argument: unknown = "$v"): unknown {
  const compiled = compileAccumulator(name, encodeValue(argument), (spec) => compileExpression(spec));
  const state = compiled.start(() => undefined);
  for (const v of values) {
    const document = wholeDocument(encode(v === MISSING ? {} : { v }));
    state.add(compiled.argument({ root: document, variables: undefined }));
  }
  return decodeValue(state.result());
}

function refusalOf(name: string, argument: unknown): unknown {
  try {
    return accumulate(name, [], argument);
  } catch (error) {
    return error instanceof CommandError ? error.code : error;
  }
}

type AccumulatorCase = readonly [name: string, values: readonly unknown[], answer: unknown];

describe.each<[string, readonly AccumulatorCase[]]>([
  [
    "$sum",
    [
      ["ints", [int(1), int(2)], int(3)],
      ["ints that overflow", [int(2147483647), int(1)], long("2147483648")],
      ["ints that overflow on the way", [int(2147483647), int(1), int(-1)], int(2147483647)],
      ["longs", [long("1"), int(3)], long("4")],
      ["a long beyond 2^53", [BEYOND, int(2)], long("9007199254740995")],
      ["longs that overflow", [MAX_LONG, MAX_LONG], double(2 ** 64)],
      ["longs that overflow on the way", [MAX_LONG, MAX_LONG, long("-9223372036854775807")], MAX_LONG],
      ["doubles, exactly rounded", [double(0.1), double(0.2), double(0.3)], double(0.6)],
      ["ten tenths", Array.from({ length: 10 }, () => double(0.1)), double(1)],
      ["a whole double", [double(2), int(2)], double(4)],
      ["a long beyond 2^53 and doubles", [BEYOND, double(0.5), double(0.5)], double(9007199254740994)],
      ["NaN", [double(Number.NaN), int(2)], double(Number.NaN)],
      ["infinities", [double(Number.POSITIVE_INFINITY), int(2)], double(Number.POSITIVE_INFINITY)],
      ["doubles that overflow", [double(1e308), double(1e308)], double(Number.POSITIVE_INFINITY)],
      ["decimals", [decimal("1.10"), decimal("2.20")], decimal("3.30")],
      ["a decimal", [decimal("1E+3")], decimal("1000")],
      ["a decimal and integers", [decimal("1.10"), int(1), BEYOND], decimal("9007199254740995.10")],
      ["a decimal and a double", [double(0.5), decimal("1.10"), int(1)], decimal("2.60")],
      [
        "a decimal and an inexact double, with all its digits",
        [double(0.1), decimal("1")],
        decimal("1.100000000000000005551115123125783"),
      ],
      [
        "decimals apart from others",
        [double(1e34), decimal("0.1"), decimal("0.11"), double(-1e34)],
        decimal("0.21"),
      ],
      ["a decimal and NaN", [decimal("1"), double(Number.NaN)], decimal("NaN")],
      ["a decimal and an infinity", [decimal("1"), double(Number.NEGATIVE_INFINITY)], decimal("-Infinity")],
      ["null, a text, an array, missing", [null, "5", [int(1)], MISSING, int(4)], int(4)],
      ["no number", [null, "5"], int(0)],
      ["no document", [], int(0)],
    ],
  ],
  [
    "$avg",
    [
      ["ints", [int(1), int(2)], double(1.5)],
      ["a long beyond 2^53", [BEYOND, int(2)], double(4503599627370498)],
      ["longs that overflow", [MAX_LONG, MAX_LONG], double(2 ** 63)],
      ["doubles", [double(0.1), double(0.2), double(0.3)], double(0.6 / 3)],
      ["a whole double", [double(2), int(2)], double(2)],
      ["NaN", [double(Number.NaN), int(2)], double(Number.NaN)],
      ["decimals", [decimal("1.10"), decimal("2.20")], decimal("1.65")],
      [
        "a decimal and other numbers",
        [decimal("1.10"), int(1), double(0.5)],
        decimal("0.8666666666666666666666666666666667"),
      ],
      ["null, a text, an array, missing", [null, "5", [int(1)], MISSING, int(4)], double(4)],
      ["no number", [null, "5"], null],
      ["no document", [], null],
    ],
  ],
  [
    "$min",
    [
      ["numbers of every type", [int(3), long("2"), double(1.5), decimal("1.6")], double(1.5)],
      ["equal ones: the first", [int(1), double(1), decimal("1.0")], int(1)],
      ["a decimal below a double", [double(0.1), decimal("0.1")], decimal("0.1")],
      ["longs beyond 2^53", [long("9007199254740994"), BEYOND], BEYOND],
      ["null and missing do not count", [null, MISSING, "b", "a"], "a"],
      ["different types: a number before a text", ["a", int(9)], int(9)],
      ["an array is a value", [[int(2)], [int(1)]], [int(1)]],
      ["nothing but null", [null, MISSING], null],
    ],
  ],
  [
    "$max",
    [
      [
        "numbers of every type",
        [int(3), long("2"), double(1.5), decimal("3.0000000001")],
        decimal("3.0000000001"),
      ],
      ["equal ones: the first", [decimal("1.0"), int(1), double(1)], decimal("1.0")],
      ["null and missing do not count", [null, MISSING, "b", "a"], "b"],
      ["different types: a string after a number", ["a", int(9)], "a"],
      ["nothing but null", [null, MISSING], null],
    ],
  ],
  [
    "$first",
    [
      ["keeps its type", [long("1"), int(2)], long("1")],
      ["null", [null, int(2)], null],
      ["missing", [MISSING, int(2)], null],
      ["no document", [], null],
    ],
  ],
  [
    "$last",
    [
      ["keeps its type", [int(2), double(1)], double(1)],
      ["null", [int(2), null], null],
      ["missing", [int(2), MISSING], null],
      ["no document", [], null],
    ],
  ],
  [
    "$push",
    [
      [
        "values of every type",
        [int(1), long("1"), double(1), decimal("1.0")],
        [int(1), long("1"), double(1), decimal("1.0")],
      ],
      ["null is pushed, missing is not", [null, MISSING, { a: int(1) }], [null, { a: int(1) }]],
      ["no document", [], []],
    ],
  ],
  [
    "$addToSet",
    [
      [
        "equal numbers of every type: the first",
        [int(1), long("1"), double(1), decimal("1.0"), decimal("1.1")],
        [int(1), decimal("1.1")],
      ],
      ["a decimal that no double is", [double(0.1), decimal("0.1")], [double(0.1), decimal("0.1")]],
      ["null is added, missing is not", [null, MISSING, null], [null]],
      [
        "arrays and documents as wholes",
        [[int(1)], [double(1)], { a: int(1) }, { a: int(2) }],
        [[int(1)], { a: int(1) }, { a: int(2) }],
      ],
    ],
  ],
])("%s", (name, cases) => {
  test.each(cases)("%s", (_name, values, answer) => {
    expect(accumulate(name, values)).toStrictEqual(answer);
  });
});

describe("accumulators", () => {
  test("of constants and computed values", () => {
    expect(accumulate("$sum", [1, 2, 3], 2)).toStrictEqual(int(6));
    expect(accumulate("$sum", [1, 2, 3], { $multiply: ["$v", 2] })).toStrictEqual(int(12));
    expect(accumulate("$avg", [1, 2], 0.5)).toStrictEqual(double(0.5));
    expect(accumulate("$count", [1, null, MISSING], {})).toStrictEqual(int(3));
    expect(accumulate("$push", [1, 2], { a: "$v", b: "$none" })).toStrictEqual([
      { a: int(1) },
      { a: int(2) },
    ]);
  });

  test("refuse invalid arguments", () => {
    expect(refusalOf("$sum", ["$i", "$l"])).toBe(40237);
    expect(refusalOf("$first", ["$i"])).toBe(40237);
    expect(refusalOf("$count", { a: 1 })).toBe(14);
    expect(refusalOf("$count", 1)).toBe(14);
    expect(refusalOf("$sum", { $nope: 1 })).toBe(168);
    expect(refusalOf("$mergeObjects", "$v")).toBe(15952);
    expect(refusalOf("$topN", {})).toBe(15952);
  });

  test("report the bytes they hold, and hold values without their documents", () => {
    const held = (name: string, texts: readonly string[]): number => {
      const { start } = compileAccumulator(name, encodeValue("$v"), (spec) => compileExpression(spec));
      let bytes = 0;
      const state = start((more) => {
        bytes += more;
      });
      for (const text of texts) {
        state.add(encodeValue(text));
      }
      return bytes;
    };
    const long = "x".repeat(10_000);
    expect(held("$sum", [long])).toBe(0);
    expect(held("$push", [long, long])).toBeGreaterThan(20_000);
    expect(held("$addToSet", [long, long])).toBeGreaterThan(10_000);
    expect(held("$addToSet", [long, long])).toBe(held("$addToSet", [long]));
    expect(held("$last", [long, "short"])).toBe(held("$last", ["short"]));
    expect(held("$max", ["a", long])).toBe(held("$max", [long]));
  });
});

const document = {
  i: int(7),
  two: int(2),
  most: int(2147483647),
  max: MAX_LONG,
  d: double(3),
  dec: decimal("1.10"),
  null: null,
  text: "5",
  list: [int(1), long("2"), BEYOND, "x", null],
  lists: [[int(1), int(2)], [int(3)]],
};

describeExpressions("accumulators as expressions", document, [
  ["$sum: an array, whose other values do not count", { $sum: "$list" }, long("9007199254740996")],
  ["$sum: an array as only operand", { $sum: ["$list"] }, long("9007199254740996")],
  ["$sum: an array among operands", { $sum: ["$i", "$list"] }, int(7)],
  ["$sum: an array of arrays", { $sum: "$lists" }, int(0)],
  ["$sum: operands", { $sum: ["$i", "$two", "$null"] }, int(9)],
  ["$sum: ints that overflow", { $sum: ["$most", "$most"] }, long("4294967294")],
  ["$sum: longs that overflow", { $sum: ["$max", "$max"] }, double(2 ** 64)],
  ["$sum: decimals", { $sum: ["$dec", "$dec", 1] }, decimal("3.20")],
  ["$sum: one number", { $sum: "$i" }, int(7)],
  ["$sum: null, a text and a missing field", { $sum: ["$null", "$text", "$none"] }, int(0)],
  ["$sum: nothing", { $sum: [] }, int(0)],
  ["$avg: ints", { $avg: ["$i", "$two"] }, double(4.5)],
  ["$avg: an array with a long beyond 2^53", { $avg: "$list" }, double(3002399751580332)],
  ["$avg: a whole double", { $avg: "$d" }, double(3)],
  ["$avg: a decimal", { $avg: ["$dec", 1] }, decimal("1.05")],
  ["$avg: null, a text and a missing field", { $avg: ["$null", "$text", "$none"] }, null],
  ["$min: operands", { $min: ["$i", "$two", "$null"] }, int(2)],
  ["$min: one number", { $min: "$i" }, int(7)],
  ["$min: an array", { $min: "$list" }, int(1)],
  ["$min: a missing field", { $min: "$none" }, null],
  ["$max: one number", { $max: "$i" }, int(7)],
  ["$max: an array", { $max: "$list" }, "x"],
  ["$max: a decimal", { $max: ["$dec", 1] }, decimal("1.10")],
  ["$max: null", { $max: ["$null"] }, null],
]);
