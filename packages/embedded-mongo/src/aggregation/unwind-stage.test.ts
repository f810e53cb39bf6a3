import { Double, Long } from "bson";
import { describeStages } from "../testing/tables/stage-table.js";

const index = (n: number) => Long.fromNumber(n);
const documents = [
  { _id: 1, v: ["a", new Double(2)], w: 1 },
  { _id: 2, v: [] },
  { _id: 3, v: null },
  { _id: 4 },
  { _id: 5, v: "" },
  { _id: 6, v: {} },
  { _id: 7, v: [null, [1]] },
];

describeStages("$unwind", documents, [
  [
    "a value that is not an array is treated as an array of one",
    [{ $unwind: "$v" }],
    [
      { _id: 1, v: "a", w: 1 },
      { _id: 1, v: new Double(2), w: 1 },
      { _id: 5, v: "" },
      { _id: 6, v: {} },
      { _id: 7, v: null },
      { _id: 7, v: [1] },
    ],
  ],
  [
    "with an index, and with empty values",
    [{ $unwind: { path: "$v", includeArrayIndex: "i", preserveNullAndEmptyArrays: true } }],
    [
      { _id: 1, v: "a", w: 1, i: index(0) },
      { _id: 1, v: new Double(2), w: 1, i: index(1) },
      { _id: 2, i: null },
      { _id: 3, v: null, i: null },
      { _id: 4, i: null },
      { _id: 5, v: "", i: null },
      { _id: 6, v: {}, i: null },
      { _id: 7, v: null, i: index(0) },
      { _id: 7, v: [1], i: index(1) },
    ],
  ],
  ["a number", [{ $unwind: 5 }], { refused: 15981 }],
  ["a path without $", [{ $unwind: "v" }], { refused: 28818 }],
  ["an empty path", [{ $unwind: "" }], { refused: 28812 }],
  ["no path", [{ $unwind: {} }], { refused: 28812 }],
  ["a path that is not a string", [{ $unwind: { path: 1 } }], { refused: 28808 }],
  ["an unknown option", [{ $unwind: { path: "$v", x: 1 } }], { refused: 28811 }],
  [
    "a flag that is not a boolean",
    [{ $unwind: { path: "$v", preserveNullAndEmptyArrays: 1 } }],
    { refused: 28809 },
  ],
  ["an index that is not a string", [{ $unwind: { path: "$v", includeArrayIndex: 1 } }], { refused: 28810 }],
  ["an empty index", [{ $unwind: { path: "$v", includeArrayIndex: "" } }], { refused: 28810 }],
  ["an index with $", [{ $unwind: { path: "$v", includeArrayIndex: "$i" } }], { refused: 28822 }],
]);

const nested = [
  { _id: 1, a: { before: 1, v: [1, 2], after: 2 }, i: { x: 0 } },
  { _id: 2, a: [{ v: [1] }] },
  { _id: 3, a: { v: [] } },
  { _id: 4, a: 5 },
];

describeStages("$unwind of a nested array", nested, [
  [
    "keeps its place",
    [{ $unwind: { path: "$a.v", includeArrayIndex: "i.n" } }],
    [
      { _id: 1, a: { before: 1, v: 1, after: 2 }, i: { x: 0, n: index(0) } },
      { _id: 1, a: { before: 1, v: 2, after: 2 }, i: { x: 0, n: index(1) } },
    ],
  ],
  [
    "leaves documents without the field unchanged",
    [{ $unwind: { path: "$a.v", preserveNullAndEmptyArrays: true } }, { $match: { _id: { $gt: 1 } } }],
    [
      { _id: 2, a: [{ v: [1] }] },
      { _id: 3, a: {} },
      { _id: 4, a: 5 },
    ],
  ],
]);
