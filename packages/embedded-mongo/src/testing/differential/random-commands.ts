import fc from "fast-check";
import { type Document, Double, Int32, Long, ObjectId } from "mongodb";
import { run, type Step } from "./step.js";

/*
 * Random commands over few ids, fields and values, so that they meet. Left out is what MongoDB leaves open: which
 * document a single update picks among several, and the order in which a multi-update meets a unique index; and
 * $currentDate, because two dates of one moment are the same or not. What SecantusDB gets wrong has documented cases: it
 * does not sort new fields, so they are given in the order of their names, and misses texts by a descending index.
 */

const collection = "c";
const ids = [1, 2, 3, "a", "b", new ObjectId("507f1f77bcf86cd799439011")];

const id = fc.constantFrom(...ids);

/** Equal numbers of three types, and values that are easily confused with them. */
const scalar = fc.constantFrom<unknown>(
  new Int32(0),
  new Int32(1),
  Long.fromNumber(1),
  new Double(1),
  new Double(1.5),
  new Int32(-3),
  Long.fromString("9007199254740993"),
  "1",
  "a",
  "",
  "🦊",
  "x".repeat(2_100),
  null,
  true,
  false,
  new Date("2022-08-01T00:00:00Z"),
);

const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 2, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  {
    weight: 2,
    arbitrary: fc.record<Document>({ a: scalar, b: scalar }, { requiredKeys: [] }),
  },
  { weight: 1, arbitrary: fc.constant({ "": 1, "a.b": 2, $set: 3 }) },
);

const number = fc.constantFrom<unknown>(new Int32(1), new Int32(-2), new Double(0.5), Long.fromNumber(3));

const field = fc.constantFrom("a", "b", "c");
const path = fc.constantFrom("a", "b", "c", "d.a", "d.b", "b.a");

const content = fc.record<Document>(
  { a: value, b: value, c: value, d: fc.record<Document>({ a: scalar, b: value }, { requiredKeys: [] }) },
  { requiredKeys: [] },
);

const document = fc.tuple(id, content).map(([_id, rest]): Document => ({ _id, ...rest }));

const comparison = fc.oneof(
  value,
  fc
    .tuple(fc.constantFrom("$eq", "$ne", "$gt", "$gte", "$lt", "$lte"), scalar)
    .map(([operator, operand]): unknown => ({ [operator]: operand })),
  fc.array(scalar, { maxLength: 3 }).map((list): unknown => ({ $in: list })),
  fc.boolean().map((exists): unknown => ({ $exists: exists })),
);

const filter = fc.oneof(
  fc.constant<Document>({}),
  id.map((_id): Document => ({ _id })),
  fc.array(id, { maxLength: 3 }).map((list): Document => ({ _id: { $in: list } })),
  fc.tuple(path, comparison).map(([name, operand]): Document => ({ [name]: operand })),
  fc
    .tuple(field, comparison, field, comparison)
    .map(([one, first, two, second]): Document => ({ $or: [{ [one]: first }, { [two]: second }] })),
);

/** At most one document matches. */
const oneFilter = fc.oneof(
  { weight: 4, arbitrary: id.map((_id): Document => ({ _id })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(id, field, scalar)
      .map(([_id, name, operand]): Document => ({ _id, [name]: operand })),
  },
);

const change = fc.oneof(
  { weight: 4, arbitrary: value.map((operand) => ({ operator: "$set", operand })) },
  { weight: 1, arbitrary: value.map((operand) => ({ operator: "$setOnInsert", operand })) },
  { weight: 1, arbitrary: fc.constant({ operator: "$unset", operand: "" }) },
  { weight: 2, arbitrary: number.map((operand) => ({ operator: "$inc", operand })) },
  { weight: 2, arbitrary: scalar.map((operand) => ({ operator: "$push", operand })) },
  { weight: 2, arbitrary: value.map((operand) => ({ operator: "$addToSet", operand })) },
  { weight: 1, arbitrary: scalar.map((operand) => ({ operator: "$min", operand })) },
  { weight: 1, arbitrary: scalar.map((operand) => ({ operator: "$max", operand })) },
);

/** One or two operators on paths without conflict, in the order of the paths. */
const operators = fc
  .uniqueArray(fc.tuple(path, change), {
    minLength: 1,
    maxLength: 2,
    selector: ([name]) => (name === "b.a" ? "b" : name),
  })
  .map((changes) => {
    const update: Record<string, Document> = {};
    for (const [name, { operator, operand }] of changes.sort(([one], [other]) => (one < other ? -1 : 1))) {
      update[operator] = { ...update[operator], [name]: operand };
    }
    return update;
  });

const pipeline = fc.constantFrom<Document[]>(
  [{ $set: { a: { $ifNull: ["$a", "none"] } } }],
  [{ $set: { b: { $cond: [{ $eq: ["$a", 1] }, "one", "$b"] } } }],
  [{ $set: { c: { $literal: { $set: 1, "a.b": 2 } } } }],
  [{ $unset: "a" }],
  [{ $set: { "d.a": { $concat: [{ $toString: "$_id" }, "!"] } } }, { $unset: ["b", "c"] }],
  [
    {
      $replaceWith: { $cond: [{ $eq: [{ $type: "$a" }, "missing"] }, { _id: "$_id", a: "moved" }, "$$ROOT"] },
    },
  ],
);

const update = fc.oneof(
  { weight: 5, arbitrary: operators },
  { weight: 2, arbitrary: content },
  { weight: 2, arbitrary: pipeline },
);

const statement = fc.record({ q: oneFilter, u: update, upsert: fc.boolean() }).map((one): Document => one);

const sort = fc
  .tuple(field, fc.constantFrom(1, -1), fc.constantFrom(1, -1))
  .map(([name, direction, last]): Document => ({ [name]: direction, _id: last }));

const projection = fc.constantFrom<Document>(
  {},
  { a: 1 },
  { _id: 0, b: 1 },
  { a: 0, "d.a": 0 },
  { "d.b": 1 },
  { _id: 1 },
);

const stages = fc.constantFrom<Document[]>(
  [{ $group: { _id: "$a", n: { $sum: 1 } } }, { $group: { _id: null, groups: { $sum: 1 } } }],
  [{ $group: { _id: { $isArray: "$a" }, n: { $sum: 1 }, least: { $min: "$_id" } } }],
  [{ $unwind: "$b" }, { $project: { b: 1 } }],
  [{ $sort: { _id: 1 } }, { $project: { _id: 1, is: { $eq: ["$a", 1] }, list: { $isArray: "$b" } } }],
  [{ $addFields: { "d.c": "$_id" } }],
  [
    { $lookup: { from: collection, localField: "a", foreignField: "_id", as: "found" } },
    { $project: { n: { $size: "$found" } } },
  ],
  [
    { $lookup: { from: collection, localField: "_id", foreignField: "b", as: "found" } },
    { $project: { n: { $size: "$found" } } },
  ],
);

const index = fc.constantFrom<Document>(
  { key: { a: 1 }, name: "a_1" },
  { key: { b: 1 }, name: "b_1" },
  { key: { "d.a": 1, _id: -1 }, name: "d.a_1__id_-1" },
  { key: { u: 1 }, name: "u_1", unique: true, sparse: true },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.array(document, { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([documents, ordered]) => run({ insert: collection, documents, ordered })),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.array(statement, { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([updates, ordered]) => run({ update: collection, updates, ordered })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(filter, field, value)
      .map(([q, name, operand]) =>
        run({ update: collection, updates: [{ q, u: { $set: { [name]: operand } }, multi: true }] }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(id, fc.constantFrom("k", "l"))
      .map(([_id, u]) =>
        run({ update: collection, updates: [{ q: { _id }, u: { $set: { u } }, upsert: true }] }),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ query: oneFilter, update, upsert: fc.boolean(), new: fc.boolean(), fields: projection })
      .map((rest) => run({ findAndModify: collection, ...rest })),
  },
  {
    weight: 1,
    arbitrary: sort.map((order) => run({ findAndModify: collection, query: {}, sort: order, remove: true })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(oneFilter, fc.constantFrom(0, 1))
      .map(([q, limit]) => run({ delete: collection, deletes: [{ q, limit }] })),
  },
  { weight: 1, arbitrary: filter.map((q) => run({ delete: collection, deletes: [{ q, limit: 0 }] })) },
  {
    weight: 6,
    arbitrary: fc
      .record({ filter, sort, projection, skip: fc.nat(2), limit: fc.nat(3) })
      .map((rest) => run({ find: collection, ...rest })),
  },
  { weight: 4, arbitrary: filter.map((query) => run({ find: collection, filter: query }, { drainBy: 2 })) },
  { weight: 2, arbitrary: filter.map((query) => run({ count: collection, query })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(filter, stages)
      .map(([$match, rest]) => run({ aggregate: collection, pipeline: [{ $match }, ...rest], cursor: {} })),
  },
  { weight: 1, arbitrary: index.map((one) => run({ createIndexes: collection, indexes: [one] })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("a_1", "b_1", "u_1")
      .map((name) => run({ dropIndexes: collection, index: name })),
  },
);

/** Up to 20 commands on a collection that exists: SecantusDB makes one for an update that matches nothing. */
export const sequences: fc.Arbitrary<Step[]> = fc
  .array(step, { minLength: 1, maxLength: 20, size: "max" })
  .map((steps) => [run({ create: collection }), ...steps]);
