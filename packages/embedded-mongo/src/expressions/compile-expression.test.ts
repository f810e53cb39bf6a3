import { Decimal128, Double, Int32, Long } from "bson";
import { describeExpressions } from "../testing/tables/expression-table.js";

const document = {
  i: new Int32(7),
  whole: new Double(3),
  long: Long.fromString("9007199254740993"),
  zero: Decimal128.fromString("0.00"),
  minusZero: new Double(-0),
  nan: new Double(Number.NaN),
  text: "x",
  empty: "",
  null: null,
  list: [{ a: new Int32(1) }, { a: new Int32(2), b: "x" }, { c: 1 }, new Int32(5), [{ a: new Int32(9) }]],
  "10": { "2": "b", "1": "a" },
};

describeExpressions("field paths, variables and literals", document, [
  ["a field keeps its type: int", "$i", new Int32(7)],
  ["a field keeps its type: whole double", "$whole", new Double(3)],
  ["a field keeps its type: long", "$long", Long.fromString("9007199254740993")],
  ["a missing field", "$none", undefined],
  ["a path through a value", "$i.x", undefined],
  ["a path through an array", "$list.a", [new Int32(1), new Int32(2)]],
  ["a number in a path is a name", "$list.0", []],
  ["a number as a name", "$10.2", "b"],
  ["$$ROOT and $$CURRENT", ["$$ROOT.i", "$$CURRENT.text"], [new Int32(7), "x"]],
  ["$$REMOVE", { a: "$$REMOVE", b: 1 }, { b: new Int32(1) }],
  ["missing within an array", ["$none", "$i"], [null, new Int32(7)]],
  ["missing within a document", { a: "$none", b: "$i" }, { b: new Int32(7) }],
  ["a whole double in a pipeline", new Double(2), new Double(2)],
  ["a text without $", "i", "i"],
  ["$literal", { $literal: "$i" }, "$i"],
  ["$let", { $let: { vars: { a: "$i", b: 2 }, in: ["$$a", "$$b"] } }, [new Int32(7), new Int32(2)]],
  [
    "$let: variables do not see each other",
    { $let: { vars: { a: 1 }, in: { $let: { vars: { a: 2, b: "$$a" }, in: ["$$a", "$$b"] } } } },
    [new Int32(2), new Int32(1)],
  ],
  [
    "$let: a path of a variable",
    { $let: { vars: { a: "$list" }, in: "$$a.a" } },
    [new Int32(1), new Int32(2)],
  ],
  [
    "$let: null and missing",
    { $let: { vars: { a: "$null", b: "$none" }, in: ["$$a", "$$b"] } },
    [null, null],
  ],
  ["$let without in", { $let: { vars: {} } }, { refused: 16877 }],
  ["$let of a number", { $let: 1 }, { refused: 16874 }],
  ["$let: an unknown field", { $let: { vars: {}, in: 1, x: 1 } }, { refused: 16875 }],
  ["$let: a capital letter", { $let: { vars: { A: 1 }, in: 1 } }, { refused: 9 }],
  ["an unknown variable", "$$none", { refused: 17276 }],
  ["$", "$", { refused: 16872 }],
  ["an empty name", "$a..b", { refused: 15998 }],
  ["a dot at the end", "$a.", { refused: 40353 }],
  ["two operators", { $and: [], $or: [] }, { refused: 15983 }],
  ["an unknown operator", { $nope: 1 }, { refused: 168 }],
  ["a dotted field", { "a.b": 1 }, { refused: 16412 }],
]);

describeExpressions("truth of values", document, [
  ["an int", { $not: "$i" }, false],
  ["a Decimal128 zero", { $not: "$zero" }, true],
  ["minus zero", { $not: "$minusZero" }, true],
  ["NaN", { $not: "$nan" }, false],
  ["a text, even an empty one", { $not: "$empty" }, false],
  ["null", { $not: ["$null"] }, true],
  ["missing", { $not: ["$none"] }, true],
  ["an array, even an empty one", { $not: [[]] }, false],
]);
