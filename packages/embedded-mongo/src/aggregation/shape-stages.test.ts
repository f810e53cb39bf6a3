import { Double, Int32, Long } from "bson";
import { describeStages } from "../testing/tables/stage-table.js";

const one = {
  _id: 1,
  a: Long.fromNumber(5),
  b: { c: new Double(2), d: "x" },
  list: [{ c: 1 }, 7, { c: 2, d: 3 }, [{ c: 4 }, 8]],
  last: null,
};

describeStages(
  "$project",
  [one],
  [
    [
      "keeps fields in the document's order",
      [{ $project: { last: 1, a: 1 } }],
      [{ _id: 1, a: one.a, last: null }],
    ],
    ["without _id", [{ $project: { _id: 0, a: true } }], [{ a: one.a }]],
    ["of a missing field", [{ $project: { none: 1 } }], [{ _id: 1 }]],
    [
      "leaves fields out",
      [{ $project: { list: 0, "b.c": 0 } }],
      [{ _id: 1, a: one.a, b: { d: "x" }, last: null }],
    ],
    ["leaves _id out", [{ $project: { _id: 0, list: 0, b: 0 } }], [{ a: one.a, last: null }]],
    [
      "keeps _id where it leaves others out",
      [{ $project: { _id: 1, list: 0, b: 0 } }],
      [{ _id: 1, a: one.a, last: null }],
    ],
    [
      "nested, through arrays",
      [{ $project: { b: { d: 1 }, "list.c": 1 } }],
      [{ _id: 1, b: { d: "x" }, list: [{ c: 1 }, { c: 2 }, [{ c: 4 }]] }],
    ],
    ["nested fields of a value", [{ $project: { "a.x": 1 } }], [{ _id: 1 }]],
    [
      "computed fields follow the others, in the order of the stage",
      [{ $project: { z: "$a", last: 1, b: "$b.c", y: { $literal: 1 } } }],
      [{ _id: 1, last: null, z: one.a, b: new Double(2), y: 1 }],
    ],
    ["a computed field without a value", [{ $project: { a: "$none", b: "$$REMOVE" } }], [{ _id: 1 }]],
    [
      "a document of computed fields",
      [{ $project: { _id: 0, n: { of: "$a", no: "$none", t: "$last" } } }],
      [{ n: { of: one.a, t: null } }],
    ],
    [
      "computed beside kept, nested",
      [{ $project: { _id: 0, b: { d: 1, e: "$a" }, a: { x: "$last" } } }],
      [{ a: { x: null }, b: { d: "x", e: one.a } }],
    ],
    [
      "computed within the documents of an array; other elements give way",
      [{ $project: { _id: 0, list: { d: 1, e: "$last" } } }],
      [{ list: [{ e: null }, { e: null }, { d: 3, e: null }, [{ e: null }, { e: null }]] }],
    ],
    [
      "an array of expressions",
      [{ $project: { _id: 0, l: ["$a", "$none", "text"] } }],
      [{ l: [one.a, null, "text"] }],
    ],
    [
      "$slice is the expression",
      [{ $project: { _id: 0, l: { $slice: ["$list", 1] } } }],
      [{ l: [{ c: 1 }] }],
    ],
    ["nothing", [{ $project: {} }], { refused: 51272 }],
    ["no document", [{ $project: 1 }], { refused: 15969 }],
    ["an empty document within", [{ $project: { a: {} } }], { refused: 51270 }],
    ["inclusion, then exclusion", [{ $project: { a: 1, b: 0 } }], { refused: 31254 }],
    ["exclusion, then inclusion", [{ $project: { a: 0, b: 1 } }], { refused: 31253 }],
    ["exclusion, then an expression", [{ $project: { a: 0, b: { $add: [1, 1] } } }], { refused: 31252 }],
    ["exclusion, then a field path", [{ $project: { a: 0, b: "$a" } }], { refused: 31310 }],
    ["an expression, then exclusion", [{ $project: { a: "$b", b: 0 } }], { refused: 31254 }],
    ["the same path twice", [{ $project: { "b.c": 1, b: { c: 1 } } }], { refused: 31250 }],
    ["a path within another", [{ $project: { b: 1, "b.c": 1 } }], { refused: 31249 }],
    ["a path around another", [{ $project: { "b.c": 1, b: 1 } }], { refused: 31250 }],
    ["paths that collide before they mix", [{ $project: { b: 0, "b.c": "$a" } }], { refused: 31249 }],
    ["a nested document beside a path", [{ $project: { "b.c": 1, b: { d: 1 } } }], [{ _id: 1, b: one.b }]],
    ["an unknown operator", [{ $project: { a: { $nope: 1 } } }], { refused: 31325 }],
    ["two operators", [{ $project: { a: { $add: [1], $not: [1] } } }], { refused: 15983 }],
    ["$elemMatch", [{ $project: { a: { $elemMatch: {} } } }], { refused: 168 }],
    ["a name with $", [{ $project: { $a: 1 } }], { refused: 16410 }],
    ["an empty name", [{ $project: { "": 1 } }], { refused: 40352 }],
    ["an empty name in a path", [{ $project: { "a..b": 1 } }], { refused: 15998 }],
  ],
);

describeStages(
  "$addFields and $set",
  [one],
  [
    [
      "a field keeps its place, a new one is the last",
      [{ $addFields: { z: "$b.c", a: "text" } }, { $unset: ["list", "b"] }],
      [{ _id: 1, a: "text", last: null, z: new Double(2) }],
    ],
    [
      "a number is a value",
      [{ $set: { b: 0, list: new Long(1) } }],
      [{ _id: 1, a: one.a, b: 0, list: Long.ONE, last: null }],
    ],
    [
      "nested: by a path, and by a document",
      [{ $set: { "b.d": "$a", b: { e: 1, f: { g: 2 } }, "n.o": 3 } }, { $project: { b: 1, n: 1 } }],
      [{ _id: 1, b: { c: new Double(2), d: one.a, e: 1, f: { g: 2 } }, n: { o: 3 } }],
    ],
    [
      "in the documents of an array; other elements give way",
      [{ $set: { "list.c": 0 } }, { $project: { list: 1 } }],
      [{ _id: 1, list: [{ c: 0 }, { c: 0 }, { c: 0, d: 3 }, [{ c: 0 }, { c: 0 }]] }],
    ],
    [
      "a value gives way to a document",
      [{ $set: { "a.b": "$last" } }, { $project: { a: 1 } }],
      [{ _id: 1, a: { b: null } }],
    ],
    [
      "a field without a value goes",
      [{ $set: { a: "$none", "b.c": "$$REMOVE", "n.o": "$none" } }, { $unset: "list" }],
      [{ _id: 1, b: { d: "x" }, last: null, n: {} }],
    ],
    ["an empty document is a value", [{ $set: { a: {} } }, { $project: { a: 1 } }], [{ _id: 1, a: {} }]],
    [
      "all see the document as it was",
      [{ $set: { a: "$last", last: "$a" } }, { $project: { a: 1, last: 1 } }],
      [{ _id: 1, a: null, last: one.a }],
    ],
    ["nothing", [{ $addFields: {} }], { refused: 40177 }],
    ["no document", [{ $addFields: "a" }], { refused: 40272 }],
    ["paths that collide", [{ $addFields: { a: 1, "a.b": 2 } }], { refused: 40176 }],
    ["a path that collides with one within", [{ $addFields: { "a.b": 2, a: 1 } }], { refused: 40176 }],
    ["a dotted name within a document", [{ $addFields: { a: { "b.c": 1 } } }], { refused: 40183 }],
    ["two operators", [{ $addFields: { a: { $add: [1], $not: [1] } } }], { refused: 40181 }],
    ["an unknown operator", [{ $addFields: { a: { $nope: 1 } } }], { refused: 168 }],
  ],
);

describeStages(
  "$unset",
  [one],
  [
    ["one field", [{ $unset: "list" }, { $unset: "b" }], [{ _id: 1, a: one.a, last: null }]],
    [
      "several, nested, missing",
      [{ $unset: ["list.c", "b.d", "a", "none.x", "last"] }],
      [{ _id: 1, b: { c: new Double(2) }, list: [{}, 7, { d: 3 }, [{}, 8]] }],
    ],
    ["_id", [{ $unset: ["_id", "a", "b", "list"] }], [{ last: null }]],
    ["a number", [{ $unset: 1 }], { refused: 31002 }],
    ["nothing", [{ $unset: [] }], { refused: 31119 }],
    ["a number in an array", [{ $unset: ["a", 1] }], { refused: 31120 }],
    ["an empty text", [{ $unset: "" }], { refused: 40352 }],
  ],
);

describeStages(
  "$replaceRoot and $replaceWith",
  [one],
  [
    ["a document within", [{ $replaceRoot: { newRoot: "$b" } }], [{ c: new Double(2), d: "x" }]],
    [
      "a new document",
      [{ $replaceWith: { z: "$a", no: "$none", n: { all: "$last" } } }],
      [{ z: one.a, n: { all: null } }],
    ],
    [
      "the document itself",
      [{ $replaceRoot: { newRoot: "$$ROOT" } }, { $project: { a: 1 } }],
      [{ _id: 1, a: one.a }],
    ],
    ["a value", [{ $replaceRoot: { newRoot: "$a" } }], { refused: 40228 }],
    ["null", [{ $replaceWith: "$last" }], { refused: 40228 }],
    ["missing", [{ $replaceWith: "$none" }], { refused: 40228 }],
    ["an array", [{ $replaceWith: "$list" }], { refused: 40228 }],
    ["no document", [{ $replaceRoot: "$b" }], { refused: 40229 }],
    ["no newRoot", [{ $replaceRoot: {} }], { refused: 40414 }],
    ["an unknown option", [{ $replaceRoot: { newRoot: "$b", x: 1 } }], { refused: 40415 }],
  ],
);

describeStages(
  'numbers keep their types, and numeric names ("1") their positions',
  [
    new Map<string, unknown>([
      ["b", new Int32(1)],
      ["1", 2],
    ]),
  ],
  [
    [
      "$set",
      [{ $set: { c: "$b", "1": "$b" } }],
      [
        new Map<string, unknown>([
          ["b", 1],
          ["1", 1],
          ["c", 1],
        ]),
      ],
    ],
  ],
);
