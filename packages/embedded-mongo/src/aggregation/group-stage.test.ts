import { Decimal128, Double, Int32, Long } from "bson";
import { describeStages } from "../testing/tables/stage-table.js";

const documents = [
  { _id: 1, k: new Int32(1), v: 2, s: "a" },
  { _id: 2, k: Long.fromNumber(1), v: new Double(1.5), s: "b" },
  { _id: 3, k: new Double(1), v: null, s: "a" },
  { _id: 4, k: Decimal128.fromString("1.00"), v: "x" },
  { _id: 5, k: null, v: Long.fromNumber(4) },
  { _id: 6, v: [1, 2] },
  { _id: 7, k: "1" },
];
const count = { $sum: 1 };

describeStages("$group: its key", documents, [
  [
    "equal numbers are one group, with the first as its key; missing is null",
    [{ $group: { _id: "$k", n: count } }],
    [
      { _id: new Int32(1), n: 4 },
      { _id: null, n: 2 },
      { _id: "1", n: 1 },
    ],
  ],
  ["a constant", [{ $group: { _id: "all", n: count } }], [{ _id: "all", n: 7 }]],
  ["null", [{ $group: { _id: null, n: count } }], [{ _id: null, n: 7 }]],
  [
    "a document of one field: a missing value is null",
    [{ $match: { _id: { $gt: 4 } } }, { $group: { _id: { k: "$k" }, n: count } }],
    [
      { _id: { k: null }, n: 2 },
      { _id: { k: "1" }, n: 1 },
    ],
  ],
  [
    "a document of more fields: a missing value is left out",
    [{ $match: { _id: { $gt: 4 } } }, { $group: { _id: { k: "$k", c: "c" }, n: count } }],
    [
      { _id: { k: null, c: "c" }, n: 1 },
      { _id: { c: "c" }, n: 1 },
      { _id: { k: "1", c: "c" }, n: 1 },
    ],
  ],
  ["an array is a value", [{ $match: { _id: 6 } }, { $group: { _id: "$v" } }], [{ _id: [1, 2] }]],
  [
    "an expression",
    [{ $group: { _id: { $gt: ["$_id", 5] }, n: count } }],
    [
      { _id: false, n: 5 },
      { _id: true, n: 2 },
    ],
  ],
  ["of nothing", [{ $match: { none: 1 } }, { $group: { _id: null, n: count } }], []],
]);

describeStages("$group: its accumulators", documents, [
  [
    "in the order in which they were given",
    [
      { $match: { s: { $exists: true } } },
      {
        $group: {
          _id: "$s",
          sum: { $sum: "$v" },
          avg: { $avg: "$v" },
          count: { $count: {} },
          min: { $min: "$v" },
          max: { $max: "$v" },
          first: { $first: "$v" },
          last: { $last: "$v" },
          all: { $push: "$v" },
          set: { $addToSet: "$k" },
        },
      },
    ],
    [
      {
        _id: "a",
        sum: 2,
        avg: new Double(2),
        count: 2,
        min: 2,
        max: 2,
        first: 2,
        last: null,
        all: [2, null],
        set: [1],
      },
      {
        _id: "b",
        sum: new Double(1.5),
        avg: new Double(1.5),
        count: 1,
        min: new Double(1.5),
        max: new Double(1.5),
        first: new Double(1.5),
        last: new Double(1.5),
        all: [new Double(1.5)],
        set: [Long.fromNumber(1)],
      },
    ],
  ],
  [
    "of expressions",
    [
      {
        $group: {
          _id: null,
          n: { $sum: { $multiply: ["$_id", 2] } },
          all: { $push: { id: "$_id", no: "$none" } },
        },
      },
      { $set: { all: { $size: "$all" } } },
    ],
    [{ _id: null, n: 56, all: 7 }],
  ],
  [
    "of missing values",
    [
      {
        $group: {
          _id: null,
          all: { $push: "$none" },
          first: { $first: "$none" },
          sum: { $sum: "$none" },
          avg: { $avg: "$none" },
          count: { $count: {} },
        },
      },
    ],
    [{ _id: null, all: [], first: null, sum: 0, avg: null, count: 7 }],
  ],
]);

describeStages("$group: what is refused", documents, [
  ["no document", [{ $group: 1 }], { refused: 15947 }],
  ["no _id", [{ $group: { n: count } }], { refused: 15955 }],
  ["a value", [{ $group: { _id: 1, n: 5 } }], { refused: 40234 }],
  ["a document that is not an accumulator", [{ $group: { _id: 1, n: { a: 1 } } }], { refused: 40234 }],
  ["a path", [{ $group: { _id: 1, "a.b": count } }], { refused: 40235 }],
  ["a name with $", [{ $group: { _id: 1, $n: count } }], { refused: 40236 }],
  ["two accumulators", [{ $group: { _id: 1, n: { $sum: 1, $avg: 1 } } }], { refused: 40238 }],
  ["an unknown accumulator", [{ $group: { _id: 1, n: { $nope: 1 } } }], { refused: 15952 }],
  ["several operands", [{ $group: { _id: 1, n: { $sum: [1, 2] } } }], { refused: 40237 }],
  ["an argument of $count", [{ $group: { _id: 1, n: { $count: 1 } } }], { refused: 14 }],
]);

describeStages("$sortByCount", documents, [
  [
    "a field",
    [{ $sortByCount: "$k" }],
    [
      { _id: new Int32(1), count: 4 },
      { _id: null, count: 2 },
      { _id: "1", count: 1 },
    ],
  ],
  [
    "an expression",
    [{ $sortByCount: { $type: "$k" } }, { $limit: 1 }, { $project: { count: 1, _id: 0 } }],
    [{ count: 1 }],
  ],
  ["a document that is not an expression", [{ $sortByCount: { a: 1 } }], { refused: 40147 }],
  ["a text without $", [{ $sortByCount: "k" }], { refused: 40148 }],
  ["a number", [{ $sortByCount: 1 }], { refused: 40149 }],
]);

describeStages("the stages of a pipeline", documents, [
  ["an unknown stage", [{ $nope: 1 }], { refused: 40324 }],
  ["a stage that is not supported", [{ $facet: {} }], { refused: 40324 }],
  ["$collStats after another stage", [{ $match: {} }, { $collStats: {} }], { refused: 40602 }],
  ["no stage", [{}], { refused: 40323 }],
  ["two stages in one", [{ $match: {}, $limit: 1 }], { refused: 40323 }],
  ["$changeStream", [{ $changeStream: {} }], { refused: 40573 }],
]);
