import { BSONRegExp, Long } from "bson";
import { describe, expect, test } from "vitest";
import { useServer } from "../testing/server.js";
import { decimal, double, int, long } from "../testing/tables/typed-values.js";
import { describeUpdates } from "../testing/tables/update-table.js";

// The answers: MongoDB's manual (update operators), and in its repository src/mongo/db/update/*_node_test.cpp,
// jstests/core/write/update/update_{mul,min_max}_examples.js and update_with_pipeline.js.

const server = useServer();
const BAD_VALUE = { refused: 2 };
const NOT_PARSED = { refused: 9 };
const WRONG_TYPE = { refused: 14 };
const NOT_VIABLE = { refused: 28 };

describeUpdates("$set", server, [
  [{ a: int(5) }, { $set: { a: int(5) } }, { a: int(5) }],
  [{ a: int(2) }, { $set: { a: long("2") } }, { a: long("2") }],
  [{ a: double(2) }, { $set: { a: decimal("2.0") } }, { a: decimal("2.0") }],
  [{ a: "text" }, { $set: { a: null } }, { a: null }],
  [{}, { $set: { a: null } }, { a: null }],
  [{ b: 1, a: { b: 1 } }, { $set: { a: 2 } }, { b: 1, a: 2 }],
  [{ b: 1 }, { $set: { d: 1, c: [] } }, { b: 1, c: [], d: 1 }],
  [{ a: { d: 5 } }, { $set: { "a.b.c": 6 } }, { a: { d: 5, b: { c: 6 } } }],
  [{ c: 5 }, { $set: { "a.b": 6 } }, { c: 5, a: { b: 6 } }],
  [{ a: [{ b: 0 }] }, { $set: { "a.0.b": 1 } }, { a: [{ b: 1 }] }],
  [{ a: [{ b: 0 }] }, { $set: { "a.2.b": 2 } }, { a: [{ b: 0 }, null, { b: 2 }] }],
  [{ a: {} }, { $set: { "a.2.b": 2 } }, { a: { 2: { b: 2 } } }],
  [{ a: 1 }, { $set: {} }, { a: 1 }],
  [{ a: 1 }, { $set: { _id: "it" } }, { a: 1 }],
  [{ a: 5 }, { $set: { "a.b": 5 } }, NOT_VIABLE],
  [{ a: null }, { $set: { "a.b": 5 } }, NOT_VIABLE],
  [{ a: [{ b: 1 }] }, { $set: { "a.b": 5 } }, NOT_VIABLE],
  [{ a: [1, 2] }, { $set: { "a.01": 5 } }, NOT_VIABLE],
  [{ a: { "01": 1 } }, { $set: { "a.01": 5 } }, { a: { "01": 5 } }],
  [{ a: 1 }, { $set: { _id: "other" } }, { refused: 66 }],
  [{ a: 1 }, { $set: 5 }, NOT_PARSED],
  [{ a: 1 }, { $set: null }, NOT_PARSED],
  [{ a: 1 }, { $set: { a: 1, "a.b": 2 } }, { refused: 40 }],
]);

describeUpdates("$setOnInsert where nothing is inserted", server, [
  [{ a: 1 }, { $setOnInsert: { a: 2 } }, { a: 1 }],
  [{ a: int(1) }, { $setOnInsert: { b: long("1") }, $set: { a: decimal("1") } }, { a: decimal("1") }],
  [{ a: null }, { $setOnInsert: { "a.b": 2 } }, { a: null }],
  [{}, { $setOnInsert: "a" }, NOT_PARSED],
]);

describeUpdates("$unset", server, [
  [{ a: 5 }, { $unset: { a: 1 } }, {}],
  [{ a: null, b: decimal("1") }, { $unset: { a: "", b: null } }, {}],
  [{ b: 5 }, { $unset: { a: 1 } }, { b: 5 }],
  [{ a: { b: { c: 6 } } }, { $unset: { "a.b.c": 1 } }, { a: { b: {} } }],
  [{ a: [1], b: 1 }, { $unset: { "a.0": 1 } }, { a: [null], b: 1 }],
  [{ a: [{ b: 1 }] }, { $unset: { "a.0.b": 1 } }, { a: [{}] }],
  [{ a: 5 }, { $unset: { "a.b": 1 } }, { a: 5 }],
  [{ a: [{ b: 1 }] }, { $unset: { "a.b": 1 } }, { a: [{ b: 1 }] }],
  [{ "a.b": 4, a: { b: 2 } }, { $unset: { "a.b": 1 } }, { "a.b": 4, a: {} }],
  [{ a: 1 }, { $unset: { _id: "" } }, { refused: 66 }],
  [{ a: 1 }, { $unset: "a" }, NOT_PARSED],
]);

describeUpdates("$inc", server, [
  [{ a: int(5) }, { $inc: { a: int(6) } }, { a: int(11) }],
  [{ a: int(5) }, { $inc: { a: int(0) } }, { a: int(5) }],
  [{ a: int(2) }, { $inc: { a: long("0") } }, { a: long("2") }],
  [{ a: long("1") }, { $inc: { a: double(0.5) } }, { a: double(1.5) }],
  [{ a: int(5) }, { $inc: { a: decimal("0.0") } }, { a: decimal("5.0") }],
  [{ a: long("9007199254740993") }, { $inc: { a: decimal("0.5") } }, { a: decimal("9007199254740993.5") }],
  [{ a: double(6.022e23) }, { $inc: { a: double(1) } }, { a: double(6.022e23) }],
  [{ a: int(2147483647) }, { $inc: { a: int(1) } }, { a: long("2147483648") }],
  [{ a: int(-2147483648) }, { $inc: { a: int(-1) } }, { a: long("-2147483649") }],
  [{ a: Long.MAX_VALUE }, { $inc: { a: int(1) } }, BAD_VALUE],
  [{ b: 6 }, { $inc: { a: long("5") } }, { b: 6, a: long("5") }],
  [{}, { $inc: { a: decimal("5.50") } }, { a: decimal("5.50") }],
  [{ a: { d: 5 } }, { $inc: { "a.b.c": 6 } }, { a: { d: 5, b: { c: 6 } } }],
  [{ "a.b": 4 }, { $inc: { "a.b": 2 } }, { "a.b": 4, a: { b: 2 } }],
  [{ a: [] }, { $inc: { "a.2.b": 2 } }, { a: [null, null, { b: 2 }] }],
  [{ a: "text" }, { $inc: { a: 2 } }, WRONG_TYPE],
  [{ a: null }, { $inc: { a: 2 } }, WRONG_TYPE],
  [{ a: [] }, { $inc: { a: 2 } }, WRONG_TYPE],
  [{ a: { b: 1 } }, { $inc: { a: 2 } }, WRONG_TYPE],
  [{ a: 1 }, { $inc: { a: "1" } }, WRONG_TYPE],
  [{ a: 1 }, { $inc: { a: null } }, WRONG_TYPE],
  [{ a: 5 }, { $inc: { "a.b": 5 } }, NOT_VIABLE],
  [{ a: [{ b: 1 }] }, { $inc: { "a.b": 2 } }, NOT_VIABLE],
]);

describeUpdates("$mul", server, [
  [
    { price: decimal("10.99"), qty: int(25) },
    { $mul: { price: decimal("1.25"), qty: int(2) } },
    { price: decimal("13.7375"), qty: int(50) },
  ],
  [{ price: long("10") }, { $mul: { price: int(5) } }, { price: long("50") }],
  [{ a: int(2) }, { $mul: { a: int(-10) } }, { a: int(-20) }],
  [{ a: int(2) }, { $mul: { a: double(1.1) } }, { a: double(2.2) }],
  [{ a: int(2) }, { $mul: { a: double(-0.1) } }, { a: double(-0.2) }],
  [{ a: int(5) }, { $mul: { a: int(1) } }, { a: int(5) }],
  [{ a: int(2) }, { $mul: { a: long("1") } }, { a: long("2") }],
  [{ a: int(2147483647) }, { $mul: { a: int(2) } }, { a: long("4294967294") }],
  [{ a: Long.MAX_VALUE }, { $mul: { a: int(2) } }, BAD_VALUE],
  [{ b: 6 }, { $mul: { a: long("100") } }, { b: 6, a: long("0") }],
  [{}, { $mul: { a: int(5) } }, { a: int(0) }],
  [{}, { $mul: { a: double(1.5) } }, { a: double(0) }],
  [{}, { $mul: { a: decimal("5.5") } }, { a: decimal("0.0") }],
  [{ a: "text" }, { $mul: { a: 2 } }, WRONG_TYPE],
  [{ a: null }, { $mul: { a: 2 } }, WRONG_TYPE],
  [{ a: 1 }, { $mul: { a: { b: 6 } } }, WRONG_TYPE],
  [{ a: 1 }, { $mul: { a: [] } }, WRONG_TYPE],
]);

describeUpdates("$min and $max", server, [
  [{ a: int(1) }, { $min: { a: int(0) } }, { a: int(0) }],
  [{ a: int(1) }, { $min: { a: decimal("0.5") } }, { a: decimal("0.5") }],
  [{ a: int(1) }, { $min: { a: int(2) } }, { a: int(1) }],
  [{ a: double(0) }, { $min: { a: long("0") } }, { a: double(0) }],
  [{ a: double(1e-15) }, { $min: { a: double(1.000000000000001e-15) } }, { a: double(1e-15) }],
  [{}, { $min: { a: int(0) } }, { a: int(0) }],
  [{ a: 1 }, { $min: { a: null } }, { a: null }],
  [{ a: "text" }, { $min: { a: long("9") } }, { a: long("9") }],
  [{ a: { b: 1 } }, { $min: { "a.b": 0, "a.c": 0 } }, { a: { b: 0, c: 0 } }],
  [{ a: 5 }, { $min: { "a.b": 0 } }, NOT_VIABLE],
  [{ a: int(1) }, { $max: { a: int(2) } }, { a: int(2) }],
  [{ a: int(1) }, { $max: { a: int(0) } }, { a: int(1) }],
  [{ a: double(1) }, { $max: { a: long("1") } }, { a: double(1) }],
  [
    { a: double(9007199254740992) },
    { $max: { a: long("9007199254740993") } },
    { a: long("9007199254740993") },
  ],
  [{}, { $max: { a: decimal("0.0") } }, { a: decimal("0.0") }],
  [{ a: null }, { $max: { a: -1 } }, { a: -1 }],
  [{ a: new Date(0) }, { $max: { a: new Date(123123123) } }, { a: new Date(123123123) }],
  [{ a: { b: 2 } }, { $max: { a: { b: 3 } } }, { a: { b: 3 } }],
  [{ a: { b: 2 } }, { $max: { a: 3 } }, { a: { b: 2 } }],
  [{ a: 5 }, { $max: { "a.b": 0 } }, NOT_VIABLE],
  [{ a: 5 }, { $max: 6 }, NOT_PARSED],
]);

describe("$currentDate", () => {
  test.each<[before: object, update: object, path: string, type: string]>([
    [{ a: int(0) }, { $currentDate: { a: true } }, "a", "date"],
    [{ a: decimal("0") }, { $currentDate: { a: false } }, "a", "date"],
    [{ a: null }, { $currentDate: { a: { $type: "date" } } }, "a", "date"],
    [{ a: long("0") }, { $currentDate: { a: { $type: "timestamp" } } }, "a", "timestamp"],
    [{}, { $currentDate: { "a.b": true } }, "a.b", "date"],
    [{ a: [1, double(2)] }, { $currentDate: { "a.1": { $type: "timestamp" } } }, "a.1", "timestamp"],
  ])("%j %j", async (before, update, path, type) => {
    const c = server.db().collection("c");
    await c.insertOne(before);
    expect(await c.updateOne({}, update)).toMatchObject({ modifiedCount: 1 });
    expect(await c.countDocuments({ [path]: { $type: type } })).toBe(1);
    if (type === "date") {
      const age = { $subtract: ["$$NOW", `$${path}`] };
      expect(await c.countDocuments({ $expr: { $and: [{ $gte: [age, 0] }, { $lt: [age, 5000] }] } })).toBe(1);
    }
  });
});

describeUpdates("$currentDate: what is refused", server, [
  [{ a: 1 }, { $currentDate: { a: int(0) } }, BAD_VALUE],
  [{ a: 1 }, { $currentDate: { a: null } }, BAD_VALUE],
  [{ a: 1 }, { $currentDate: { a: "date" } }, BAD_VALUE],
  [{ a: 1 }, { $currentDate: { a: {} } }, BAD_VALUE],
  [{ a: 1 }, { $currentDate: { a: { $type: 9 } } }, BAD_VALUE],
  [{ a: 1 }, { $currentDate: { a: { $type: "bad" } } }, BAD_VALUE],
  [{ a: 1 }, { $currentDate: { a: { $bad: 1, $type: "date" } } }, BAD_VALUE],
  [{ a: 1 }, { $currentDate: { "a.b": true } }, NOT_VIABLE],
]);

describeUpdates("$push", server, [
  [{ a: [0] }, { $push: { a: 1 } }, { a: [0, 1] }],
  [{ a: [] }, { $push: { a: long("1") } }, { a: [long("1")] }],
  [{}, { $push: { a: decimal("1.0") } }, { a: [decimal("1.0")] }],
  [{ a: [1] }, { $push: { a: null } }, { a: [1, null] }],
  [{ a: [1] }, { $push: { a: [2, double(3)] } }, { a: [1, [2, double(3)]] }],
  [{ a: [1] }, { $push: { a: { b: 2 } } }, { a: [1, { b: 2 }] }],
  [
    { choices: { first: { choice: "b" } } },
    { $push: { "choices.first.votes": 1 } },
    { choices: { first: { choice: "b", votes: [1] } } },
  ],
  [{ a: 1 }, { $push: { a: 1 } }, BAD_VALUE],
  [{ a: null }, { $push: { a: 1 } }, BAD_VALUE],
  [{ a: { 0: 1 } }, { $push: { a: 1 } }, BAD_VALUE],
  [{ a: 1 }, { $push: { "a.b": 1 } }, NOT_VIABLE],
]);

describeUpdates("$push with $each", server, [
  [{ a: [0] }, { $push: { a: { $each: [1, long("2")] } } }, { a: [0, 1, long("2")] }],
  [{}, { $push: { a: { $each: [1] } } }, { a: [1] }],
  [{}, { $push: { a: { $each: [] } } }, { a: [] }],
  [{ a: [0] }, { $push: { a: { $each: [] } } }, { a: [0] }],
  [{ a: [] }, { $push: { a: { $each: [null, [1]] } } }, { a: [null, [1]] }],
  [{ a: [0] }, { $push: { a: { $each: 1 } } }, BAD_VALUE],
  [{ a: [0] }, { $push: { a: { $each: null } } }, BAD_VALUE],
  [{ a: [0] }, { $push: { a: { $each: { 0: 1 } } } }, BAD_VALUE],
  [{ a: [0] }, { $push: { a: { $each: [1], $nothing: 1 } } }, BAD_VALUE],
]);

describeUpdates("$push with $slice", server, [
  [{ a: [3] }, { $push: { a: { $each: [2, -1], $slice: 1 } } }, { a: [3] }],
  [{ a: [2, 3] }, { $push: { a: { $each: [1], $slice: -4 } } }, { a: [2, 3, 1] }],
  [{ a: [2, 3] }, { $push: { a: { $each: [1], $slice: long("-2") } } }, { a: [3, 1] }],
  [{ a: [2, 3] }, { $push: { a: { $each: [1], $slice: double(2) } } }, { a: [2, 3] }],
  [{ a: [2, 3] }, { $push: { a: { $each: [1], $slice: decimal("1") } } }, { a: [2] }],
  [{ a: [2, 3] }, { $push: { a: { $each: [1], $slice: 0 } } }, { a: [] }],
  [{ a: [2, 3] }, { $push: { a: { $each: [1], $slice: Long.MAX_VALUE } } }, { a: [2, 3, 1] }],
  [{ a: [2, 3] }, { $push: { a: { $each: [1], $slice: Long.MIN_VALUE } } }, { a: [2, 3, 1] }],
  [{ a: [2] }, { $push: { a: { $each: [1], $slice: -2.1 } } }, BAD_VALUE],
  [{ a: [2] }, { $push: { a: { $each: [1], $slice: { a: 1 } } } }, BAD_VALUE],
  [{ a: [2] }, { $push: { a: { $each: [1], $slice: "-1" } } }, BAD_VALUE],
  [{ a: [2] }, { $push: { a: { $each: [1], $slice: null } } }, BAD_VALUE],
]);

describeUpdates("$push with $sort", server, [
  [{ a: [3] }, { $push: { a: { $each: [double(2), -1], $sort: 1 } } }, { a: [-1, double(2), 3] }],
  [{ a: [3] }, { $push: { a: { $each: [4, -1], $sort: -1 } } }, { a: [4, 3, -1] }],
  [
    { a: [3, "t", { b: 1 }, { a: 1 }] },
    { $push: { a: { $each: [4, -1], $sort: 1 } } },
    { a: [-1, 3, 4, "t", { a: 1 }, { b: 1 }] },
  ],
  [
    { a: [3, "t", { b: 1 }, { a: 1 }] },
    { $push: { a: { $each: [4, -1], $sort: -1 } } },
    { a: [{ b: 1 }, { a: 1 }, "t", 4, 3, -1] },
  ],
  [
    { a: [3, "t", { b: 1 }, { a: 1 }] },
    { $push: { a: { $each: [4, -1], $sort: { a: 1 } } } },
    { a: [3, "t", { b: 1 }, 4, -1, { a: 1 }] },
  ],
  [
    { a: [long("2"), decimal("1.5"), null] },
    { $push: { a: { $each: [], $sort: 1 } } },
    { a: [null, decimal("1.5"), long("2")] },
  ],
  [
    {
      a: [
        { a: 2, b: 3 },
        { a: 3, b: 1 },
      ],
    },
    {
      $push: {
        a: {
          $each: [
            { a: 2, b: 1 },
            { a: 1, b: 1 },
          ],
          $slice: 2,
          $sort: { a: 1, b: -1 },
        },
      },
    },
    {
      a: [
        { a: 1, b: 1 },
        { a: 2, b: 3 },
      ],
    },
  ],
  [
    { a: [{ b: { c: 2 } }, { b: { c: 1 } }] },
    { $push: { a: { $each: [], $sort: { "b.c": 1 } } } },
    { a: [{ b: { c: 1 } }, { b: { c: 2 } }] },
  ],
  // An array is sorted as a whole, behind texts and documents; what has no such field, as null.
  [
    { a: [{ s: [0, 9] }, { s: "x" }, 5, { s: 1 }, { s: {} }] },
    { $push: { a: { $each: [], $sort: { s: 1 } } } },
    { a: [5, { s: 1 }, { s: "x" }, { s: {} }, { s: [0, 9] }] },
  ],
  [
    { a: [{ s: [{ t: 1 }] }, { s: { t: 2 } }, { s: 3 }] },
    { $push: { a: { $each: [], $sort: { "s.t": -1 } } } },
    { a: [{ s: { t: 2 } }, { s: [{ t: 1 }] }, { s: 3 }] },
  ],
  [
    { a: [{ s: [2] }, { s: [1] }] },
    { $push: { a: { $each: [], $sort: { "s.0": 1 } } } },
    { a: [{ s: [1] }, { s: [2] }] },
  ],
  [{ a: [1] }, { $push: { a: { $each: [2], $sort: 2 } } }, BAD_VALUE],
  [{ a: [1] }, { $push: { a: { $each: [2], $sort: null } } }, BAD_VALUE],
  [{ a: [1] }, { $push: { a: { $each: [2], $sort: [{ a: 1 }] } } }, BAD_VALUE],
  [{ a: [1] }, { $push: { a: { $each: [2], $sort: { a: 100 } } } }, BAD_VALUE],
  [{ a: [1] }, { $push: { a: { $each: [2], $sort: {} } } }, BAD_VALUE],
  [{ a: [1] }, { $push: { a: { $each: [2], $sort: { "": 1 } } } }, BAD_VALUE],
  [{ a: [1] }, { $push: { a: { $each: [2], $sort: { "a..b": 1 } } } }, BAD_VALUE],
  [{ a: [1] }, { $push: { a: { $each: [2], $sort: { ".b": 1 } } } }, BAD_VALUE],
  [{ a: [1] }, { $push: { a: { $each: [2], $sort: { "a.": 1 } } } }, BAD_VALUE],
]);

describeUpdates("$push with $position", server, [
  [{ a: [0] }, { $push: { a: { $each: [1], $position: 0 } } }, { a: [1, 0] }],
  [{ a: [0] }, { $push: { a: { $each: [1], $position: long("1000") } } }, { a: [0, 1] }],
  [{ a: [] }, { $push: { a: { $each: [1], $position: double(1) } } }, { a: [1] }],
  [{ a: [] }, { $push: { a: { $each: [1], $position: -1 } } }, { a: [1] }],
  [{ a: [0] }, { $push: { a: { $each: [1], $position: decimal("-1") } } }, { a: [1, 0] }],
  [
    { a: [0, 1, 2, 3, 4] },
    { $push: { a: { $each: [5, 6, 7], $position: -2 } } },
    { a: [0, 1, 2, 5, 6, 7, 3, 4] },
  ],
  [{ a: [0, 1] }, { $push: { a: { $each: [5], $position: -1000 } } }, { a: [5, 0, 1] }],
  [{ a: [0, 1] }, { $push: { a: { $each: [5], $position: Long.MIN_VALUE } } }, { a: [5, 0, 1] }],
  [{ a: [0] }, { $push: { a: { $each: [1], $position: { a: 1 } } } }, BAD_VALUE],
  [{ a: [0] }, { $push: { a: { $each: [1], $position: -2.1 } } }, BAD_VALUE],
  [{ a: [0] }, { $push: { a: { $each: [1], $position: null } } }, BAD_VALUE],
]);

describeUpdates("$addToSet", server, [
  [{ a: [0] }, { $addToSet: { a: 1 } }, { a: [0, 1] }],
  [{ a: [int(1)] }, { $addToSet: { a: long("1") } }, { a: [int(1)] }],
  [{ a: [double(1)] }, { $addToSet: { a: decimal("1.0") } }, { a: [double(1)] }],
  [{ a: [0] }, { $addToSet: { a: [1] } }, { a: [0, [1]] }],
  [{ a: [null] }, { $addToSet: { a: null } }, { a: [null] }],
  [{ a: [{ b: 1, c: 2 }] }, { $addToSet: { a: { b: 1, c: 2 } } }, { a: [{ b: 1, c: 2 }] }],
  [
    { a: [{ b: 1, c: 2 }] },
    { $addToSet: { a: { c: 2, b: 1 } } },
    {
      a: [
        { b: 1, c: 2 },
        { c: 2, b: 1 },
      ],
    },
  ],
  [{}, { $addToSet: { a: 1 } }, { a: [1] }],
  [{ a: [0] }, { $addToSet: { a: { $each: [1, 2, 1] } } }, { a: [0, 1, 2] }],
  [{ a: [0, 0] }, { $addToSet: { a: { $each: [0, 1] } } }, { a: [0, 0, 1] }],
  [{ a: [0] }, { $addToSet: { a: { $each: [] } } }, { a: [0] }],
  [{}, { $addToSet: { a: { $each: [] } } }, { a: [] }],
  [{ a: 2 }, { $addToSet: { a: 1 } }, BAD_VALUE],
  [{ a: null }, { $addToSet: { a: 1 } }, BAD_VALUE],
  [{ a: 2 }, { $addToSet: { "a.b": 1 } }, NOT_VIABLE],
  [{ a: [0] }, { $addToSet: { a: { $each: {} } } }, WRONG_TYPE],
  [{ a: [0] }, { $addToSet: { a: { $each: null } } }, WRONG_TYPE],
  [{ a: [0] }, { $addToSet: { a: { $each: [], bad: 1 } } }, BAD_VALUE],
]);

describeUpdates("$pull", server, [
  [{ a: [0, 1, 0, 2] }, { $pull: { a: { $lt: 1 } } }, { a: [1, 2] }],
  [{ a: [0, -1] }, { $pull: { a: { $lt: decimal("0.5") } } }, { a: [] }],
  [{ a: [int(1), long("1"), double(1), decimal("1.0"), 2] }, { $pull: { a: 1 } }, { a: [2] }],
  [{ a: [2, 3] }, { $pull: { a: { $lt: 1 } } }, { a: [2, 3] }],
  [{ a: [] }, { $pull: { a: 1 } }, { a: [] }],
  [{}, { $pull: { a: { $lt: 1 } } }, {}],
  [{ a: { b: { c: {} } } }, { $pull: { "a.b.c.d": 1 } }, { a: { b: { c: {} } } }],
  [{ a: [null, 1] }, { $pull: { a: null } }, { a: [1] }],
  [
    { fruits: ["apples", "pears", "oranges"], vegetables: ["carrots", "celery", "carrots"] },
    { $pull: { fruits: { $in: ["apples", "oranges"] }, vegetables: "carrots" } },
    { fruits: ["pears"], vegetables: ["celery"] },
  ],
  [
    {
      results: [
        { item: "A", score: 5 },
        { item: "B", score: 8, comment: "x" },
      ],
    },
    { $pull: { results: { score: 8, item: "B" } } },
    { results: [{ item: "A", score: 5 }] },
  ],
  [
    { results: [{ item: "B", score: 8 }] },
    { $pull: { results: { $elemMatch: { score: 8, item: "B" } } } },
    { results: [{ item: "B", score: 8 }] },
  ],
  [
    {
      results: [
        { item: "A", answers: [{ q: 2, a: 6 }] },
        {
          item: "B",
          answers: [
            { q: 1, a: 8 },
            { q: 2, a: 9 },
          ],
        },
      ],
    },
    { $pull: { results: { answers: { $elemMatch: { q: 2, a: { $gte: 8 } } } } } },
    { results: [{ item: "A", answers: [{ q: 2, a: 6 }] }] },
  ],
  [
    { a: { b: [{ x: 1 }, { y: "y" }, { x: 2 }, { z: "z" }] } },
    { $pull: { "a.b": { $or: [{ y: { $exists: true } }, { z: { $exists: true } }] } } },
    { a: { b: [{ x: 1 }, { x: 2 }] } },
  ],
  [
    { a: [{ x: 1 }, { y: "y" }, { x: 2 }] },
    { $pull: { a: { $in: [{ x: 1 }, { y: "y" }] } } },
    { a: [{ x: 2 }] },
  ],
  [{ a: ["b", "a", "aab", "cb"] }, { $pull: { a: new BSONRegExp("a") } }, { a: ["b", "cb"] }],
  [{ a: [[1, 2], [2, 1], 1] }, { $pull: { a: [1, 2] } }, { a: [[2, 1], 1] }],
  [{ a: [1, { x: 1 }, "x"] }, { $pull: { a: { x: 1 } } }, { a: [1, "x"] }],
  // Operators and regular expressions meet an array in the array as a field's; values do not.
  [{ a: [1, 6, [6], [1, 9], [[6]]] }, { $pull: { a: { $gte: 5 } } }, { a: [1, [[6]]] }],
  [{ a: [1, 2, [1], [2], []] }, { $pull: { a: { $ne: 1 } } }, { a: [1, [1]] }],
  [{ a: [1, 2, [1], [2]] }, { $pull: { a: { $in: [1] } } }, { a: [2, [2]] }],
  [{ a: ["ab", ["ab"], ["b"]] }, { $pull: { a: new BSONRegExp("^a") } }, { a: [["b"]] }],
  [{ a: [[1, 2], [1]] }, { $pull: { a: { $size: 2 } } }, { a: [[1]] }],
  [{ a: [1, [1]] }, { $pull: { a: 1 } }, { a: [[1]] }],
  [{ a: "foo" }, { $pull: { a: { $lt: 1 } } }, BAD_VALUE],
  [{ a: { foo: "bar" } }, { $pull: { a: { $lt: 1 } } }, BAD_VALUE],
  [{ a: null }, { $pull: { a: 1 } }, BAD_VALUE],
  [{ a: 1 }, { $pull: { "a.b": { $lt: 1 } } }, NOT_VIABLE],
  [{ a: [1] }, { $pull: { a: { $foo: 1 } } }, BAD_VALUE],
  [{ a: [1] }, { $pull: { a: { b: { $foo: 1 } } } }, BAD_VALUE],
]);

describeUpdates("$pullAll", server, [
  [{ a: [1, "a", { r: 1, b: 2 }] }, { $pullAll: { a: [1] } }, { a: ["a", { r: 1, b: 2 }] }],
  [{ a: [1, "a", { r: 1, b: 2 }] }, { $pullAll: { a: [{ r: 1, b: 2 }, 3, "a", 1] } }, { a: [] }],
  [{ a: [1, "a"] }, { $pullAll: { a: ["r"] } }, { a: [1, "a"] }],
  [{ a: [{ r: 1, b: 2 }] }, { $pullAll: { a: [{ b: 2, r: 1 }] } }, { a: [{ r: 1, b: 2 }] }],
  [
    { a: [int(1), long("2"), double(3), decimal("4.0"), 5] },
    { $pullAll: { a: [long("1"), decimal("2"), int(3), double(4)] } },
    { a: [5] },
  ],
  [{ a: [null, 1, null] }, { $pullAll: { a: [null] } }, { a: [1] }],
  [{ a: [1] }, { $pullAll: { a: [] } }, { a: [1] }],
  [{ a: [1] }, { $pullAll: { b: [1] } }, { a: [1] }],
  [{ a: [1, 2] }, { $pullAll: { "a.2": [1] } }, { a: [1, 2] }],
  [{ a: [1, 2] }, { $pullAll: { "a.0": [1] } }, BAD_VALUE],
  [{ a: null }, { $pullAll: { a: [1] } }, BAD_VALUE],
  [{ a: [1] }, { $pullAll: { a: 1 } }, BAD_VALUE],
  [{ a: [1] }, { $pullAll: { a: null } }, BAD_VALUE],
  [{ a: [1] }, { $pullAll: { a: {} } }, BAD_VALUE],
  [{ a: 1 }, { $pullAll: { "a.b": [1] } }, NOT_VIABLE],
]);

describeUpdates("$pop", server, [
  [{ a: { b: [1, 2, 3] } }, { $pop: { "a.b": 1 } }, { a: { b: [1, 2] } }],
  [{ a: { b: [1, 2, 3] } }, { $pop: { "a.b": -1 } }, { a: { b: [2, 3] } }],
  [{ a: [[1]] }, { $pop: { a: long("-1") } }, { a: [] }],
  [{ a: [decimal("1"), null] }, { $pop: { a: double(1) } }, { a: [decimal("1")] }],
  [{ a: [1, 2] }, { $pop: { a: decimal("1") } }, { a: [1] }],
  [{ a: [] }, { $pop: { a: 1 } }, { a: [] }],
  [{ b: [1] }, { $pop: { "a.b": 1 } }, { b: [1] }],
  [{ a: [] }, { $pop: { "a.0": 1 } }, { a: [] }],
  [{ a: "foo" }, { $pop: { a: 1 } }, WRONG_TYPE],
  [{ a: null }, { $pop: { a: 1 } }, WRONG_TYPE],
  [{ a: "foo" }, { $pop: { "a.b": 1 } }, NOT_VIABLE],
  [{ a: [1] }, { $pop: { "a.b": 1 } }, NOT_VIABLE],
  [{ a: [1] }, { $pop: { "a.0.b": 1 } }, NOT_VIABLE],
  [{ a: [1] }, { $pop: { a: 1.1 } }, NOT_PARSED],
  [{ a: [1] }, { $pop: { a: 0 } }, NOT_PARSED],
  [{ a: [1] }, { $pop: { a: "foo" } }, NOT_PARSED],
  [{ a: [1] }, { $pop: { a: { b: 1 } } }, NOT_PARSED],
  [{ a: [1] }, { $pop: { a: true } }, NOT_PARSED],
  [{ a: [1] }, { $pop: { a: null } }, NOT_PARSED],
]);

describeUpdates("a replacement", server, [
  [
    { a: 1, b: 2 },
    { c: long("3"), a: decimal("1.0") },
    { c: long("3"), a: decimal("1.0") },
  ],
  [{ a: 1 }, {}, {}],
  [{ a: int(1) }, { a: int(1) }, { a: int(1) }],
  [{ a: int(1) }, { a: double(1) }, { a: double(1) }],
  [{ a: 1 }, { b: null, _id: "it" }, { b: null }],
  [{ a: 1 }, { _id: "other" }, { refused: 66 }],
  [{ a: 1 }, { b: 1, $set: { c: 1 } }, { refused: 52 }],
  [{ a: 1 }, { $set: { c: 1 }, b: 1 }, NOT_PARSED],
]);

describeUpdates("a pipeline", server, [
  [{ x: 1 }, [{ $set: { foo: 4 } }], { x: 1, foo: 4 }],
  [{ x: 1, y: 1 }, [{ $project: { x: 1 } }], { x: 1 }],
  [{ x: 1, y: [{ z: 1, foo: 1 }] }, [{ $unset: ["x", "y.z"] }], { y: [{ foo: 1 }] }],
  [{ x: 1, t: { u: { v: 1 } } }, [{ $replaceWith: "$t" }], { u: { v: 1 } }],
  [{ x: 1, t: { u: long("1") } }, [{ $replaceRoot: { newRoot: "$t" } }], { u: long("1") }],
  [
    { status: "Modified", misc1: "note", misc2: null },
    [{ $set: { status: "Ended", comments: ["$misc1", "$misc2"] } }, { $unset: ["misc1", "misc2"] }],
    { status: "Ended", comments: ["note", null] },
  ],
  [
    { tests: [95, 92, 90] },
    [
      { $set: { average: { $avg: "$tests" } } },
      { $set: { grade: { $cond: [{ $gte: ["$average", 90] }, "A", "F"] } } },
    ],
    { tests: [95, 92, 90], average: double(277 / 3), grade: "A" },
  ],
  [{ x: long("1") }, [{ $set: { x: { $add: ["$x", 1] }, y: "$none" } }], { x: long("2") }],
  [{ x: decimal("1.0") }, [{ $addFields: { x: "$x" } }], { x: decimal("1.0") }],
  [{ x: 1 }, [{ $set: { _id: "other" } }], { refused: 66 }],
  [{ x: 1 }, [{ $match: { x: 1 } }], { refused: 72 }],
  [{ x: 1 }, [{ $sort: { x: 1 } }], { refused: 72 }],
  [{ x: 1 }, [{ $lookup: { from: "c", as: "x", localField: "a", foreignField: "b" } }], { refused: 72 }],
  [{ x: 1 }, [{ $nothing: 1 }], { refused: 40324 }],
  [{ x: 1 }, { $addFields: { x: 1 } }, NOT_PARSED],
]);
