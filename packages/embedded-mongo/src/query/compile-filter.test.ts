import { BSONRegExp, BSONSymbol, ObjectId } from "bson";
import { describe, expect, test } from "vitest";
import { allElements, elementHead, joinElements } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { documentBytes, encodeValue, wholeDocument } from "../bson/raw-value.js";
import { useServer } from "../testing/server.js";
import { describeFilters } from "../testing/tables/filter-table.js";
import { decimal, double, int, long } from "../testing/tables/typed-values.js";
import { compileFilter } from "./compile-filter.js";

// The answers: MongoDB's manual (query operators, "Query for Null or Missing Fields", "Query an Array"), and in its
// repository src/mongo/db/matcher/expression_{leaf,array,tree}_test.cpp, expression_parser.cpp and matcher_type_set_parser.cpp,
// jstests/core/query/null_query_semantics.js.

const server = useServer();
const BAD_VALUE = { refused: 2 };

const VALUES = {
  int: { v: int(5) },
  long: { v: long("5") },
  double: { v: double(5) },
  decimal: { v: decimal("5.00") },
  less: { v: double(4.5) },
  more: { v: decimal("5.5") },
  beyond: { v: long("9007199254740993") },
  nan: { v: double(Number.NaN) },
  text: { v: "5" },
  true: { v: true },
  date: { v: new Date(5) },
  id: { v: new ObjectId("5ab9c3da31c2ab715d421285") },
  null: { v: null },
  missing: {},
  array: { v: [int(3), double(7)] },
  empty: { v: [] },
  document: { v: { x: int(5), y: int(1) } },
};
const EVERYTHING = Object.keys(VALUES);
const FIVE = ["int", "long", "double", "decimal"];
const but = (...names: readonly string[]) => EVERYTHING.filter((name) => !names.includes(name));

describeFilters("$eq and $ne", server, VALUES, [
  [{ v: { $eq: int(5) } }, FIVE],
  [{ v: { $eq: long("5") } }, FIVE],
  [{ v: { $eq: double(5) } }, FIVE],
  [{ v: { $eq: decimal("5") } }, FIVE],
  [{ v: decimal("5.000") }, FIVE],
  [{ v: { $eq: double(9007199254740992) } }, []],
  [{ v: { $eq: decimal("9007199254740993") } }, ["beyond"]],
  [{ v: { $eq: double(Number.NaN) } }, ["nan"]],
  [{ v: { $eq: decimal("NaN") } }, ["nan"]],
  [{ v: { $eq: "5" } }, ["text"]],
  [{ v: { $eq: "" } }, []],
  [{ v: { $eq: true } }, ["true"]],
  [{ v: { $eq: false } }, []],
  [{ v: { $eq: new Date(5) } }, ["date"]],
  [{ v: { $eq: new ObjectId("5ab9c3da31c2ab715d421285") } }, ["id"]],
  [{ v: { $eq: null } }, ["null", "missing"]],
  [{ v: null }, ["null", "missing"]],
  [{ v: { $eq: int(7) } }, ["array"]],
  [{ v: { $eq: [3, 7] } }, ["array"]],
  [{ v: { $eq: [7, 3] } }, []],
  [{ v: { $eq: [] } }, ["empty"]],
  [{ v: { $eq: { x: long("5"), y: double(1) } } }, ["document"]],
  [{ v: { $eq: { y: 1, x: 5 } } }, []],
  [{ v: { $eq: { x: 5 } } }, []],
  [{ v: { $ne: int(5) } }, but(...FIVE)],
  [{ v: { $ne: decimal("5") } }, but(...FIVE)],
  [{ v: { $ne: long("7") } }, but("array")],
  [{ v: { $ne: double(4.5) } }, but("less")],
  [{ v: { $ne: null } }, but("null", "missing")],
  [{ v: { $ne: [3, 7] } }, but("array")],
  [{ v: { $ne: new BSONRegExp("5") } }, BAD_VALUE],
]);

describeFilters("$gt, $gte, $lt and $lte", server, VALUES, [
  [{ v: { $gt: int(5) } }, ["more", "beyond", "array"]],
  [{ v: { $gt: long("5") } }, ["more", "beyond", "array"]],
  [{ v: { $gt: double(4.9) } }, [...FIVE, "more", "beyond", "array"]],
  [{ v: { $gt: decimal("5.4999") } }, ["more", "beyond", "array"]],
  [{ v: { $gt: double(9007199254740992) } }, ["beyond"]],
  [{ v: { $gt: "4" } }, ["text"]],
  [{ v: { $gt: false } }, ["true"]],
  [{ v: { $gt: new Date(4) } }, ["date"]],
  [{ v: { $gt: null } }, []],
  [{ v: { $gt: double(Number.NaN) } }, []],
  [{ v: { $gt: [] } }, ["array"]],
  [{ v: { $gt: { x: 4 } } }, ["document"]],
  [{ v: { $gt: new BSONRegExp("5") } }, BAD_VALUE],
  [{ v: { $gte: int(5) } }, [...FIVE, "more", "beyond", "array"]],
  [{ v: { $gte: decimal("5.5") } }, ["more", "beyond", "array"]],
  [{ v: { $gte: long("9007199254740993") } }, ["beyond"]],
  [{ v: { $gte: "5" } }, ["text"]],
  [{ v: { $gte: null } }, ["null", "missing"]],
  [{ v: { $gte: double(Number.NaN) } }, ["nan"]],
  [{ v: { $gte: [] } }, ["array", "empty"]],
  [{ v: { $gte: new BSONRegExp("5") } }, BAD_VALUE],
  [{ v: { $lt: int(5) } }, ["less", "array"]],
  [{ v: { $lt: decimal("5") } }, ["less", "array"]],
  [{ v: { $lt: double(5.5) } }, [...FIVE, "less", "array"]],
  [{ v: { $lt: "6" } }, ["text"]],
  [{ v: { $lt: true } }, []],
  [{ v: { $lt: null } }, []],
  [{ v: { $lt: double(Number.NaN) } }, []],
  [{ v: { $lt: [4] } }, ["array", "empty"]],
  [{ v: { $lt: { x: 6 } } }, ["document"]],
  [{ v: { $lt: new BSONRegExp("5") } }, BAD_VALUE],
  [{ v: { $lte: long("5") } }, [...FIVE, "less", "array"]],
  [{ v: { $lte: double(9007199254740992) } }, [...FIVE, "less", "more", "array"]],
  [{ v: { $lte: true } }, ["true"]],
  [{ v: { $lte: null } }, ["null", "missing"]],
  [{ v: { $lte: decimal("NaN") } }, ["nan"]],
  [{ v: { $lte: { x: 5 } } }, []],
  [{ v: { $lte: new BSONRegExp("5") } }, BAD_VALUE],
  [{ v: { $gt: int(4), $lt: int(6) } }, [...FIVE, "less", "more", "array"]],
]);

describeFilters("$in and $nin", server, VALUES, [
  [{ v: { $in: [int(5)] } }, FIVE],
  [{ v: { $in: [decimal("5.0"), "5"] } }, [...FIVE, "text"]],
  [{ v: { $in: [long("9007199254740993"), double(4.5)] } }, ["beyond", "less"]],
  [{ v: { $in: [null] } }, ["null", "missing"]],
  [{ v: { $in: [] } }, []],
  [{ v: { $in: [double(Number.NaN)] } }, ["nan"]],
  [{ v: { $in: [7] } }, ["array"]],
  [{ v: { $in: [[3, 7]] } }, ["array"]],
  [{ v: { $in: [[3]] } }, []],
  [{ v: { $in: [new BSONRegExp("^5"), true] } }, ["text", "true"]],
  [{ v: { $in: int(5) } }, BAD_VALUE],
  [{ v: { $in: null } }, BAD_VALUE],
  [{ v: { $in: [{ $gt: 5 }] } }, BAD_VALUE],
  [{ v: { $nin: [double(5)] } }, but(...FIVE)],
  [{ v: { $nin: [long("5"), decimal("4.5")] } }, but(...FIVE, "less")],
  [{ v: { $nin: [null] } }, but("null", "missing")],
  [{ v: { $nin: [] } }, EVERYTHING],
  [{ v: { $nin: [3] } }, but("array")],
  [{ v: { $nin: [null, []] } }, but("null", "missing", "empty")],
  [{ v: { $nin: [new BSONRegExp("^5")] } }, but("text")],
  [{ v: { $nin: "5" } }, BAD_VALUE],
  [{ v: { $nin: [{ $gt: 5 }] } }, BAD_VALUE],
]);

describeFilters("$exists", server, VALUES, [
  [{ v: { $exists: true } }, but("missing")],
  [{ v: { $exists: 1 } }, but("missing")],
  [{ v: { $exists: decimal("0.1") } }, but("missing")],
  [{ v: { $exists: false } }, ["missing"]],
  [{ v: { $exists: int(0) } }, ["missing"]],
  [{ v: { $exists: long("0") } }, ["missing"]],
  [{ v: { $exists: double(0) } }, ["missing"]],
  [{ v: { $exists: decimal("0") } }, ["missing"]],
  [{ v: { $exists: null } }, ["missing"]],
  [{ "v.x": { $exists: true } }, ["document"]],
  [{ "v.x": { $exists: false } }, but("document")],
  [{ "v.1": { $exists: true } }, ["array"]],
]);

describeFilters("$type", server, VALUES, [
  [{ v: { $type: "double" } }, ["double", "less", "nan", "array"]],
  [{ v: { $type: 1 } }, ["double", "less", "nan", "array"]],
  [{ v: { $type: 255 } }, BAD_VALUE],
  [{ v: { $type: "int" } }, ["int", "array"]],
  [{ v: { $type: long("16") } }, ["int", "array"]],
  [{ v: { $type: "long" } }, ["long", "beyond"]],
  [{ v: { $type: double(18) } }, ["long", "beyond"]],
  [{ v: { $type: "decimal" } }, ["decimal", "more"]],
  [{ v: { $type: decimal("19") } }, ["decimal", "more"]],
  [{ v: { $type: "number" } }, [...FIVE, "less", "more", "beyond", "nan", "array"]],
  [{ v: { $type: "string" } }, ["text"]],
  [{ v: { $type: 2 } }, ["text"]],
  [{ v: { $type: "object" } }, ["document"]],
  [{ v: { $type: "array" } }, ["array", "empty"]],
  [{ v: { $type: "objectId" } }, ["id"]],
  [{ v: { $type: "bool" } }, ["true"]],
  [{ v: { $type: "date" } }, ["date"]],
  [{ v: { $type: "null" } }, ["null"]],
  [{ v: { $type: 10 } }, ["null"]],
  [{ v: { $type: "minKey" } }, []],
  [{ v: { $type: -1 } }, []],
  [{ v: { $type: 127 } }, []],
  [{ v: { $type: ["string", 8] } }, ["text", "true"]],
  [{ v: { $type: "nothing" } }, BAD_VALUE],
  [{ v: { $type: 0 } }, BAD_VALUE],
  [{ v: { $type: 400 } }, BAD_VALUE],
  [{ v: { $type: -20 } }, BAD_VALUE],
  [{ v: { $type: 62 } }, BAD_VALUE],
  [{ v: { $type: 1.5 } }, BAD_VALUE],
  [{ v: { $type: [] } }, { refused: 9 }],
  [{ v: { $type: null } }, { refused: 14 }],
  [{ v: { $type: [true] } }, { refused: 14 }],
]);

describeFilters("$and, $or, $nor and $not", server, VALUES, [
  [{ $and: [{ v: { $gt: 4 } }, { v: { $lt: decimal("5") } }] }, ["less", "array"]],
  [{ $and: [{ v: 5 }] }, FIVE],
  [{ $and: [{ v: null }, { v: { $exists: true } }] }, ["null"]],
  [{ $and: [{}] }, EVERYTHING],
  [{ $and: [] }, BAD_VALUE],
  [{ $and: { v: 5 } }, BAD_VALUE],
  [{ $and: [5] }, BAD_VALUE],
  [{ $and: null }, BAD_VALUE],
  [{ $or: [{ v: long("5") }, { v: "5" }] }, [...FIVE, "text"]],
  [{ $or: [{ v: null }, { v: true }] }, ["null", "missing", "true"]],
  [{ $or: [{ $and: [{ v: { $gt: 5 } }, { v: { $lt: 6 } }] }, { v: [] }] }, ["more", "array", "empty"]],
  [{ $or: [{ v: 6 }] }, []],
  [{ $or: [] }, BAD_VALUE],
  [{ $or: {} }, BAD_VALUE],
  [{ $or: [null] }, BAD_VALUE],
  [{ $nor: [{ v: double(5) }, { v: { $exists: false } }] }, but(...FIVE, "missing")],
  [{ $nor: [{ v: null }] }, but("null", "missing")],
  [{ $nor: [{}] }, []],
  [{ $nor: [] }, BAD_VALUE],
  [{ $nor: "v" }, BAD_VALUE],
  [{ v: { $not: { $gt: 4.9 } } }, but(...FIVE, "more", "beyond", "array")],
  [{ v: { $not: { $gte: decimal("5"), $lte: long("5") } } }, but(...FIVE, "array")],
  [{ v: { $not: { $eq: null } } }, but("null", "missing")],
  [{ v: { $not: { $gte: null } } }, but("null", "missing")],
  [{ v: { $not: new BSONRegExp("^5") } }, but("text")],
  [{ v: { $not: { $regex: "^5" } } }, but("text")],
  [{ v: { $not: { $not: { $eq: 5 } } } }, FIVE],
  [{ v: { $not: 5 } }, BAD_VALUE],
  [{ v: { $not: {} } }, BAD_VALUE],
  [{ v: { $not: { x: 5 } } }, BAD_VALUE],
]);

describeFilters("$expr and $comment", server, VALUES, [
  [{ $expr: { $eq: ["$v", int(5)] } }, FIVE],
  [{ $expr: { $eq: ["$v", null] } }, ["null"]],
  [{ $expr: { $lt: ["$v", null] } }, ["missing"]],
  [{ $expr: { $eq: ["$v", [3, 7]] } }, ["array"]],
  [{ $expr: { $eq: ["$v", 7] } }, []],
  [{ $expr: { $isArray: "$v" } }, ["array", "empty"]],
  [{ $expr: true }, EVERYTHING],
  [{ $expr: null }, []],
  [{ $expr: { $nothing: 1 } }, { refused: 168 }],
  [{ v: { $elemMatch: { $expr: true } } }, BAD_VALUE],
  [{ $comment: "all" }, EVERYTHING],
  [{ v: decimal("5"), $comment: "five" }, FIVE],
  [{ $and: [{ v: null }, { $comment: { any: int(1) } }] }, ["null", "missing"]],
  [{ $comment: null, v: long("7") }, ["array"]],
]);

describeFilters("what is refused by name", server, VALUES, [
  [{ $where: "true" }, BAD_VALUE],
  [{ $nothing: 1 }, BAD_VALUE],
  [{ v: { $mod: [5, 0] } }, BAD_VALUE],
  [{ v: { $nothing: 1 } }, BAD_VALUE],
  [{ v: { $gt: 5, x: 1 } }, BAD_VALUE],
]);

describeFilters(
  "$regex",
  server,
  {
    abc: { v: "abc" },
    upper: { v: "ABC" },
    lines: { v: "\naz" },
    dots: { v: "a\nb" },
    symbol: { v: new BSONSymbol("abc") },
    pattern: { v: new BSONRegExp("b") },
    number: { v: decimal("1") },
    int: { v: int(1) },
    null: { v: null },
    missing: {},
    list: { v: ["c", "xab"] },
    others: { v: ["c", "d", 1] },
  },
  [
    [{ v: { $regex: "b" } }, ["abc", "dots", "symbol", "pattern", "list"]],
    [{ v: new BSONRegExp("b") }, ["abc", "dots", "symbol", "pattern", "list"]],
    [{ v: { $regex: new BSONRegExp("^ab") } }, ["abc", "symbol"]],
    [{ v: { $regex: "abc", $options: "i" } }, ["abc", "upper", "symbol"]],
    [{ v: { $options: "i", $regex: new BSONRegExp("ABC") } }, ["abc", "upper", "symbol"]],
    [{ v: { $regex: "^a", $options: "m" } }, ["abc", "lines", "dots", "symbol"]],
    [{ v: { $regex: "a.b", $options: "s" } }, ["dots"]],
    [{ v: { $regex: "a b", $options: "x" } }, ["abc", "symbol", "list"]],
    [{ v: { $regex: "1" } }, []],
    [{ v: { $regex: "b", $ne: "abc" } }, ["dots", "pattern", "list"]],
    [{ v: { $regex: 1 } }, BAD_VALUE],
    [{ v: { $regex: null } }, BAD_VALUE],
    [{ v: { $regex: "a", $options: 1 } }, BAD_VALUE],
    [{ v: { $options: "i" } }, BAD_VALUE],
    [{ v: { $regex: "[" } }, { refused: 51091 }],
    [{ v: { $regex: "a", $options: "q" } }, { refused: 51108 }],
    [{ v: { $regex: new BSONRegExp("a", "i"), $options: "m" } }, { refused: 51075 }],
    [{ v: { $options: "m", $regex: new BSONRegExp("a", "i") } }, { refused: 51074 }],
  ],
);

describeFilters(
  "$size",
  server,
  {
    none: { v: [] },
    one: { v: [null] },
    two: { v: [1, [2, 3]] },
    inner: { v: [{ w: [1, 2] }, { w: [1] }] },
    text: { v: "ab" },
    number: { v: 2 },
    document: { v: { 0: 1, 1: 2 } },
    null: { v: null },
    missing: {},
  },
  [
    [{ v: { $size: int(2) } }, ["two", "inner"]],
    [{ v: { $size: long("2") } }, ["two", "inner"]],
    [{ v: { $size: double(1) } }, ["one"]],
    [{ v: { $size: decimal("1") } }, ["one"]],
    [{ v: { $size: 0 } }, ["none"]],
    [{ "v.w": { $size: 1 } }, ["inner"]],
    [{ "v.1": { $size: 2 } }, ["two"]],
    [{ v: { $not: { $size: 2 } } }, ["none", "one", "text", "number", "document", "null", "missing"]],
    [{ v: { $size: "2" } }, BAD_VALUE],
    [{ v: { $size: null } }, BAD_VALUE],
    [{ v: { $size: 2.5 } }, BAD_VALUE],
    [{ v: { $size: -1 } }, BAD_VALUE],
    [{ v: { $size: { $gt: 1 } } }, BAD_VALUE],
  ],
);

// The manual's examples of $all are these, with `v` for `qty`.
describeFilters(
  "$all",
  server,
  {
    xyz: {
      tags: ["school", "book", "bag", "headphone", "appliance"],
      v: [
        { size: "S", num: 10, color: "blue" },
        { size: "M", num: 45, color: "blue" },
        { size: "L", num: 100, color: "green" },
      ],
    },
    abc: {
      tags: ["appliance", "school", "book"],
      v: [
        { size: "6", num: 100, color: "green" },
        { size: "6", num: 50, color: "blue" },
        { size: "8", num: 100, color: "brown" },
      ],
    },
    efg: {
      tags: ["school", "book"],
      v: [
        { size: "S", num: 10, color: "blue" },
        { size: "M", num: 100, color: "blue" },
        { size: "L", num: 100, color: "green" },
      ],
    },
    ijk: { tags: ["electronics", "school"], v: [{ size: "M", num: 100, color: "green" }] },
    numbers: { v: [int(1), double(2), decimal("3")] },
    nested: { v: [["a", "b"], "c"] },
    flat: { v: ["a", "b"] },
    fifty: { v: long("50") },
    null: { v: null },
    nulls: { v: [1, null] },
    missing: {},
  },
  [
    [{ tags: { $all: ["appliance", "school", "book"] } }, ["xyz", "abc"]],
    [
      {
        v: {
          $all: [
            { $elemMatch: { size: "M", num: { $gt: 50 } } },
            { $elemMatch: { num: 100, color: "green" } },
          ],
        },
      },
      ["efg", "ijk"],
    ],
    [{ "v.num": { $all: [50] } }, ["abc"]],
    [{ v: { $all: [50] } }, ["fifty"]],
    [{ v: { $all: [["a", "b"]] } }, ["nested", "flat"]],
    [{ v: { $all: [decimal("1"), long("2"), int(3)] } }, ["numbers"]],
    [{ v: { $all: [1, 4] } }, []],
    [{ v: { $all: [null] } }, ["null", "nulls", "missing"]],
    [{ v: { $all: [] } }, []],
    [{ tags: { $all: [new BSONRegExp("^app"), new BSONRegExp("BAG", "i")] } }, ["xyz"]],
    [{ v: { $all: 50 } }, BAD_VALUE],
    [{ v: { $all: null } }, BAD_VALUE],
    [{ v: { $all: [{ $gt: 1 }] } }, BAD_VALUE],
    [{ v: { $all: [1, { $elemMatch: { size: "M" } }] } }, BAD_VALUE],
    [{ v: { $all: [{ $elemMatch: { size: "M" } }, 1] } }, BAD_VALUE],
  ],
);

// With `v` for `results`, the manual's examples of $elemMatch are among these.
describeFilters(
  "$elemMatch",
  server,
  {
    high: { v: [82, 85, 88] },
    wide: { v: [75, 88, 89] },
    first: {
      v: [
        { product: "abc", score: 10 },
        { product: "xyz", score: 5 },
      ],
    },
    second: {
      v: [
        { product: "abc", score: long("8") },
        { product: "xyz", score: decimal("7") },
      ],
    },
    third: {
      v: [
        { product: "abc", score: 7 },
        { product: "xyz", score: double(8) },
      ],
    },
    nested: { v: [[{ product: "xyz" }], ["s", 5]] },
    nulls: { v: [null, 1] },
    empties: { v: [[]] },
    holes: { v: [{ score: null }, { score: 3 }] },
    none: { v: [] },
    scalar: { v: 81 },
    document: { v: { 0: 81, product: "xyz", score: 9 } },
    missing: {},
  },
  [
    [{ v: { $elemMatch: { $gte: 80, $lt: 85 } } }, ["high"]],
    [{ v: { $elemMatch: { $gt: long("88"), $lt: decimal("89.5") } } }, ["wide"]],
    [{ v: { $elemMatch: { product: "xyz", score: { $gte: 8 } } } }, ["third"]],
    [{ v: { $elemMatch: { product: "xyz" } } }, ["first", "second", "third"]],
    [
      { v: { $elemMatch: { product: { $ne: "xyz" } } } },
      ["first", "second", "third", "nested", "empties", "holes"],
    ],
    [{ v: { $elemMatch: { 1: double(5) } } }, ["nested"]],
    [{ v: { $elemMatch: { 0: { product: "xyz" } } } }, ["nested"]],
    [{ v: { $elemMatch: { $elemMatch: { $eq: 5 } } } }, ["nested"]],
    // Operators do not meet the elements of an array within the array.
    [{ v: { $elemMatch: { $eq: "s" } } }, []],
    [{ v: { $elemMatch: { $regex: "s" } } }, []],
    [{ v: { $elemMatch: { $eq: null } } }, ["nulls"]],
    [{ v: { $elemMatch: { $exists: true, $type: "null" } } }, ["nulls"]],
    [{ v: { $elemMatch: { score: null } } }, ["nested", "empties", "holes"]],
    [{ v: { $elemMatch: { $or: [{ score: 10 }, { score: 3 }] } } }, ["first", "holes"]],
    [{ v: { $elemMatch: { $in: [75, 82, null] } } }, ["high", "wide", "nulls"]],
    [{ v: { $not: { $elemMatch: { $exists: true } } } }, ["none", "scalar", "document", "missing"]],
    [{ v: { $elemMatch: 5 } }, BAD_VALUE],
    [{ v: { $elemMatch: null } }, BAD_VALUE],
    [{ v: { $elemMatch: [{ $gt: 1 }] } }, BAD_VALUE],
    [{ v: { $elemMatch: { $nothing: 1 } } }, BAD_VALUE],
  ],
);

describeFilters(
  "dotted paths, through arrays and to positions",
  server,
  {
    document: { v: { b: int(5) } },
    list: { v: { b: [long("5")] } },
    documents: { v: [{ b: double(5) }, { b: 6 }] },
    deep: { v: [[{ b: 5 }]] },
    number: { v: decimal("5") },
    numbers: { v: [5, 6] },
    nested: { v: [[5], 6] },
    keyed: { v: { 0: 5 } },
    keys: { v: [{ 0: 5 }] },
    null: { v: null },
    inner: { v: { b: null } },
    empty: { v: {} },
    none: { v: [] },
    nulls: { v: [null] },
    holes: { v: [{ b: 7 }, {}] },
    missing: {},
  },
  [
    [{ "v.b": int(5) }, ["document", "list", "documents"]],
    [{ "v.b": { $gt: 5 } }, ["documents", "holes"]],
    [{ "v.0": 5 }, ["numbers", "keyed", "keys"]],
    [{ "v.0": [5] }, ["nested"]],
    [{ "v.0.0": decimal("5") }, ["nested", "keys"]],
    [{ "v.1": { $type: "number" } }, ["numbers", "nested"]],
    [{ "v.1.b": 6 }, ["documents"]],
    [{ "v.0.b": { $exists: true } }, ["documents", "deep", "holes"]],
    [{ "v.0.0.b": 5 }, ["deep"]],
    [{ "v.b": null }, ["number", "keyed", "keys", "null", "inner", "empty", "holes", "missing"]],
    [{ "v.b": { $exists: true } }, ["document", "list", "documents", "inner", "holes"]],
    [{ "v.b": { $type: "null" } }, ["inner"]],
    [{ "v.b": { $in: [6, "x"] } }, ["documents"]],
    [{ "v.b": [5] }, ["list"]],
    [{ "v.2": { $exists: true } }, []],
    [{ "v.00": 5 }, []],
    [{ "v.01": { $exists: true } }, []],
  ],
);

// The manual's collections in "Query an Array" and "Query an Array of Embedded Documents".
describeFilters(
  "the manual's inventory",
  server,
  {
    journal: {
      tags: ["blank", "red"],
      dim_cm: [14, 21],
      v: [
        { warehouse: "A", qty: 5 },
        { warehouse: "C", qty: 15 },
      ],
    },
    notebook: { tags: ["red", "blank"], dim_cm: [14, 21], v: [{ warehouse: "C", qty: 5 }] },
    paper: {
      tags: ["red", "blank", "plain"],
      dim_cm: [14, 21],
      v: [
        { warehouse: "A", qty: 60 },
        { warehouse: "B", qty: 15 },
      ],
    },
    planner: {
      tags: ["blank", "red"],
      dim_cm: [22.85, 30],
      v: [
        { warehouse: "A", qty: 40 },
        { warehouse: "B", qty: 5 },
      ],
    },
    postcard: {
      tags: ["blue"],
      dim_cm: [10, 15.25],
      v: [
        { warehouse: "B", qty: 15 },
        { warehouse: "C", qty: 35 },
      ],
    },
  },
  [
    [{ tags: ["red", "blank"] }, ["notebook"]],
    [{ tags: { $all: ["red", "blank"] } }, ["journal", "notebook", "paper", "planner"]],
    [{ tags: "red" }, ["journal", "notebook", "paper", "planner"]],
    [{ dim_cm: { $gt: 25 } }, ["planner"]],
    [{ dim_cm: { $gt: 15, $lt: 20 } }, ["journal", "notebook", "paper", "postcard"]],
    [{ dim_cm: { $elemMatch: { $gt: 22, $lt: 30 } } }, ["planner"]],
    [{ "dim_cm.1": { $gt: 25 } }, ["planner"]],
    [{ tags: { $size: 3 } }, ["paper"]],
    [{ v: { warehouse: "A", qty: 5 } }, ["journal"]],
    [{ v: { qty: 5, warehouse: "A" } }, []],
    [{ "v.qty": { $lte: 20 } }, ["journal", "notebook", "paper", "planner", "postcard"]],
    [{ "v.0.qty": { $lte: 20 } }, ["journal", "notebook", "postcard"]],
    [{ v: { $elemMatch: { qty: 5, warehouse: "A" } } }, ["journal"]],
    [{ v: { $elemMatch: { qty: { $gt: 10, $lte: 20 } } } }, ["journal", "paper", "postcard"]],
    [{ "v.qty": { $gt: 10, $lte: 20 } }, ["journal", "paper", "planner", "postcard"]],
    [{ "v.qty": 5, "v.warehouse": "A" }, ["journal", "planner"]],
    [{ v: { $elemMatch: { qty: { $not: { $gt: 10 } } } } }, ["journal", "notebook", "planner"]],
  ],
);

// The manual's examples of $expr.
describeFilters(
  "the manual's budget and supplies",
  server,
  {
    food: { budget: 400, spent: 450 },
    drinks: { budget: 100, spent: 150 },
    clothes: { budget: 100, spent: 50 },
    misc: { budget: 500, spent: 300 },
    travel: { budget: 200, spent: 650 },
    binder: { qty: 100, price: decimal("12") },
    notebook: { qty: 200, price: decimal("8") },
    pencil: { qty: 50, price: decimal("6") },
    eraser: { qty: 150, price: decimal("3") },
    legal: { qty: 42, price: decimal("10") },
  },
  [
    [{ $expr: { $gt: ["$spent", "$budget"] } }, ["food", "drinks", "travel"]],
    [
      {
        qty: { $exists: true },
        $expr: {
          $lt: [
            {
              $cond: [
                { $gte: ["$qty", 100] },
                { $multiply: ["$price", decimal("0.50")] },
                { $multiply: ["$price", decimal("0.75")] },
              ],
            },
            decimal("5"),
          ],
        },
      },
      ["notebook", "pencil", "eraser"],
    ],
  ],
);

// As the manual has it in "Migrate Undefined Data and Queries". The driver writes null for undefined, so these are bytes.
describe("the deprecated type undefined", () => {
  const undefinedAt = (name: string) => elementHead(BsonType.undefined, name);
  const holding = (type: number, name: string, inner: Buffer) =>
    Buffer.concat([elementHead(type, name), joinElements([inner])]);
  const value = joinElements([undefinedAt("v")]);
  const inArray = joinElements([holding(BsonType.array, "v", undefinedAt("0"))]);

  test.each<[filter: object, found: boolean]>([
    [{ v: null }, false],
    [{ v: { $eq: null } }, false],
    [{ v: { $in: [null, 4] } }, false],
    [{ v: { $gte: null } }, false],
    [{ v: { $ne: null } }, true],
    [{ v: { $nin: [null, 4] } }, true],
    [{ v: { $exists: true } }, true],
    [{ v: { $type: "undefined" } }, true],
  ])("%j: %s", (filter, found) => {
    const matches = compileFilter(encodeValue(filter));
    expect(matches(value)).toBe(found);
    expect(matches(inArray)).toBe(found);
  });

  test("is refused in a filter", () => {
    for (const filter of [
      undefinedAt("v"),
      holding(BsonType.document, "v", undefinedAt("$gt")),
      holding(BsonType.document, "v", holding(BsonType.array, "$in", undefinedAt("0"))),
    ]) {
      expect(() => compileFilter(wholeDocument(joinElements([filter])))).toThrow(
        "cannot compare to undefined",
      );
    }
  });
});

// JavaScript objects have each name once, so these are bytes.
test("conditions on a field that is named twice must all hold", () => {
  const condition = (operator: string, number: number) =>
    allElements(documentBytes(encodeValue({ v: { [operator]: int(number) } })));
  const matches = compileFilter(wholeDocument(joinElements([condition("$gt", 1), condition("$lt", 5)])));
  expect([0, 1, 3, 5, 9].filter((v) => matches(documentBytes(encodeValue({ v: int(v) }))))).toEqual([3]);
});
