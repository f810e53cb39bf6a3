import { Decimal128, Double, Int32, Long } from "bson";
import { describeExpressions } from "../testing/tables/expression-table.js";

const int = (value: number) => new Int32(value);
const one = int(1);
const document = {
  list: [int(3), new Double(1), Long.fromNumber(2), "x", null],
  objects: [{ n: int(1) }, { n: int(2) }, {}],
  empty: [],
  nested: [[int(1)], [int(2), int(3)]],
  null: null,
  text: "abc",
  i: int(1),
  d: new Double(1),
  half: new Double(0.5),
  long: Long.fromNumber(1),
  far: Long.fromString("9007199254740993"),
  dec: Decimal128.fromString("1.0"),
  zero: Decimal128.fromString("0.0"),
  object: { b: int(1), a: int(2) },
  other: { a: "new", c: null },
};

describeExpressions("$arrayElemAt", document, [
  ["from the start", { $arrayElemAt: ["$list", 0] }, int(3)],
  ["keeps the type", { $arrayElemAt: ["$list", 1] }, new Double(1)],
  ["from the end", { $arrayElemAt: ["$list", -2] }, "x"],
  ["beyond the end", { $arrayElemAt: ["$list", 9] }, undefined],
  ["beyond the start", { $arrayElemAt: ["$list", -9] }, undefined],
  ["a double", { $arrayElemAt: ["$list", "$d"] }, new Double(1)],
  ["a long", { $arrayElemAt: ["$list", "$long"] }, new Double(1)],
  ["a Decimal128", { $arrayElemAt: ["$list", "$dec"] }, new Double(1)],
  ["a fraction", { $arrayElemAt: ["$list", "$half"] }, { refused: 28691 }],
  ["a long beyond 32 bits", { $arrayElemAt: ["$list", "$far"] }, { refused: 28691 }],
  ["a text as position", { $arrayElemAt: ["$list", "$text"] }, { refused: 28690 }],
  ["null", { $arrayElemAt: ["$null", 0] }, null],
  ["a missing position", { $arrayElemAt: ["$list", "$none"] }, null],
  ["a text", { $arrayElemAt: ["$text", 0] }, { refused: 28689 }],
  ["one operand", { $arrayElemAt: ["$list"] }, { refused: 16020 }],
]);

describeExpressions("$first and $last", document, [
  ["$first", { $first: "$list" }, int(3)],
  ["$last", { $last: "$objects" }, {}],
  ["$first of an empty array", { $first: "$empty" }, undefined],
  ["$last of null", { $last: "$null" }, null],
  ["$first of a missing field", { $first: "$none" }, null],
  ["$first of a number", { $first: "$i" }, { refused: 28689 }],
  ["$last of a literal array", { $last: [["$i", "$text"]] }, "abc"],
]);

describeExpressions("$concatArrays", document, [
  ["two arrays", { $concatArrays: ["$nested", ["$i"]] }, [[int(1)], [int(2), int(3)], int(1)]],
  ["none", { $concatArrays: [] }, []],
  ["one, not in an array", { $concatArrays: "$empty" }, []],
  ["null", { $concatArrays: ["$list", "$null"] }, null],
  ["a missing field before a value that is not an array", { $concatArrays: ["$none", "$text"] }, null],
  [
    "a value that is not an array before a missing field",
    { $concatArrays: ["$text", "$none"] },
    { refused: 28664 },
  ],
  ["a number", { $concatArrays: ["$list", "$i"] }, { refused: 28664 }],
]);

describeExpressions("$filter", document, [
  ["by a field", { $filter: { input: "$objects", as: "o", cond: { $gt: ["$$o.n", 1] } } }, [{ n: int(2) }]],
  ["without a name", { $filter: { input: "$list", cond: { $eq: ["$$this", 2] } } }, [Long.fromNumber(2)]],
  ["a Decimal128 zero is false", { $filter: { input: [["$zero"]], cond: { $first: "$$this" } } }, []],
  ["limit", { $filter: { input: "$list", cond: true, limit: 2 } }, [int(3), new Double(1)]],
  ["limit null", { $filter: { input: "$nested", cond: true, limit: null } }, [[int(1)], [int(2), int(3)]]],
  ["limit 0", { $filter: { input: "$list", cond: true, limit: 0 } }, { refused: 327392 }],
  ["a limit with a fraction", { $filter: { input: "$list", cond: true, limit: 0.5 } }, { refused: 327391 }],
  ["null", { $filter: { input: "$null", cond: true } }, null],
  ["missing", { $filter: { input: "$none", cond: true } }, null],
  ["a text", { $filter: { input: "$text", cond: true } }, { refused: 28651 }],
  ["no cond", { $filter: { input: "$list" } }, { refused: 28650 }],
  ["no input", { $filter: { cond: true } }, { refused: 28648 }],
  ["an unknown field", { $filter: { input: "$list", cond: true, x: 1 } }, { refused: 28647 }],
  ["an array as argument", { $filter: ["$list", true] }, { refused: 28646 }],
]);

describeExpressions("$map", document, [
  ["with a name", { $map: { input: "$objects", as: "o", in: "$$o.n" } }, [int(1), int(2), null]],
  ["without a name", { $map: { input: "$nested", in: { $size: "$$this" } } }, [int(1), int(2)]],
  ["keeps types", { $map: { input: "$list", in: "$$this" } }, document.list],
  [
    "within $map",
    {
      $map: {
        input: "$nested",
        as: "a",
        in: { $map: { input: "$$a", as: "b", in: ["$$b", { $size: "$$a" }] } },
      },
    },
    [
      [[int(1), int(1)]],
      [
        [int(2), int(2)],
        [int(3), int(2)],
      ],
    ],
  ],
  ["null", { $map: { input: "$null", in: 1 } }, null],
  ["missing", { $map: { input: "$none", in: 1 } }, null],
  ["a number", { $map: { input: "$i", in: 1 } }, { refused: 16883 }],
  ["no in", { $map: { input: "$list" } }, { refused: 16882 }],
  ["a name that begins with a capital", { $map: { input: "$list", as: "X", in: 1 } }, { refused: 9 }],
  ["another's variable", { $map: { input: "$list", as: "a", in: "$$this" } }, { refused: 17276 }],
]);

describeExpressions("$reduce", document, [
  [
    "arrays into one",
    { $reduce: { input: "$nested", initialValue: [], in: { $concatArrays: ["$$value", "$$this"] } } },
    [int(1), int(2), int(3)],
  ],
  ["an empty array", { $reduce: { input: "$empty", initialValue: "$text", in: "$$this" } }, "abc"],
  ["null", { $reduce: { input: "$null", initialValue: 1, in: "$$this" } }, null],
  ["missing", { $reduce: { input: "$none", initialValue: 1, in: "$$this" } }, null],
  ["a text", { $reduce: { input: "$text", initialValue: 1, in: "$$this" } }, { refused: 40080 }],
  ["no initialValue", { $reduce: { input: "$list", in: 1 } }, { refused: 40078 }],
]);

describeExpressions("$in, $isArray, $size", document, [
  ["$in: numbers by value", { $in: ["$d", "$list"] }, true],
  ["$in: Decimal128 by value", { $in: ["$dec", [1, 2]] }, true],
  ["$in: null", { $in: ["$null", "$list"] }, true],
  ["$in: missing is not null", { $in: ["$none", "$list"] }, false],
  ["$in: a document, by the order of its fields", { $in: [{ a: 2, b: 1 }, ["$object"]] }, false],
  ["$in: nothing", { $in: ["$i", "$empty"] }, false],
  ["$in a text", { $in: ["$i", "$text"] }, { refused: 40081 }],
  ["$in null", { $in: ["$i", "$null"] }, { refused: 40081 }],
  ["$isArray", { $isArray: "$empty" }, true],
  ["$isArray in an array", { $isArray: ["$text"] }, false],
  ["$isArray: null", { $isArray: ["$null"] }, false],
  ["$isArray: missing", { $isArray: ["$none"] }, false],
  ["$isArray: two operands", { $isArray: [1, 2] }, { refused: 16020 }],
  ["$size", { $size: "$list" }, int(5)],
  ["$size of an empty array", { $size: "$empty" }, int(0)],
  ["$size of null", { $size: "$null" }, { refused: 17124 }],
  ["$size of a missing field", { $size: "$none" }, { refused: 17124 }],
  ["$size of a number", { $size: "$i" }, { refused: 17124 }],
]);

describeExpressions("$slice", document, [
  ["the first", { $slice: ["$list", 2] }, [int(3), new Double(1)]],
  ["the last", { $slice: ["$list", -2] }, ["x", null]],
  ["none", { $slice: ["$list", 0] }, []],
  ["from a position", { $slice: ["$list", 1, "$long"] }, [new Double(1)]],
  ["from the end", { $slice: ["$list", -2, 1] }, ["x"]],
  ["from before the start", { $slice: ["$list", -9, 1] }, [int(3)]],
  ["from beyond the end", { $slice: ["$list", 9, 1] }, []],
  ["null", { $slice: ["$null", 1] }, null],
  ["missing", { $slice: ["$none", 1] }, null],
  ["of null elements", { $slice: ["$list", "$null"] }, null],
  ["so many as null", { $slice: ["$list", 1, "$null"] }, null],
  ["a text", { $slice: ["$text", 1] }, { refused: 28724 }],
  ["a text as number", { $slice: ["$list", "$text"] }, { refused: 28725 }],
  ["a fraction", { $slice: ["$list", "$half"] }, { refused: 28726 }],
  ["a third that is a text", { $slice: ["$list", 1, "$text"] }, { refused: 28727 }],
  ["a third that is 0", { $slice: ["$list", 1, 0] }, { refused: 28729 }],
  ["one operand", { $slice: ["$list"] }, { refused: 28667 }],
]);

describeExpressions("$mergeObjects", document, [
  [
    "the last value at the first place",
    { $mergeObjects: ["$object", "$other"] },
    { b: one, a: "new", c: null },
  ],
  ["null and missing are left out", { $mergeObjects: ["$null", "$object", "$none"] }, document.object],
  ["only null", { $mergeObjects: "$null" }, {}],
  ["nothing", { $mergeObjects: [] }, {}],
  ["a number", { $mergeObjects: ["$object", "$i"] }, { refused: 40400 }],
  ["an array of documents", { $mergeObjects: "$objects" }, { n: int(2) }],
  ["an array among operands", { $mergeObjects: ["$object", "$objects"] }, { refused: 40400 }],
  ["an array of numbers", { $mergeObjects: "$list" }, { refused: 40400 }],
]);
