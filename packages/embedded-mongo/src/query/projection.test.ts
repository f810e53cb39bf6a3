import { useServer } from "../testing/server.js";
import { describeProjections } from "../testing/tables/projection-table.js";
import { decimal, double, int, long } from "../testing/tables/typed-values.js";

// The answers: MongoDB's manual (projection operators, "Project Fields to Return from Query"), and in its repository
// jstests/core/query/project/{projection_semantics,projection_conflicts,slice1}.js, src/mongo/db/query/projection_parser.cpp.

const server = useServer();

const NUMBERS = {
  _id: 1,
  int: int(1),
  long: long("2"),
  double: double(3),
  decimal: decimal("4.0"),
  null: null,
};

describeProjections("inclusion", server, [
  [NUMBERS, { int: 1, decimal: 1 }, { _id: 1, int: int(1), decimal: decimal("4.0") }],
  [NUMBERS, { long: true }, { _id: 1, long: long("2") }],
  [NUMBERS, { null: long("1"), double: double(0.5) }, { _id: 1, double: double(3), null: null }],
  [NUMBERS, { int: decimal("-1"), _id: 0 }, { int: int(1) }],
  [NUMBERS, { none: 1 }, { _id: 1 }],
  [NUMBERS, { none: 1, _id: false }, {}],
  [NUMBERS, { _id: 1 }, { _id: 1 }],
  [NUMBERS, {}, NUMBERS],
  [{ _id: 1, a: "demo", aWSuffix: "x" }, { a: 1 }, { _id: 1, a: "demo" }],
  [{ _id: 1, a: { b: 1, c: 1 }, d: 1 }, { "a.b": 1 }, { _id: 1, a: { b: 1 } }],
  [{ _id: 1, a: { b: 1, c: 1 }, d: 1 }, { a: { b: 1 } }, { _id: 1, a: { b: 1 } }],
  [{ _id: 1, a: { _id: 2, b: 1 } }, { "a.b": 1 }, { _id: 1, a: { b: 1 } }],
  [{ _id: 1, a: 5 }, { "a.b": 1 }, { _id: 1 }],
  [{ _id: 1, a: null }, { "a.b": 1 }, { _id: 1 }],
  [{ _id: 1, a: {} }, { "a.b": 1 }, { _id: 1, a: {} }],
  [{ _id: 1, a: [{ b: 1, c: 1 }, { c: 2 }] }, { "a.b": 1 }, { _id: 1, a: [{ b: 1 }, {}] }],
  [{ _id: 1, a: ["x", {}, null, { c: 1 }] }, { "a.b": 1 }, { _id: 1, a: [{}, {}] }],
  [{ _id: 1, a: [[1, { b: 1 }, { b: 2, c: 2 }, "x"]] }, { "a.b": 1 }, { _id: 1, a: [[{ b: 1 }, { b: 2 }]] }],
  [{ _id: 1, a: { b: "x" } }, { "a.b.c": 1 }, { _id: 1, a: {} }],
  [
    { _id: 1, a: [[1, 2], [{ b: [[1, 2], [{ c: [1, {}, 2] }], 2] }], 2] },
    { "a.b.c": 1 },
    { _id: 1, a: [[], [{ b: [[], [{ c: [1, {}, 2] }]] }]] },
  ],
  [
    { _id: 1, a: { b: 1, c: 2, d: 3 } },
    { "a.b": 1, "a.c": 1 },
    { _id: 1, a: { b: 1, c: 2 } },
  ],
  [{ _id: 1, a: [0, 1, 2, { 2: 123 }] }, { "a.2": 1 }, { _id: 1, a: [{ 2: 123 }] }],
  [NUMBERS, { int: 1, long: 0 }, { refused: 31254 }],
  [NUMBERS, { "a.b": 1, a: 1 }, { refused: 31250 }],
  [NUMBERS, { a: 1, "a.b": 1 }, { refused: 31249 }],
  [NUMBERS, { "a.b": 1, a: { b: { c: 1 } } }, { refused: 31249 }],
  [NUMBERS, { a: {} }, { refused: 51270 }],
]);

describeProjections("exclusion", server, [
  [NUMBERS, { int: 0, long: false, double: double(0) }, { _id: 1, decimal: decimal("4.0"), null: null }],
  [
    NUMBERS,
    { null: long("0"), decimal: decimal("0") },
    { _id: 1, int: int(1), long: long("2"), double: double(3) },
  ],
  [{ _id: 1, a: 1 }, { _id: 0 }, { a: 1 }],
  [{ _id: 1, a: 1 }, { none: 0 }, { _id: 1, a: 1 }],
  [{ _id: 1, a: { b: 1, c: 1 }, x: 1 }, { "a.b": 0 }, { _id: 1, a: { c: 1 }, x: 1 }],
  [{ _id: 1, a: ["x", { b: 1, c: 1 }, { b: 3 }] }, { "a.b": 0 }, { _id: 1, a: ["x", { c: 1 }, {}] }],
  [{ _id: 1, a: [] }, { "a.b": 0 }, { _id: 1, a: [] }],
  [{ _id: 1, a: null }, { "a.b": 0 }, { _id: 1, a: null }],
  [
    { _id: 1, a: [[], [{ b: [[1, 2], { c: 1, d: 1 }] }]] },
    { "a.b.c": 0 },
    { _id: 1, a: [[], [{ b: [[1, 2], { d: 1 }] }]] },
  ],
  [
    { _id: 1, a: 1, b: 1 },
    { _id: 1, a: 0 },
    { _id: 1, b: 1 },
  ],
  [NUMBERS, { int: 0, long: 1 }, { refused: 31253 }],
  [NUMBERS, { a: 0, "a.b": 0 }, { refused: 31249 }],
  [NUMBERS, { int: 0, x: "$long" }, { refused: 31310 }],
  [NUMBERS, { int: 0, x: { $add: ["$int", 1] } }, { refused: 31252 }],
]);

const LIST = { _id: 1, a: [0, 1, 2, -2, long("-1")], b: decimal("1") };

describeProjections("$slice", server, [
  [LIST, { a: { $slice: 3 } }, { _id: 1, a: [0, 1, 2], b: decimal("1") }],
  [LIST, { a: { $slice: long("-2") } }, { _id: 1, a: [-2, long("-1")], b: decimal("1") }],
  [LIST, { a: { $slice: double(9) } }, LIST],
  [LIST, { a: { $slice: decimal("1") } }, { _id: 1, a: [0], b: decimal("1") }],
  [LIST, { a: { $slice: 0 } }, { _id: 1, a: [], b: decimal("1") }],
  [LIST, { a: { $slice: [2, long("2")] } }, { _id: 1, a: [2, -2], b: decimal("1") }],
  [LIST, { a: { $slice: [-2, 10] } }, { _id: 1, a: [-2, long("-1")], b: decimal("1") }],
  [LIST, { a: { $slice: [-10, double(1)] } }, { _id: 1, a: [0], b: decimal("1") }],
  [LIST, { a: { $slice: [10, 1] } }, { _id: 1, a: [], b: decimal("1") }],
  [LIST, { a: { $slice: 1 }, b: 0 }, { _id: 1, a: [0] }],
  [LIST, { a: { $slice: 1 }, _id: 0 }, { a: [0], b: decimal("1") }],
  [LIST, { a: { $slice: 1 }, _id: 1 }, { _id: 1, a: [0] }],
  [LIST, { a: { $slice: 1 }, none: 1 }, { _id: 1, a: [0] }],
  [{ _id: 1, b: { e: 1 } }, { a: { $slice: 1 } }, { _id: 1, b: { e: 1 } }],
  [{ _id: 1, a: { c: 1 } }, { a: { $slice: 1 } }, { _id: 1, a: { c: 1 } }],
  [{ _id: 1, a: null }, { a: { $slice: 1 } }, { _id: 1, a: null }],
  [{ _id: 1, a: [{ b: [1, 2, 3] }] }, { "a.b": { $slice: [1, 1] } }, { _id: 1, a: [{ b: [2] }] }],
  [
    { _id: 4, a: [[{ b: [1, 2, 3] }], { b: [1, 2, 3] }, 1, null, {}] },
    { a: { b: { $slice: [1, 1] } } },
    { _id: 4, a: [[{ b: [1, 2, 3] }], { b: [2] }, 1, null, {}] },
  ],
  [
    { _id: 1, e: 123, a: [[[{ b: [1, 2, 3], d: 4 }]]] },
    { e: 1, "a.b": { $slice: 1 } },
    { _id: 1, e: 123, a: [[[{ b: [1, 2, 3] }]]] },
  ],
  [LIST, { x: { $slice: ["$a", 1, 2] } }, { _id: 1, x: [1, 2] }],
  [LIST, { a: { $slice: [1, 0] } }, { refused: 28724 }],
  [LIST, { a: { $slice: "x" } }, { refused: 28667 }],
  [LIST, { a: { $slice: null } }, { refused: 28667 }],
  [LIST, { a: { $slice: [1] } }, { refused: 28667 }],
  [LIST, { a: { $slice: 1 }, "a.b": 1 }, { refused: 31249 }],
]);

const SCHOOL = {
  _id: 1,
  zipcode: "63109",
  students: [
    { name: "john", school: 102, age: 10 },
    { name: "jess", school: long("102"), age: 11 },
    { name: "jeff", school: 108, age: decimal("15") },
  ],
};

describeProjections("$elemMatch", server, [
  [
    SCHOOL,
    { students: { $elemMatch: { school: 102 } } },
    { _id: 1, students: [{ name: "john", school: 102, age: 10 }] },
  ],
  [
    SCHOOL,
    { students: { $elemMatch: { school: 102, age: { $gt: double(10) } } } },
    { _id: 1, students: [{ name: "jess", school: long("102"), age: 11 }] },
  ],
  [
    SCHOOL,
    { _id: 0, students: { $elemMatch: { age: 15 } } },
    { students: [{ name: "jeff", school: 108, age: decimal("15") }] },
  ],
  [SCHOOL, { students: { $elemMatch: { school: 1 } } }, { _id: 1 }],
  [SCHOOL, { none: { $elemMatch: { school: 1 } } }, { _id: 1 }],
  [SCHOOL, { zipcode: { $elemMatch: { $eq: "63109" } } }, { _id: 1 }],
  [{ _id: 1, a: [1, null, 3] }, { a: { $elemMatch: { $eq: null } } }, { _id: 1, a: [null] }],
  [{ _id: 1, a: [1, decimal("2"), 3] }, { a: { $elemMatch: { $gt: 1 } } }, { _id: 1, a: [decimal("2")] }],
  [{ _id: 1, a: null }, { a: { $elemMatch: { $eq: null } } }, { _id: 1 }],
  [SCHOOL, { students: { $elemMatch: 5 } }, { refused: 31274 }],
  [SCHOOL, { students: { $elemMatch: null } }, { refused: 31274 }],
  [SCHOOL, { "students.name": { $elemMatch: { $eq: 1 } } }, { refused: 31275 }],
  [SCHOOL, { students: { $elemMatch: { $nothing: 1 } } }, { refused: 2 }],
]);

describeProjections("expressions", server, [
  [{ _id: 1, a: int(1), b: 1 }, { a: { $literal: int(0) } }, { _id: 1, a: int(0) }],
  [NUMBERS, { x: { $add: ["$int", "$long", "$decimal"] } }, { _id: 1, x: decimal("7.0") }],
  [NUMBERS, { x: "$double" }, { _id: 1, x: double(3) }],
  [NUMBERS, { x: "text" }, { _id: 1, x: "text" }],
  [NUMBERS, { x: null }, { _id: 1, x: null }],
  [NUMBERS, { x: "$none" }, { _id: 1 }],
  [NUMBERS, { x: ["$int", "$none"], _id: 0 }, { x: [int(1), null] }],
  [NUMBERS, { int: 1, x: "$null" }, { _id: 1, int: int(1), x: null }],
  [{ _id: 1, a: { b: 1, c: 1 } }, { "a.b": "new" }, { _id: 1, a: { b: "new" } }],
  [
    { _id: 1, a: ["x", { b: 1, c: 1 }, { b: 3 }] },
    { "a.b": "new" },
    { _id: 1, a: [{ b: "new" }, { b: "new" }, { b: "new" }] },
  ],
  [{ _id: 1, a: [] }, { "a.b": "new" }, { _id: 1, a: [] }],
  [
    { _id: 1, a: [[], [{ b: [[1, 2], { c: 1, d: 1 }] }]] },
    { "a.b.c": "new" },
    { _id: 1, a: [[], [{ b: [[{ c: "new" }, { c: "new" }], { c: "new" }] }]] },
  ],
  [NUMBERS, { x: { $nothing: 1 } }, { refused: 31325 }],
]);
