import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from "bson";
import { describeExpressions, type ExpressionCase } from "../testing/tables/expression-table.js";

const int = (value: number) => new Int32(value);
const long = (value: string) => Long.fromString(value);
const double = (value: number) => new Double(value);
const decimal = (value: string) => Decimal128.fromString(value);
const BEYOND = long("9007199254740993");
const ID = new ObjectId("5ab9c3da31c2ab715d421285");
const REFUSED = { refused: 241 };

/** Each case converts a literal; a missing value is a path to a field that is not there. */
function conversions(
  name: string,
  cases: readonly (readonly [value: unknown, answer: unknown])[],
): ExpressionCase[] {
  return cases.map(([value, answer]) => {
    const operand = value === undefined ? "$none" : { $literal: value };
    const shown =
      value === "" ? "an empty text" : typeof value === "object" ? JSON.stringify(value) : String(value);
    return [`${name}: ${shown.slice(0, 40)}`, { [name]: operand }, answer];
  });
}

describeExpressions("to an integer", {}, [
  ...conversions("$toInt", [
    [int(7), int(7)],
    [long("7"), int(7)],
    [double(-7.9), int(-7)],
    [decimal("7.9999999999999999999999"), int(7)],
    [decimal("1E+3"), int(1000)],
    ["-7", int(-7)],
    ["+7", int(7)],
    [true, int(1)],
    [null, null],
    [undefined, null],
    ["", REFUSED],
    [" 7", REFUSED],
    ["7 ", REFUSED],
    ["7.0", REFUSED],
    ["0x10", REFUSED],
    ["seven", REFUSED],
    ["2147483648", REFUSED],
    [double(2 ** 31), REFUSED],
    [double(Number.NaN), REFUSED],
    [decimal("Infinity"), REFUSED],
    [long("2147483648"), REFUSED],
    [new Date(0), REFUSED],
    [[int(7)], REFUSED],
    [{}, REFUSED],
    [ID, REFUSED],
  ]),
  ...conversions("$toLong", [
    [int(7), long("7")],
    [BEYOND, BEYOND],
    [double(7.9), long("7")],
    [decimal("9007199254740993"), BEYOND],
    [decimal("-9223372036854775808.9"), long("-9223372036854775808")],
    ["9007199254740993", BEYOND],
    [new Date(5000), long("5000")],
    [false, long("0")],
    [null, null],
    [undefined, null],
    ["7e1", REFUSED],
    [" 7", REFUSED],
    ["9223372036854775808", REFUSED],
    [double(2 ** 63), REFUSED],
    [double(Number.POSITIVE_INFINITY), REFUSED],
    [decimal("1E+400"), REFUSED],
    [decimal("NaN"), REFUSED],
    [ID, REFUSED],
  ]),
]);

describeExpressions("to a double", {}, [
  ...conversions("$toDouble", [
    [int(7), double(7)],
    [long("7"), double(7)],
    [BEYOND, double(9007199254740992)],
    [double(7.5), double(7.5)],
    [decimal("7.5"), double(7.5)],
    [decimal("0.1"), double(0.1)],
    [decimal("-Infinity"), double(Number.NEGATIVE_INFINITY)],
    ["-7.5e1", double(-75)],
    [".5", double(0.5)],
    ["0.0e5", double(0)],
    ["inf", double(Number.POSITIVE_INFINITY)],
    ["-Infinity", double(Number.NEGATIVE_INFINITY)],
    ["NaN", double(Number.NaN)],
    [true, double(1)],
    [new Date(5000), double(5000)],
    [null, null],
    [undefined, null],
    [" 7", REFUSED],
    ["7 ", REFUSED],
    ["0x10", REFUSED],
    ["seven", REFUSED],
    ["", REFUSED],
    ["1e400", REFUSED],
    [`${"1".repeat(300_000)}x`, REFUSED],
    ["1e-400", REFUSED],
    ["7.08263e-317", REFUSED],
    ["2.2250738585072014e-308", double(2 ** -1022)],
    [decimal("1E+400"), REFUSED],
    [decimal("1E-400"), REFUSED],
    [[7], REFUSED],
    [ID, REFUSED],
  ]),
  ["the number of operands", { $toDouble: [1, 2] }, { refused: 50723 }],
  ["no operand", { $toDouble: [] }, { refused: 50723 }],
  ["an operand in an array", { $toDouble: ["7"] }, double(7)],
]);

describeExpressions("to a boolean", {}, [
  ...conversions("$toBool", [
    [int(0), false],
    [long("0"), false],
    [double(-0), false],
    [decimal("0.00"), false],
    [double(Number.NaN), true],
    [decimal("0.01"), true],
    ["", true],
    ["false", true],
    [false, false],
    [new Date(0), true],
    [[], true],
    [ID, true],
    [new MinKey(), true],
    [null, null],
    [undefined, null],
  ]),
]);

describeExpressions("to a text", {}, [
  ...conversions("$toString", [
    [int(-2), "-2"],
    [BEYOND, "9007199254740993"],
    [double(2.5), "2.5"],
    [double(3), "3"],
    [double(-0), "-0"],
    [double(0.1), "0.1"],
    [double(0.0001), "0.0001"],
    [double(0.00001234), "1.234e-05"],
    [double(123456789012345680), "1.2345678901234568e+17"],
    [double(1e15), "1000000000000000"],
    [double(1e16), "1e+16"],
    [double(1e-300), "1e-300"],
    [double(Number.NEGATIVE_INFINITY), "-Infinity"],
    [double(Number.NaN), "NaN"],
    [decimal("1.10"), "1.10"],
    [decimal("1E+3"), "1E+3"],
    [true, "true"],
    ["text", "text"],
    [ID, "5ab9c3da31c2ab715d421285"],
    [new Date("2018-03-27T16:58:51.538Z"), "2018-03-27T16:58:51.538Z"],
    [new Date(253402300800000), { refused: 18537 }],
    [null, null],
    [undefined, null],
    [[], REFUSED],
    [{}, REFUSED],
    [new Binary(new Uint8Array([1])), REFUSED],
  ]),
]);

describeExpressions("to an ObjectId", {}, [
  ...conversions("$toObjectId", [
    ["5ab9c3da31c2ab715d421285", ID],
    ["5AB9C3DA31C2AB715D421285", ID],
    [ID, ID],
    [null, null],
    [undefined, null],
    ["5ab9c3da31c2ab715d42128", REFUSED],
    ["5ab9c3da31c2ab715d42128x", REFUSED],
    ["twelve bytes", REFUSED],
    [int(1), REFUSED],
  ]),
]);

// The manual's cases of $toDate, and what it has no conversion for.
describeExpressions("to a date", {}, [
  ...conversions("$toDate", [
    [double(120000000000.5), new Date("1973-10-20T21:20:00Z")],
    [decimal("1253372036000.50"), new Date("2009-09-19T14:53:56Z")],
    [long("1100000000000"), new Date("2004-11-09T11:33:20Z")],
    [long("-1100000000000"), new Date("1935-02-22T12:26:40Z")],
    [ID, new Date("2018-03-27T04:08:58Z")],
    ["2018-03-27", new Date("2018-03-27T00:00:00Z")],
    ["2018-03-27 11:08:58", new Date("2018-03-27T11:08:58Z")],
    [new Timestamp({ t: 1637688118, i: 1 }), new Date("2021-11-23T17:21:58Z")],
    [new Date(5), new Date(5)],
    [null, null],
    [undefined, null],
    ["Friday", REFUSED],
    ["", REFUSED],
    [int(1), REFUSED],
    [true, REFUSED],
    [double(Number.NaN), REFUSED],
    [{}, REFUSED],
  ]),
]);

describeExpressions("a value's type", {}, [
  ...conversions("$type", [
    [undefined, "missing"],
    [null, "null"],
    [int(1), "int"],
    [long("1"), "long"],
    [double(1), "double"],
    [decimal("1"), "decimal"],
    ["", "string"],
    [true, "bool"],
    [{}, "object"],
    [[], "missing"],
    [new Date(0), "date"],
    [ID, "objectId"],
    [new Binary(new Uint8Array([1])), "binData"],
    [new BSONRegExp("a"), "regex"],
    [new Timestamp(0n), "timestamp"],
    [new Code("x"), "javascript"],
    [new MinKey(), "minKey"],
    [new MaxKey(), "maxKey"],
  ]).map((one): ExpressionCase => (one[0] === "$type: []" ? ["$type: []", { $type: [[]] }, "array"] : one)),
  ["$type of two", { $type: [1, 2] }, { refused: 16020 }],
]);
