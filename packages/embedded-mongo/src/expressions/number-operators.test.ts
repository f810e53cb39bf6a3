import { Decimal128, Double, Int32, Long } from "bson";
import { describeExpressions } from "../testing/tables/expression-table.js";

const int = (value: number) => new Int32(value);
const long = (value: string) => Long.fromString(value);
const double = (value: number) => new Double(value);
const decimal = (value: string) => Decimal128.fromString(value);
const BEYOND = long("9007199254740993");

const document = {
  i: int(7),
  two: int(2),
  most: int(2147483647),
  l: long("5"),
  beyond: BEYOND,
  max: long("9223372036854775807"),
  min: long("-9223372036854775808"),
  d: double(3),
  half: double(0.5),
  tenth: double(0.1),
  nan: double(Number.NaN),
  dec: decimal("1.10"),
  cheap: decimal("2.20"),
  zero: decimal("0.00"),
  infinite: decimal("Infinity"),
  null: null,
  text: "5",
  list: [int(1), long("2"), BEYOND, "x", null],
  at: new Date(1000),
  later: new Date(5000),
  last: new Date(8.64e15),
};

describeExpressions("$add", document, [
  ["ints", { $add: ["$i", "$two", 1] }, int(10)],
  ["an int that overflows", { $add: ["$most", 1] }, long("2147483648")],
  ["an int that overflows on the way", { $add: ["$most", 1, -1] }, int(2147483647)],
  ["int and long", { $add: ["$i", "$l"] }, long("12")],
  ["a long beyond 2^53", { $add: ["$beyond", 2] }, long("9007199254740995")],
  ["a literal beyond 2^53", { $add: [BEYOND, 2] }, long("9007199254740995")],
  ["a literal of 2^53", { $add: [long("9007199254740992"), 1] }, BEYOND],
  ["a long that overflows", { $add: ["$max", 1] }, double(2 ** 63)],
  ["a long that overflows on the way", { $add: ["$max", 1, -1] }, double(2 ** 63)],
  ["int and double", { $add: ["$i", "$d"] }, double(10)],
  ["NaN", { $add: ["$i", "$nan"] }, double(Number.NaN)],
  ["decimals", { $add: ["$dec", "$cheap"] }, decimal("3.30")],
  ["an int, a long and a decimal", { $add: ["$i", "$beyond", "$dec"] }, decimal("9007199254741001.10")],
  ["a double has 15 digits beside a decimal", { $add: ["$tenth", "$dec"] }, decimal("1.200000000000000")],
  ["a decimal and NaN", { $add: ["$dec", "$nan"] }, decimal("NaN")],
  ["null", { $add: ["$i", "$null"] }, null],
  ["null before a wrong type", { $add: ["$null", "$text"] }, null],
  ["a missing field", { $add: ["$none", "$i"] }, null],
  ["nothing", { $add: [] }, int(0)],
  ["one operand without an array", { $add: "$l" }, long("5")],
  ["a date and numbers", { $add: [1, "$at", "$half"] }, new Date(1002)],
  ["a date and a negative half", { $add: ["$at", -0.5] }, new Date(999)],
  ["a date and a decimal, to even", { $add: ["$at", decimal("2.5")] }, new Date(1002)],
  ["two dates", { $add: ["$at", "$at"] }, { refused: 16612 }],
  ["a date that overflows", { $add: ["$at", "$max"] }, { refused: 15 }],
  ["a date and NaN", { $add: ["$at", "$nan"] }, { refused: 15 }],
  ["a date and an infinite decimal", { $add: ["$at", "$infinite"] }, { refused: 15 }],
  ["a text", { $add: ["$i", "$text"] }, { refused: 14 }],
  ["an array", { $add: ["$list"] }, { refused: 14 }],
]);

describeExpressions("$subtract", document, [
  ["ints", { $subtract: ["$i", "$two"] }, int(5)],
  ["an int that overflows", { $subtract: [-2, "$most"] }, long("-2147483649")],
  ["a long beyond 2^53", { $subtract: ["$beyond", 1] }, long("9007199254740992")],
  ["a literal of -2^53", { $subtract: [long("-9007199254740992"), 1] }, long("-9007199254740993")],
  ["a long that overflows", { $subtract: ["$min", 1] }, double(-(2 ** 63))],
  ["a double", { $subtract: ["$i", "$d"] }, double(4)],
  ["decimals", { $subtract: ["$cheap", "$dec"] }, decimal("1.10")],
  ["a decimal and itself", { $subtract: ["$dec", "$dec"] }, decimal("0.00")],
  ["an int and a decimal", { $subtract: ["$two", "$dec"] }, decimal("0.90")],
  ["a double and a decimal", { $subtract: ["$half", "$dec"] }, decimal("-0.600000000000000")],
  ["null and a text", { $subtract: ["$null", "$text"] }, null],
  ["a missing field", { $subtract: ["$i", "$none"] }, null],
  ["dates", { $subtract: ["$later", "$at"] }, long("4000")],
  ["a number from a date", { $subtract: ["$later", "$i"] }, new Date(4993)],
  ["a double from a date", { $subtract: ["$later", 1.5] }, new Date(4998)],
  ["a date from a number", { $subtract: ["$i", "$at"] }, { refused: 14 }],
  ["a text from a date", { $subtract: ["$at", "$text"] }, { refused: 14 }],
  ["a date that overflows", { $subtract: ["$at", "$min"] }, { refused: 15 }],
  ["one operand", { $subtract: ["$i"] }, { refused: 16020 }],
]);

describeExpressions("$multiply", document, [
  ["ints", { $multiply: ["$i", "$two"] }, int(14)],
  ["an int that overflows", { $multiply: ["$most", 2] }, long("4294967294")],
  ["longs beyond 2^53", { $multiply: ["$beyond", 3] }, long("27021597764222979")],
  ["a long that overflows", { $multiply: ["$max", 2] }, double(2 ** 64)],
  ["a long that overflows on the way", { $multiply: ["$max", 2, 0] }, double(0)],
  ["doubles all along", { $multiply: ["$beyond", 3, "$half"] }, double((2 ** 53 * 3) / 2)],
  ["int and double", { $multiply: ["$i", "$half"] }, double(3.5)],
  ["decimals", { $multiply: ["$dec", "$cheap"] }, decimal("2.4200")],
  ["an int and a decimal", { $multiply: [3, "$dec"] }, decimal("3.30")],
  ["a double and a decimal", { $multiply: ["$half", "$dec"] }, decimal("0.55000000000000000")],
  ["an infinite decimal and zero", { $multiply: ["$infinite", 0] }, decimal("NaN")],
  ["null", { $multiply: ["$null", "$i"] }, null],
  ["a missing field", { $multiply: ["$i", "$none"] }, null],
  ["nothing", { $multiply: [] }, int(1)],
  ["a boolean", { $multiply: ["$i", true] }, { refused: 14 }],
  ["a date", { $multiply: ["$i", "$at"] }, { refused: 14 }],
]);

describeExpressions("$divide", document, [
  ["ints", { $divide: [6, "$two"] }, double(3)],
  ["a long", { $divide: ["$l", "$two"] }, double(2.5)],
  ["a long beyond 2^53", { $divide: ["$beyond", 1] }, double(9007199254740992)],
  ["doubles", { $divide: ["$d", "$half"] }, double(6)],
  ["decimals", { $divide: ["$cheap", "$dec"] }, decimal("2")],
  ["a decimal and an int", { $divide: ["$dec", 3] }, decimal("0.3666666666666666666666666666666667")],
  ["a double and a decimal", { $divide: ["$half", "$dec"] }, decimal("0.4545454545454545454545454545454545")],
  ["null by zero", { $divide: ["$null", 0] }, null],
  ["a missing field", { $divide: ["$i", "$none"] }, null],
  ["a text", { $divide: ["$text", 1] }, { refused: 14 }],
  ["three operands", { $divide: [1, 2, 3] }, { refused: 16020 }],
  ["by zero", { $divide: ["$i", 0] }, { refused: 2 }],
  ["by a long zero", { $divide: ["$i", Long.ZERO] }, { refused: 2 }],
  ["by a double zero", { $divide: ["$i", double(-0)] }, { refused: 2 }],
  ["by a decimal zero", { $divide: ["$i", "$zero"] }, { refused: 2 }],
]);

describeExpressions("arithmetic within other expressions", document, [
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
  ["within a comparison", { $gt: [{ $add: ["$beyond", 1] }, "$beyond"] }, true],
  ["operands that are not needed are not computed", { $or: [true, { $divide: [1, 0] }] }, true],
]);
