import fc from "fast-check";
import { type Document, Double } from "mongodb";
import { valueDocuments } from "./random-documents.js";
import { expressions, small } from "./random-expressions.js";
import { run, type Step } from "./step.js";

/*
 * Random pipelines over documents of `random-documents.ts`. They are sorted first, while `_id` is unique, so that the
 * order of documents is defined wherever it counts. What SecantusDB gets wrong is left out, as narrowly as the generators
 * allow; the documented cases have it.
 */

const { number, decimal, text, date, bool, numbers, texts, document, documents, any, fallible } =
  expressions(2);

const value = fc.oneof(number, decimal, text, date, bool, numbers, texts, document, documents);

/** Values that are neither flags of a projection nor empty documents, which SecantusDB takes for fields. */
const computed = value.filter((one) => Array.isArray(one) || typeof one === "string" || isOperation(one));

function isOperation(one: unknown): boolean {
  return typeof one === "object" && one !== null && Object.keys(one).some((name) => name.startsWith("$"));
}

function readsField(json: string): boolean {
  return /(^|[[:,])"\$[\w]/.test(json) && !json.includes("$literal");
}

/** SecantusDB takes accumulators of a constant for expressions. */
function accumulated(of: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return of.filter((one) => !Array.isArray(one) && readsField(JSON.stringify(one) ?? ""));
}

const name = fc.constantFrom(
  "n",
  "s",
  "x",
  "v",
  "o.n",
  "o.v",
  "o.o.n",
  "q.n",
  "q.o.n",
  "y.n",
  "w.u",
  "1",
  "10",
);

/** Without paths through arrays, in which SecantusDB computes and removes nothing. */
const plainName = name.filter((one) => !/^[qy]\./.test(one));

/** Fields of which no expression expects a type. */
const anyField = fc.constantFrom("x", "v", "10", "o.v", "w.u");

/** A field with a computed value of its type. SecantusDB makes no document for a missing one. */
const computedField: fc.Arbitrary<[string, unknown]> = fc.oneof(
  fc
    .tuple(anyField, computed)
    .map(([path, one]): [string, unknown] => [path, path.includes(".") ? { $ifNull: [one, null] } : one]),
  fc.tuple(fc.constantFrom("n", "1"), number.filter(isOperation)),
  fc.tuple(fc.constant("s"), text.filter(isOperation)),
);

const fieldTest = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("n", "x", "o.n", "q.n", "l", "y", "e", "10", "q.o.n"),
      fc.constantFrom("$gt", "$lte", "$ne", "$eq"),
      leafOf(),
    )
    .map(([path, operator, operand]): Document => ({ [path]: { [operator]: operand } })),
  fc
    .tuple(fc.constantFrom("n", "d", "q.s", "y.n"), fc.boolean())
    .map(([path, exists]): Document => ({ [path]: { $exists: exists } })),
  fc.constantFrom<Document>(
    { q: { $elemMatch: { n: { $gte: 0 } } } },
    { x: { $type: "number" } },
    { l: { $size: 2 } },
    { x: { $in: [null, 1, "a"] } },
    { s: /a/i },
  ),
);

function leafOf(): fc.Arbitrary<unknown> {
  return fc.constantFrom<unknown>(0, 1, null, "a", new Date(0), true, { n: 1 }, [1]);
}

const filter: fc.Arbitrary<Document> = fc.oneof(
  { weight: 3, arbitrary: bool.map((condition): Document => ({ $expr: condition })) },
  { weight: 2, arbitrary: fieldTest },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fieldTest, bool)
      .map(([one, condition]): Document => ({ $or: [one, { $expr: condition }] })),
  },
);

/** A document of up to three fields. */
function fields(field: fc.Arbitrary<[string, unknown]>): fc.Arbitrary<Document> {
  return fc
    .uniqueArray(field, { minLength: 1, maxLength: 3, selector: ([path]) => path })
    .map((entries): Document => Object.fromEntries(entries));
}

const inclusion = fc.oneof(
  { weight: 3, arbitrary: fields(fc.tuple(name, fc.constantFrom(1, true))) },
  {
    weight: 3,
    arbitrary: fields(
      fc.oneof(
        computedField.filter(([path]) => !path.includes(".")),
        fc.tuple(plainName, fc.constantFrom(1, true)),
      ),
    ),
  },
  { weight: 1, arbitrary: computedField.map((one): Document => Object.fromEntries([one])) },
  { weight: 2, arbitrary: fields(fc.tuple(plainName, fc.constantFrom(0, false))) },
  { weight: 1, arbitrary: fc.tuple(computed, computed).map(([v, x]): Document => ({ _id: 0, v, x })) },
);

/** Stages that keep the order of documents. */
const mapping: fc.Arbitrary<Document> = fc.oneof(
  { weight: 2, arbitrary: filter.map((one): Document => ({ $match: one })) },
  { weight: 3, arbitrary: inclusion.map((one): Document => ({ $project: one })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom("$set", "$addFields"), fields(computedField))
      .map(([stage, one]): Document => ({ [stage]: one })),
  },
  { weight: 1, arbitrary: plainName.map((one): Document => ({ $unset: one })) },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(plainName, { minLength: 1, maxLength: 2 })
      .map((one): Document => ({ $unset: one })),
  },
  { weight: 1, arbitrary: unwind("$y", "$x", "$o", "$o.o") },
  {
    weight: 1,
    arbitrary: document.map(
      (one): Document => ({ $replaceRoot: { newRoot: { $mergeObjects: [{ _id: "$_id" }, one] } } }),
    ),
  },
  { weight: 1, arbitrary: value.map((one): Document => ({ $replaceWith: { _id: "$_id", v: one } })) },
  { weight: 2, arbitrary: lookup() },
);

/** The order in which an array finds documents is open, so they are sorted, or counted by one value. */
function lookup(): fc.Arbitrary<Document> {
  const withN = expressions(1, { number: ["n"], text: ["s"] });
  const inner = fc.oneof(
    withN.bool.map((condition): Document => ({ $match: { $expr: condition } })),
    fc.constantFrom<Document>(
      { $match: { $expr: { $eq: ["$n", "$$n"] } } },
      { $match: { $expr: { $eq: ["$s", "$$s"] } } },
      { $match: { $expr: { $gt: ["$n", "$$n"] } } },
    ),
  );
  const ending = fc.oneof(
    withN.number.map((one): Document => ({ $project: { v: { $ifNull: [one, null] } } })),
    fc.constantFrom<Document>({ $limit: 1 }, { $project: { n: 1 } }, { $skip: 1 }),
  );
  // A document that is there already is changed by SecantusDB wherever it was copied to.
  const as = fc.constantFrom("found", "at.found");
  const key = fc.constantFrom("n", "s", "l", "p", "x", "none", "_id", "o.n", "e");
  const pipeline = fc.tuple(inner, ending).map(([one, two]) => [one, { $sort: { _id: 1 } }, two]);
  const variables = { n: { $ifNull: ["$n", null] }, s: { $ifNull: ["$s", null] } };
  return fc.oneof(
    fc
      .tuple(
        key.filter((one) => !/^[lpx]$/.test(one)),
        key,
        as,
      )
      .map(
        ([localField, foreignField, one]): Document => ({
          $lookup: { from: "others", localField, foreignField, as: one },
        }),
      ),
    fc.tuple(pipeline, as).map(
      ([stages, one]): Document => ({
        $lookup: { from: "others", let: variables, pipeline: stages, as: one },
      }),
    ),
    fc.tuple(key, key, pipeline, as).map(
      ([localField, foreignField, stages, one]): Document => ({
        $lookup: { from: "others", localField, foreignField, let: variables, pipeline: stages, as: one },
      }),
    ),
  );
}

function unwind(...paths: string[]): fc.Arbitrary<Document> {
  return fc.tuple(fc.constantFrom(...paths), fc.constantFrom(true, false, undefined)).map(
    ([path, preserveNullAndEmptyArrays]): Document => ({
      $unwind: preserveNullAndEmptyArrays === undefined ? path : { path, preserveNullAndEmptyArrays },
    }),
  );
}

const accumulator = fc.oneof(
  fc.constantFrom<Document>({ $sum: 1 }, { $count: {} }, { $sum: "$e" }),
  fc
    .tuple(fc.constantFrom("$min", "$max"), accumulated(number))
    .map(([one, of]): Document => ({ [one]: of })),
  accumulated(small).map((of): Document => ({ $avg: of })),
  fc.tuple(fc.constantFrom("$min", "$max"), accumulated(any)).map(([one, of]): Document => ({ [one]: of })),
  fc
    .tuple(fc.constantFrom("$first", "$last", "$push"), accumulated(value))
    .map(([one, of]): Document => ({ [one]: of })),
);

const groupKey = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    "$n",
    "$s",
    "$x",
    "$o",
    "$l",
    "$none",
    { n: "$n", s: "$none" },
    { $isArray: "$x" },
  ),
  number,
  text,
);

const grouping = fc.oneof(
  fc
    .tuple(
      groupKey,
      fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b", "1"), accumulator), {
        maxLength: 3,
        selector: ([one]) => one,
      }),
    )
    .map(([_id, accumulators]): Document[] => [{ $group: { _id, ...Object.fromEntries(accumulators) } }]),
  fc
    .tuple(groupKey, accumulated(value))
    .map(([_id, of]): Document[] => [
      { $group: { _id, set: { $addToSet: of } } },
      { $unwind: { path: "$set", preserveNullAndEmptyArrays: true } },
    ]),
  groupKey.map((key): Document[] => [{ $sortByCount: key ?? "$n" }, { $sort: { count: -1, _id: 1 } }]),
  fc.constant<Document[]>([{ $sample: { size: 100 } }]),
  unwind("$l", "$q", "$p").map((one) => [one]),
);

const sorting = fc.oneof(
  fc.constant<Document>({ $sort: { _id: 1 } }),
  fc
    .tuple(fc.constantFrom("n", "x", "o.n", "l", "q", "y", "e", "s", "10", "o"), fc.constantFrom(1, -1))
    .map(([path, direction]): Document => ({ $sort: { [path]: direction, _id: 1 } })),
);

const section = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.nat(3).map((one): Document[] => [{ $skip: one }]) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }).map((one): Document[] => [{ $limit: one }]) },
  { weight: 1, arbitrary: fc.constant<Document[]>([{ $skip: 1 }, { $limit: 2 }]) },
);

/** One expression that may be refused, so that both servers refuse for the same reason. */
const refusable = fc.oneof(
  fallible.map((one): Document => ({ $replaceWith: { v: one } })),
  fallible.map((one): Document => ({ $set: { v: one } })),
  fallible.map((one): Document => ({ $match: { $expr: one } })),
  fallible.map((one): Document => ({ $group: { _id: one, n: { $sum: 1 } } })),
  fallible.map((one): Document => ({ $group: { _id: "$n", v: { $push: one } } })),
);

const filtering = fc.array(
  filter.map((one): Document => ({ $match: one })),
  { maxLength: 1 },
);

const pipeline: fc.Arbitrary<Document[]> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        filtering,
        sorting,
        section,
        fc.array(mapping, { maxLength: 3 }),
        fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: grouping }),
      )
      .map(([first, sort, some, mapped, grouped]) => [...first, sort, ...some, ...mapped, ...grouped]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fieldTest, refusable)
      .map(([$match, stage]) => [{ $match }, { $sort: { _id: 1 } }, stage]),
  },
);

const collection = "values";

/** Not within `o`, which SecantusDB changes wherever it was copied to. */
const computedNew = computedField.filter(([path]) => ["v", "w.u"].includes(path));

/** Stages of an update, which keep the types of the fields that expressions read. */
const change = fc.oneof(
  { weight: 3, arbitrary: fields(computedNew).map((one): Document => ({ $set: one })) },
  { weight: 1, arbitrary: fc.constantFrom<Document>({ $unset: "v" }, { $unset: ["w.u", "o.v"] }) },
  {
    weight: 1,
    arbitrary: value.map((one): Document => ({ $replaceWith: { $mergeObjects: ["$$ROOT", { v: one }] } })),
  },
);

const changes = fc.array(change, { minLength: 1, maxLength: 2 });

const withLet = expressions(1, { number: ["k"], text: ["t"] });

/** An aggregation, or another command that holds expressions. */
const aggregation: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 16,
    arbitrary: pipeline.map((stages) => run({ aggregate: collection, pipeline: stages, cursor: {} })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(withLet.bool, withLet.number, fc.constantFrom<unknown>(1, null, new Double(2.5)))
      .map(([$expr, v, k]) =>
        run({
          aggregate: collection,
          pipeline: [
            { $match: { $expr } },
            { $sort: { _id: 1 } },
            { $project: { v: { $ifNull: [v, null] } } },
          ],
          let: { k, t: "a" },
          cursor: {},
        }),
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        filter,
        inclusion.filter(
          (one) => !Object.values(one).some((field) => Object.hasOwn(Object(field), "$slice")),
        ),
        sorting,
        fc.nat(3),
      )
      .map(([one, projection, { $sort }, limit]) =>
        run({ find: collection, filter: one, projection, sort: $sort, limit }),
      ),
  },
  { weight: 1, arbitrary: filter.map((query) => run({ count: collection, query })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(filter, changes)
      .map(([q, u]) => run({ update: collection, updates: [{ q, u, multi: true }] })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat(5), changes)
      .map(([_id, update]) => run({ findAndModify: collection, query: { _id }, update, new: true })),
  },
);

/** Two collections, and up to 60 commands on them. */
export const aggregationSequences: fc.Arbitrary<Step[]> = fc
  .tuple(valueDocuments, valueDocuments, fc.array(aggregation, { minLength: 1, maxLength: 60, size: "max" }))
  .map(([values, others, steps]) => [
    run({ insert: collection, documents: values }),
    run({ insert: "others", documents: others }),
    ...steps,
  ]);
