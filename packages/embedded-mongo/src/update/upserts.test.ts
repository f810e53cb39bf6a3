import { BSONRegExp } from "bson";
import { useServer } from "../testing/server.js";
import { decimal, double, int, long } from "../testing/tables/typed-values.js";
import { describeUpserts } from "../testing/tables/update-table.js";

// The answers: MongoDB's manual (upserts, $setOnInsert), and in its repository jstests/core/write/update/upsert_fields.js,
// upsert_and.js and update_with_pipeline.js.

const server = useServer();
const SET = { $set: { a: int(1) } };

describeUpserts("the _id that an upsert takes from its filter", server, [
  [{ _id: 1 }, SET, { _id: 1, a: 1 }],
  [{ _id: { $eq: long("1") } }, SET, { _id: long("1"), a: 1 }],
  [{ _id: { $all: [1] } }, SET, { _id: 1, a: 1 }],
  [{ _id: { $in: [decimal("1.0")] } }, SET, { _id: decimal("1.0"), a: 1 }],
  [{ $and: [{ _id: 1 }] }, SET, { _id: 1, a: 1 }],
  [{ $or: [{ _id: { $eq: 1 } }] }, SET, { _id: 1, a: 1 }],
  [{ "_id.x": 1, "_id.y": 2 }, SET, { _id: { x: 1, y: 2 }, a: 1 }],
  [{ _id: null }, SET, { _id: null, a: 1 }],
  [{ _id: 1 }, { a: 2 }, { _id: 1, a: 2 }],
  [{ _id: { $in: [1] } }, { a: 2 }, { _id: 1, a: 2 }],
  [{}, { $set: { _id: 1 } }, { _id: 1 }],
  [{}, { $setOnInsert: { _id: 1 } }, { _id: 1 }],
  [{}, { _id: 1 }, { _id: 1 }],
  [{ _id: { $gt: 1 } }, SET, { a: 1 }],
  [{ _id: new BSONRegExp("a") }, SET, { a: 1 }],
  [{ _id: [1, 2] }, SET, { refused: 53 }],
  [{ _id: { $all: [1, 2] } }, SET, { refused: 54 }],
  [{ $and: [{ _id: 1 }, { _id: 2 }] }, SET, { refused: 54 }],
  [{ "_id.x": 1, _id: { x: 1 } }, SET, { refused: 54 }],
  [{ "_id.x": 1 }, { a: 2 }, { refused: 111 }],
]);

describeUpserts("the fields that an upsert takes from its filter", server, [
  [{ x: int(1) }, SET, { x: int(1), a: 1 }],
  [{ x: { $eq: long("1") } }, SET, { x: long("1"), a: 1 }],
  [{ x: { $in: [double(1)] } }, SET, { x: double(1), a: 1 }],
  [{ x: { $all: [decimal("1.50")] } }, SET, { x: decimal("1.50"), a: 1 }],
  [{ $and: [{ x: { $eq: 1 } }] }, SET, { x: 1, a: 1 }],
  [{ $or: [{ x: 1 }] }, SET, { x: 1, a: 1 }],
  [{ x: null }, SET, { x: null, a: 1 }],
  [{ x: [1, 2] }, SET, { x: [1, 2], a: 1 }],
  [{ "x.x": { $eq: 1 } }, SET, { x: { x: 1 }, a: 1 }],
  [{ "x.y": 1 }, { $set: { "x.z": 2 } }, { x: { y: 1, z: 2 } }],
  [{ x: { $eq: new BSONRegExp("a") } }, SET, { x: new BSONRegExp("a"), a: 1 }],
  [{ x: new BSONRegExp("a") }, SET, { a: 1 }],
  [{ x: { $gt: 1 } }, SET, { a: 1 }],
  [{ x: { $ne: 1 } }, SET, { a: 1 }],
  [{ x: { $in: [1, 2] } }, SET, { a: 1 }],
  [{ x: { $elemMatch: { $eq: 1 } } }, SET, { a: 1 }],
  [{ x: { $exists: true } }, SET, { a: 1 }],
  [{ x: { $not: { $eq: 1 } } }, SET, { a: 1 }],
  [{ $or: [{ x: { $eq: 1 } }, { x: 2 }] }, SET, { a: 1 }],
  [{ $nor: [{ x: 1 }] }, SET, { a: 1 }],
  [{ $comment: "x", x: 1 }, SET, { x: 1, a: 1 }],
  [{ x: { $all: [1, 2] } }, SET, { refused: 54 }],
  [{ $and: [{ x: 1 }, { x: 2 }] }, SET, { refused: 54 }],
  [{ "x.y": 1, x: { y: 2 } }, SET, { refused: 54 }],
  [{ x: { y: { z: 1 } }, "x-y": 1, "x.y.z": 1 }, SET, { refused: 54 }],
  [{ x: 1 }, {}, {}],
  [{ x: { $all: [1, 2] } }, { a: 1 }, { a: 1 }],
  [{ $and: [{ x: 1 }, { x: 1 }] }, { a: 1 }, { a: 1 }],
]);

describeUpserts("what the operators do to a new document", server, [
  [
    { _id: 1 },
    { $set: { item: "apple" }, $setOnInsert: { defaultQty: 100 } },
    { _id: 1, defaultQty: 100, item: "apple" },
  ],
  [{ x: 1 }, { $setOnInsert: { y: decimal("1.0") } }, { x: 1, y: decimal("1.0") }],
  [{ x: 1 }, { $setOnInsert: { x: 2, y: null } }, { x: 2, y: null }],
  [{ x: 1 }, { $inc: { x: 1, n: long("5") } }, { x: 2, n: long("5") }],
  [{ x: 1 }, { $mul: { n: double(5) } }, { x: 1, n: double(0) }],
  [{ x: 1 }, { $min: { x: 0 }, $max: { y: 2 } }, { x: 0, y: 2 }],
  [{ x: 1 }, { $push: { l: 1 }, $addToSet: { s: { $each: [1, 1] } } }, { x: 1, l: [1], s: [1] }],
  [{ x: [1, 2] }, { $pull: { x: 1 } }, { x: [2] }],
  [{ x: [1, 2] }, { $pop: { x: 1 }, $pullAll: { y: [1] } }, { x: [1] }],
  [{ x: 1, y: 1 }, { $unset: { x: "" } }, { y: 1 }],
  [{ x: "a" }, { $inc: { x: 1 } }, { refused: 14 }],
]);

describeUpserts("a pipeline", server, [
  [{ _id: 1, x: 1 }, [{ $set: { foo: 4 } }], { _id: 1, x: 1, foo: 4 }],
  [{ _id: 1, x: 1 }, [{ $project: { x: "foo" } }], { _id: 1, x: "foo" }],
  [{ _id: 1, x: 1, y: 1 }, [{ $unset: ["x"] }], { _id: 1, y: 1 }],
]);
