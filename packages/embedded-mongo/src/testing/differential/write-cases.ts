import { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from "mongodb";
import { type DifferentialCase, refusal, run } from "./step.js";

const uniqueIndex = (...fields: string[]) => ({
  key: Object.fromEntries(fields.map((field) => [field, 1])),
  name: `${fields.join("_")}_1`,
  unique: true,
});

/** One update statement per entry, each sent as its own command. */
function updates(...statements: { q: object; u: object; upsert?: boolean; multi?: boolean }[]) {
  return statements.map((statement) => run({ update: "c", updates: [statement] }));
}

const longText = "x".repeat(3_000);

/** Every type that the product stores, and types that are easily confused with them. */
const values = {
  int: new Int32(7),
  negative: new Int32(-1),
  long: Long.fromString("9007199254740993"),
  smallLong: Long.fromNumber(7),
  double: 1.5,
  wholeDouble: new Double(7),
  negativeZero: new Double(-0),
  notANumber: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  decimal: Decimal128.fromString("1.10"),
  yes: true,
  no: false,
  nothing: null,
  date: new Date("2022-08-01T12:34:56.789Z"),
  beforeEpoch: new Date("1901-12-13T20:45:51.001Z"),
  timestamp: new Timestamp({ t: 1, i: 2 }),
  id: new ObjectId("507f1f77bcf86cd799439011"),
  bytes: new Binary(new Uint8Array([0, 1, 255]), 0),
  uuid: new Binary(new Uint8Array(16).fill(9), 4),
  pattern: /^T1059\.\d+$/i,
  min: new MinKey(),
  max: new MaxKey(),
  astral: "🦊 \u{1F9D1}\u{200D}\u{1F4BB} 𝒳",
  accents: "Käse – naïve",
  nulByte: "a\u0000b",
  empty: "",
  emptyObject: {},
  emptyArray: [],
  nestedArrays: [[1, [2, null]], [], [{}]],
  nested: { "": 1, "with space": 2, deep: { deeper: { deepest: [1, "2", null] } } },
  numericKeys: { 10: "ten", 2: "two", b: 1, a: 2 },
  longText,
};

export const writeCases: readonly DifferentialCase[] = [
  {
    name: "insert: ordered stops at the first duplicate, unordered continues",
    steps: [
      run({ insert: "c", documents: [{ _id: 1 }, { _id: 1 }, { _id: 2 }] }),
      run({ insert: "c", documents: [{ _id: 3 }, { _id: 1 }, { _id: 3 }, { _id: 4 }], ordered: false }),
      run({ find: "c", sort: { _id: 1 } }),
    ],
  },
  {
    name: "insert: every type is returned as it was sent",
    steps: [
      run({ insert: "c", documents: [{ _id: "values", ...values }] }),
      run({ insert: "c", documents: Object.entries(values).map(([name, v]) => ({ _id: name, v })) }),
      run({ find: "c", filter: { _id: "values" } }),
    ],
  },
  {
    name: "insert: _id becomes the first field, and is generated if missing",
    steps: [
      run({ insert: "c", documents: [{ b: 1, a: 2, _id: "last" }, { made: true }] }),
      run({ find: "c", filter: { _id: "last" } }),
      run({ count: "c", query: { _id: { $type: "objectId" } } }),
    ],
  },
  {
    name: "insert: ids of every kind, and those that are refused",
    steps: [
      ...[
        null,
        true,
        "",
        "🦊",
        longText,
        new Date(0),
        { b: 1, a: 2 },
        { a: 2, b: 1 },
        new Binary(new Uint8Array([1])),
        new Double(1.5),
      ].map((_id) => run({ insert: "c", documents: [{ _id }] })),
      run({ insert: "c", documents: [{ _id: { $bad: 1 } }] }, { see: refusal }),
    ],
  },
  {
    name: "insert: 1 as int32, long and double is the same _id",
    steps: [
      run({ insert: "c", documents: [{ _id: new Int32(1) }] }),
      run({ insert: "c", documents: [{ _id: Long.fromNumber(1) }] }),
      run({ insert: "c", documents: [{ _id: new Double(1) }] }),
      run({ insert: "c", documents: [{ _id: { a: new Int32(1) } }] }),
      run({ insert: "c", documents: [{ _id: "1" }] }),
      run({ find: "c", filter: { _id: new Double(1) } }),
      run({ find: "c", filter: { _id: Long.fromNumber(1) } }),
      run({ delete: "c", deletes: [{ q: { _id: new Double(1) }, limit: 1 }] }),
    ],
  },
  {
    name: "insert: field names with dots, dollars, nothing in them, and __proto__, inside the data",
    steps: [
      run({
        insert: "c",
        documents: [
          { _id: 1, data: { "a.b": 1, $set: 2, "": 3, "x.$y": { $z: 4 } } },
          { _id: 2, "a.b": 1, $top: 2 },
          { _id: 3, data: JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "toString": 3}') },
        ],
      }),
      run({ find: "c", filter: { _id: 3 }, projection: { "data.constructor": 1 } }),
      ...updates(
        { q: { _id: 1 }, u: { $set: { plain: 1 } } },
        { q: { _id: 3 }, u: { $set: { "data.more": 1 } } },
        { q: { _id: 4 }, u: { _id: 4, data: { "a.b": 1, $set: 2, "": 3 } }, upsert: true },
        { q: { _id: 5 }, u: { $set: { data: { "a.b": 1, $set: 2, "": 3 } } }, upsert: true },
        { q: { _id: 6 }, u: [{ $set: { data: { $literal: { "a.b": 1, $set: 2, "": 3 } } } }], upsert: true },
      ),
      run({ find: "c", sort: { _id: 1 } }),
    ],
  },
  {
    name: "insert: 3 MB documents",
    steps: [
      run({
        insert: "c",
        documents: [
          { _id: 1, text: "é".repeat(1_500_000) },
          {
            _id: 2,
            list: Array.from({ length: 30_000 }, (_, index) => ({ index, text: `object--${index}` })),
          },
        ],
      }),
      ...updates({ q: { _id: 1 }, u: { $set: { n: 1 } } }, { q: { _id: 2 }, u: { $set: { "list.5.n": 1 } } }),
      run({ find: "c", sort: { _id: 1 } }, { drainBy: 1 }),
      run({ aggregate: "c", pipeline: [{ $unwind: "$list" }, { $count: "n" }], cursor: {} }),
    ],
  },
  {
    name: "insert: invalid commands",
    steps: [
      run({ insert: "c", documents: [] }),
      run({ insert: "c" }, { see: refusal }),
      run({ insert: "c", documents: "no" }, { see: refusal }),
      run({ insert: "", documents: [{ _id: 1 }] }),
      run({ insert: 5, documents: [{ _id: 1 }] }, { see: refusal }),
      run({ insert: "c", documents: [{ _id: 1 }], ordered: "yes" }),
    ],
  },
  {
    name: "unique: insert, update, upsert, replacement and bulk all refuse the second",
    steps: [
      run({ createIndexes: "c", indexes: [uniqueIndex("u")] }),
      run({
        insert: "c",
        documents: [
          { _id: 1, u: "a" },
          { _id: 2, u: "b" },
        ],
      }),
      run({ insert: "c", documents: [{ _id: 3, u: "a" }] }),
      ...updates(
        { q: { _id: 2 }, u: { $set: { u: "a" } } },
        { q: { _id: 2 }, u: { u: "a" } },
        { q: { _id: 2 }, u: [{ $set: { u: "a" } }] },
        { q: { _id: 9 }, u: { $set: { u: "a" } }, upsert: true },
        { q: { u: "a", _id: 9 }, u: { $set: { v: 1 } }, upsert: true },
        { q: { _id: 2 }, u: { $set: { u: "b", v: 1 } } },
      ),
      run({
        update: "c",
        ordered: false,
        updates: [
          { q: { _id: 2 }, u: { $set: { u: "a" } } },
          { q: { _id: 2 }, u: { $set: { u: "c" } } },
          { q: { _id: 7 }, u: { $set: { u: "a" } }, upsert: true },
          { q: { _id: 8 }, u: { $set: { u: "d" } }, upsert: true },
        ],
      }),
      run({
        update: "c",
        updates: [
          { q: { _id: 1 }, u: { $set: { seen: 1 } } },
          { q: { _id: 1 }, u: { $set: { u: "c" } } },
          { q: { _id: 1 }, u: { $set: { seen: 2 } } },
        ],
      }),
      run({ findAndModify: "c", query: { _id: 1 }, update: { $set: { u: "c" } } }),
      run({ findAndModify: "c", query: { _id: 10 }, update: { $set: { u: "c" } }, upsert: true }),
    ],
  },
  {
    name: "unique: missing is null, arrays by element, numbers by value, compound keys as a whole",
    steps: [
      run({ createIndexes: "c", indexes: [uniqueIndex("u")] }),
      run({ insert: "c", documents: [{ _id: 1 }] }),
      run({ insert: "c", documents: [{ _id: 2, u: null }] }),
      run({ insert: "c", documents: [{ _id: 3, u: [1, 2, 2] }] }),
      run({ insert: "c", documents: [{ _id: 4, u: new Double(2) }] }),
      run({ insert: "c", documents: [{ _id: 5, u: [5, 1] }] }),
      run({ insert: "c", documents: [{ _id: 6, u: Long.fromNumber(5) }] }),
      run({ insert: "c", documents: [{ _id: 7, u: [5] }] }),
      run({ insert: "c", documents: [{ _id: 8, u: longText }] }),
      run({ insert: "c", documents: [{ _id: 9, u: longText }] }),
      run({ insert: "c", documents: [{ _id: 10, u: `${longText}y` }] }),
      run({ createIndexes: "d", indexes: [uniqueIndex("a", "b.c")] }),
      run({ insert: "d", documents: [{ _id: 1, a: 1, b: { c: 1 } }] }),
      run({ insert: "d", documents: [{ _id: 2, a: 1, b: { c: 2 } }] }),
      run({ insert: "d", documents: [{ _id: 3, a: 1, b: { c: 1 } }] }),
      run({ insert: "d", documents: [{ _id: 4, a: 1 }] }),
      run({ insert: "d", documents: [{ _id: 5, a: 1, b: null }] }),
      run({ insert: "d", documents: [{ _id: 6, a: 1, b: [{ c: 7 }, { c: 8 }] }] }),
      run({ insert: "d", documents: [{ _id: 7, a: 1, b: { c: 8 } }] }),
    ],
  },
  {
    name: "unique: an index that the data does not allow is refused, and the data stays",
    steps: [
      run({
        insert: "c",
        documents: [
          { _id: 1, u: 1 },
          { _id: 2, u: 1 },
        ],
      }),
      run({ createIndexes: "c", indexes: [uniqueIndex("u")] }),
      run({ delete: "c", deletes: [{ q: { _id: 2 }, limit: 1 }] }),
      run({ createIndexes: "c", indexes: [uniqueIndex("u")] }),
      run({ insert: "c", documents: [{ _id: 2, u: 1 }] }),
      run({ delete: "c", deletes: [{ q: { _id: 1 }, limit: 1 }] }),
      run({ insert: "c", documents: [{ _id: 2, u: 1 }] }),
      run({ dropIndexes: "c", index: "u_1" }),
      run({ insert: "c", documents: [{ _id: 3, u: 1 }] }),
    ],
  },
  {
    name: "update: each operator on present, missing and nested fields",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, n: 1, s: "x", list: [1, 2], o: { a: 1 }, nothing: null }] }),
      ...updates(
        { q: { _id: 1 }, u: { $set: { n: 2, "o.b": 2, "p.q.r": 3 } } },
        { q: { _id: 1 }, u: { $set: { n: 2 } } },
        { q: { _id: 1 }, u: { $set: { n: new Double(2) } } },
        { q: { _id: 1 }, u: { $set: { o: { b: 2, a: 1 } } } },
        { q: { _id: 1 }, u: { $unset: { s: "", none: "", "p.q.r": "" } } },
        { q: { _id: 1 }, u: { $unset: { none: 1 } } },
        { q: { _id: 1 }, u: { $inc: { n: 5, fresh: 1, "o.count": new Double(0.5) } } },
        { q: { _id: 1 }, u: { $inc: { n: Long.fromNumber(1) } } },
        { q: { _id: 1 }, u: { $inc: { fresh: 0 } } },
        { q: { _id: 1 }, u: { $push: { list: 3, made: "a", "o.list": { x: 1 } } } },
        { q: { _id: 1 }, u: { $push: { list: { $each: [4, 5] } } } },
        { q: { _id: 1 }, u: { $push: { list: { $each: [0, 9], $position: 0, $slice: 5 } } } },
        { q: { _id: 1 }, u: { $push: { list: { $each: [], $slice: -3 } } } },
        { q: { _id: 1 }, u: { $push: { list: { $each: [8, 1], $sort: -1 } } } },
        { q: { _id: 1 }, u: { $push: { list: [1, 2] } } },
        { q: { _id: 1 }, u: { $addToSet: { tags: "a" } } },
        { q: { _id: 1 }, u: { $addToSet: { tags: "a" } } },
        { q: { _id: 1 }, u: { $addToSet: { tags: { $each: ["b", "a", "b", { x: 1, y: 2 }] } } } },
        { q: { _id: 1 }, u: { $addToSet: { tags: { x: 1, y: 2 } } } },
        { q: { _id: 1 }, u: { $addToSet: { tags: { y: 2, x: 1 } } } },
        { q: { _id: 1 }, u: { $min: { n: 100, low: 5 } } },
        { q: { _id: 1 }, u: { $min: { n: -1 } } },
        { q: { _id: 1 }, u: { $max: { n: 100, high: 5, o: 5 } } },
        { q: { _id: 1 }, u: { $max: { n: "text sorts after numbers" } } },
        { q: { _id: 1 }, u: { $min: { nothing: 5 } } },
        { q: { _id: 1 }, u: { $max: { nothing: 5 } } },
        { q: { _id: 1 }, u: { $currentDate: { at: true, stamp: { $type: "timestamp" } } } },
        { q: { _id: 1 }, u: { $currentDate: { "o.at": { $type: "date" } } } },
        { q: { _id: 1 }, u: { $setOnInsert: { never: 1 } } },
        { q: { _id: 1 }, u: {} },
      ),
      run({ find: "c" }),
    ],
  },
  {
    name: "update: number types after $inc",
    steps: [
      run({
        insert: "c",
        documents: [
          { _id: 1, v: new Int32(2_147_483_647) },
          { _id: 2, v: Long.fromString("9223372036854775800") },
          { _id: 3, v: new Double(1) },
          { _id: 4, v: "1" },
          { _id: 5, v: null },
        ],
      }),
      ...updates(
        { q: { _id: 1 }, u: { $inc: { v: new Int32(1) } } },
        { q: { _id: 2 }, u: { $inc: { v: 1 } } },
        { q: { _id: 2 }, u: { $inc: { v: 100 } } },
        { q: { _id: 3 }, u: { $inc: { v: new Int32(1) } } },
        { q: { _id: 4 }, u: { $inc: { v: 1 } } },
        { q: { _id: 5 }, u: { $inc: { v: 1 } } },
        { q: { _id: 1 }, u: { $inc: { v: "1" } } },
        { q: { _id: 1 }, u: { $inc: { v: null } } },
      ),
      run({ find: "c", sort: { _id: 1 } }),
    ],
  },
  {
    name: "update: array positions",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, list: [{ a: 1 }, { a: 2 }], o: { 0: "key" } }] }),
      ...updates(
        { q: { _id: 1 }, u: { $set: { "list.0.a": 5 } } },
        { q: { _id: 1 }, u: { $set: { "list.4": "beyond" } } },
        { q: { _id: 1 }, u: { $set: { "o.0": "still a key", "o.1": "new key" } } },
        { q: { _id: 1 }, u: { $unset: { "list.1": "" } } },
        { q: { _id: 1 }, u: { $set: { "list.name": 1 } } },
      ),
      run({ find: "c" }),
    ],
  },
  {
    name: "update: many, one, none",
    steps: [
      run({
        insert: "c",
        documents: [
          { _id: 1, g: "x", n: 1 },
          { _id: 2, g: "x", n: 5 },
          { _id: 3, g: "y", n: 1 },
        ],
      }),
      ...updates(
        { q: { g: "x" }, u: { $set: { n: 5 } }, multi: true },
        { q: { g: "z" }, u: { $set: { n: 5 } }, multi: true },
        { q: { g: "z" }, u: { $set: { n: 5 } } },
        { q: {}, u: { $inc: { n: 1 } }, multi: true },
        { q: { _id: { $in: [1, 3] } }, u: { $unset: { g: 1 } }, multi: true },
        { q: { g: null }, u: { $set: { g: "none" } }, multi: true },
        { q: {}, u: { whole: 1 }, multi: true },
      ),
      run({
        update: "c",
        updates: [
          { q: { _id: 1 }, u: { $set: { a: 1 } } },
          { q: { _id: 1 }, u: { $set: { a: 1 } } },
          { q: { _id: 4 }, u: { $set: { a: 1 } }, upsert: true },
          { q: { _id: 5 }, u: { $set: { a: 1 } }, upsert: true, multi: true },
        ],
      }),
    ],
  },
  {
    name: "update: upserts take equalities from the filter",
    steps: [
      ...updates(
        {
          q: { _id: 1, a: 1, "b.c": 2, d: { $gt: 5 }, e: { $eq: 3 } },
          u: { $set: { z: 1, "b.d": 4 } },
          upsert: true,
        },
        { q: { _id: 2 }, u: { $setOnInsert: { first: 1 }, $set: { last: 1 } }, upsert: true },
        { q: { _id: 2 }, u: { $setOnInsert: { first: 2 }, $set: { last: 2 } }, upsert: true },
        {
          q: { _id: 3 },
          u: { $inc: { n: 2 }, $push: { p: 1 }, $addToSet: { s: 1 }, $min: { m: 1 }, $max: { x: 1 } },
          upsert: true,
        },
        { q: { _id: 4 }, u: { $unset: { n: 1 } }, upsert: true },
        { q: { _id: 5 }, u: { replaced: true }, upsert: true },
        { q: { $and: [{ _id: 6 }, { a: 6 }] }, u: { $set: { b: 6 } }, upsert: true },
        { q: { $or: [{ _id: 7 }] }, u: { $set: { b: 7 } }, upsert: true },
        { q: { _id: { $eq: 9 } }, u: { $set: { b: 9 } }, upsert: true },
        { q: { a: 10 }, u: { _id: 10, b: 1 }, upsert: true },
        { q: { _id: 11 }, u: { _id: 12, b: 1 }, upsert: true },
        { q: { _id: 13 }, u: { $set: { _id: 13, b: 1 } }, upsert: true },
        { q: { _id: 14 }, u: { $set: { _id: 15, b: 1 } }, upsert: true },
        { q: { n: 16 }, u: { $setOnInsert: { _id: 16 } }, upsert: true },
        { q: { _id: 17 }, u: { $currentDate: { at: true } }, upsert: true },
        { q: { _id: "made", x: 1 }, u: [{ $set: { y: { $add: ["$x", 1] } } }], upsert: true },
        { q: { made: true }, u: { $set: { y: 1 } }, upsert: true },
      ),
      run({ find: "c", projection: { _id: 0 }, filter: { made: true } }),
    ],
  },
  {
    name: "update: replacement keeps _id and nothing else",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, a: 1, b: 2 }] }),
      ...updates(
        { q: { _id: 1 }, u: { c: 3 } },
        { q: { _id: 1 }, u: { d: 4, _id: 1 } },
        { q: { _id: 1 }, u: { d: 4 } },
        { q: { _id: 1 }, u: { _id: 2, d: 4 } },
        { q: { _id: 1 }, u: { d: 4, $set: { e: 5 } } },
        { q: { _id: 1 }, u: { $set: { e: 5 }, d: 4 } },
      ),
    ],
  },
  {
    name: "update: pipelines",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, hash: "a", n: 1, list: [3, 1], first: new Date(0) }] }),
      ...updates(
        { q: { _id: 1 }, u: [{ $set: { n: { $add: ["$n", 1] }, copy: "$hash" } }] },
        { q: { _id: 1 }, u: [{ $set: { n: "$n" } }] },
        { q: { _id: 1 }, u: [{ $addFields: { "o.p": { $ifNull: ["$o.p", "default"] } } }] },
        { q: { _id: 1 }, u: [{ $unset: ["copy", "none"] }] },
        { q: { _id: 1 }, u: [{ $unset: "o.p" }] },
        {
          q: { _id: 1 },
          u: [
            { $set: { changed: { $ne: ["$hash", "b"] } } },
            { $set: { hash: { $cond: ["$changed", "b", "$hash"] } } },
            { $project: { list: 0 } },
          ],
        },
        { q: { _id: 1 }, u: [{ $set: { at: "$$NOW", missing: "$none", gone: "$$REMOVE" } }] },
        { q: { _id: 1 }, u: [{ $set: { text: { $literal: "$hash" } } }] },
        {
          q: { _id: 2 },
          u: [
            {
              $set: {
                content_hash: "h",
                first_ingested_at: { $ifNull: ["$first_ingested_at", new Date(0)] },
                removed_at: "$$REMOVE",
              },
            },
          ],
          upsert: true,
        },
        {
          q: { _id: 2 },
          u: [
            {
              $replaceWith: {
                $cond: [{ $eq: ["$content_hash", "h"] }, "$$ROOT", { _id: "$_id", content_hash: "h" }],
              },
            },
          ],
        },
        { q: { _id: 2 }, u: [{ $replaceRoot: { newRoot: { _id: "$_id", other: 1 } } }] },
        { q: { _id: 2 }, u: [{ $replaceWith: { other: 2 } }] },
        { q: { _id: 2 }, u: [{ $set: { _id: 3 } }] },
        { q: { _id: 2 }, u: [{ $set: { a: { $noSuchExpression: 1 } } }] },
        { q: { _id: 2 }, u: [{ $set: { a: { $add: ["x", 1] } } }] },
        { q: { _id: 2 }, u: [] },
      ),
      run({ update: "c", updates: [{ q: { _id: 2 }, u: [{ $match: { a: 1 } }] }] }, { see: refusal }),
      run({ update: "c", updates: [{ q: { _id: 2 }, u: [{ $group: { _id: 1 } }] }] }, { see: refusal }),
      run({ find: "c", sort: { _id: 1 } }),
    ],
  },
  {
    name: "update: refused, and the document unchanged",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, n: 1, s: "x", list: [1], o: { a: 1 } }] }),
      ...updates(
        { q: { _id: 1 }, u: { $set: { _id: 2 } } },
        { q: { _id: 1 }, u: { $set: { _id: 1 } } },
        { q: { _id: 1 }, u: { $unset: { _id: 1 } } },
        { q: { _id: 1 }, u: { $inc: { _id: 1 } } },
        { q: { _id: 1 }, u: { $inc: { s: 1 } } },
        { q: { _id: 1 }, u: { $push: { n: 1 } } },
        { q: { _id: 1 }, u: { $addToSet: { n: 1 } } },
        { q: { _id: 1 }, u: { $set: { "n.x": 1 } } },
        { q: { _id: 1 }, u: { $set: { "s.x": 1 } } },
        { q: { _id: 1 }, u: { $set: { a: 1 }, $inc: { a: 1 } } },
        { q: { _id: 1 }, u: { $set: { o: 1 }, $inc: { "o.a": 1 } } },
        { q: { _id: 1 }, u: { $set: { "o.b": 1, "o.b.c": 1 } } },
        { q: { _id: 1 }, u: { $noSuchOperator: { a: 1 } } },
        { q: { _id: 1 }, u: { $set: {} } },
        { q: { _id: 1 }, u: { $set: { "a..b": 1 } } },
        { q: { _id: 1 }, u: { $set: { "a.": 1 } } },
        { q: { _id: 1 }, u: { $set: { "": 1 } } },
        { q: { _id: 1 }, u: { $push: { list: { $each: 5 } } } },
        { q: { _id: 1 }, u: { $currentDate: { at: "yes" } } },
        { q: { _id: 1 }, u: { $currentDate: { at: { $type: "year" } } } },
        { q: { $nope: 1 }, u: { $set: { a: 1 } } },
        { q: { n: { $nope: 1 } }, u: { $set: { a: 1 } } },
        { q: { none: 1 }, u: { $noSuchOperator: { a: 1 } } },
        { q: { none: 1 }, u: { $set: { a: 1 }, $inc: { a: 1 } } },
      ),
      run(
        { update: "c", updates: [{ q: { _id: 1 }, u: { $push: { list: { $each: [1], $nope: 1 } } } }] },
        { see: refusal },
      ),
      run({ update: "c", updates: [] }, { see: refusal }),
      run({ update: "c", updates: [{ q: { _id: 1 }, u: "text" }] }, { see: refusal }),
      run({ update: "c", updates: [{ q: 5, u: { $set: { a: 1 } } }] }, { see: refusal }),
      run({
        update: "c",
        updates: [
          { q: { _id: 1 }, u: { $inc: { s: 1 } } },
          { q: { _id: 1 }, u: { $set: { after: 1 } } },
        ],
      }),
      run({
        update: "c",
        ordered: false,
        updates: [
          { q: { _id: 1 }, u: { $inc: { s: 1 } } },
          { q: { _id: 1 }, u: { $set: { after: 1 } } },
        ],
      }),
    ],
  },
  {
    name: "update: new fields of an upsert come in the order of their names",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, z: 1 }] }),
      ...updates({
        q: { _id: 2 },
        u: { $setOnInsert: { c: 1 }, $set: { d: 1, a: 1 }, $inc: { b: 1 } },
        upsert: true,
      }),
      run({ find: "c", sort: { _id: 1 } }),
    ],
  },
  {
    name: "update: a bulk of upserts the way the loader sends it, twice",
    steps: [1, 2].map(() =>
      run({
        update: "objects",
        ordered: false,
        updates: Array.from({ length: 200 }, (_, index) => ({
          q: { _id: `attack-pattern--${index % 150}` },
          u: {
            $set: { data: { objects: [{ id: index % 150, name: "T1059.001" }] }, content_hash: `${index}` },
            $setOnInsert: { first_ingested_at: new Date(0) },
          },
          upsert: true,
        })),
      }),
    ),
  },
  {
    name: "delete: one, many, all, none, and refused",
    steps: [
      run({ insert: "c", documents: [1, 2, 3, 4, 5, 6].map((_id) => ({ _id, even: _id % 2 === 0 })) }),
      run({ delete: "c", deletes: [{ q: { _id: 1 }, limit: 1 }] }),
      run({ delete: "c", deletes: [{ q: { _id: 1 }, limit: 1 }] }),
      run({ delete: "c", deletes: [{ q: { even: true, _id: { $gt: 2 } }, limit: 0 }] }),
      run({
        delete: "c",
        deletes: [
          { q: { _id: 2 }, limit: 1 },
          { q: { _id: 3 }, limit: 0 },
        ],
      }),
      run({ delete: "c", deletes: [{ q: { $nope: 1 }, limit: 0 }] }),
      run({ delete: "c", deletes: [{ q: {}, limit: 5 }] }, { see: refusal }),
      run({ delete: "c", deletes: [] }, { see: refusal }),
      run({ delete: "none", deletes: [{ q: {}, limit: 0 }] }),
      run({ delete: "c", deletes: [{ q: {}, limit: 0 }] }),
      run({ count: "c" }),
    ],
  },
  {
    name: "findAndModify: update, replace, remove, upsert, old and new, sorted, projected",
    steps: [
      run({ insert: "c", documents: [3, 1, 2].map((n) => ({ _id: n, n, g: "x", list: [n] })) }),
      run({ findAndModify: "c", query: { _id: 1 }, update: { $inc: { n: 10 } } }),
      run({ findAndModify: "c", query: { _id: 1 }, update: { $inc: { n: 10 } }, new: true }),
      run({
        findAndModify: "c",
        query: { g: "x" },
        sort: { n: 1 },
        update: { $set: { low: true } },
        new: true,
      }),
      run({ findAndModify: "c", query: { g: "x" }, sort: { n: -1 }, remove: true }),
      run({ findAndModify: "c", query: { _id: 2 }, update: { whole: 1 }, new: true }),
      run({ findAndModify: "c", query: { _id: 2 }, update: { whole: 2 }, new: false, fields: { _id: 0 } }),
      run({
        findAndModify: "c",
        query: { _id: 3 },
        update: { $push: { list: 9 } },
        fields: { list: 1 },
        new: true,
      }),
      run({
        findAndModify: "c",
        query: { _id: 3 },
        update: [{ $set: { twice: { $multiply: ["$n", 2] } } }],
        new: true,
      }),
      run({ findAndModify: "c", query: { _id: 7 }, update: { $set: { a: 1 } } }),
      run({ findAndModify: "c", query: { _id: 7 }, update: { $set: { a: 1 } }, new: true }),
      run({ findAndModify: "c", query: { _id: 7 }, update: { $set: { a: 1 } }, upsert: true }),
      run({ findAndModify: "c", query: { _id: 8 }, update: { $set: { a: 1 } }, upsert: true, new: true }),
      run({
        findAndModify: "c",
        query: { _id: 8 },
        update: { $set: { a: 2 }, $setOnInsert: { b: 1 } },
        upsert: true,
      }),
      run({ findAndModify: "c", query: { _id: 9 }, update: { made: 1 }, upsert: true, new: true }),
      run({ findAndModify: "c", query: { _id: 99 }, remove: true }),
      run({ findAndModify: "c", query: { _id: 8 }, remove: true, fields: { a: 1, _id: 0 } }),
      run({ findAndModify: "none", query: { _id: 1 }, update: { $set: { a: 1 } } }),
    ],
  },
  {
    name: "findAndModify: refused",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, s: "x" }] }),
      run({ findAndModify: "c", query: { _id: 1 } }),
      run({ findAndModify: "c", query: { _id: 1 }, remove: true, update: { $set: { a: 1 } } }),
      run({ findAndModify: "c", query: { _id: 1 }, remove: true, new: true }),
      run({ findAndModify: "c", query: { _id: 1 }, remove: true, upsert: true }),
      run({ findAndModify: "c", query: { _id: 1 }, update: { $set: { _id: 2 } } }),
      run({ findAndModify: "c", query: { _id: 1 }, update: { $inc: { s: 1 } } }),
      run({ findAndModify: "c", query: { _id: 1 }, update: { $nope: { s: 1 } } }),
      run({ findAndModify: "c", query: { $nope: 1 }, update: { $set: { s: 1 } } }),
    ],
  },
];
