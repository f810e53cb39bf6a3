import { BSON, Decimal128, type Document, Double, Int32, Long, MinKey, ObjectId } from "mongodb";
import type { DocumentedCase } from "./documented-cases.js";
import { run, type Step } from "./step.js";

/** The documents without `_id`, or the code of the error. */
function answer(reply: Document): Document {
  const documents: readonly Document[] = reply.cursor?.firstBatch ?? [];
  return reply.code === undefined
    ? { documents: documents.map(({ _id, ...rest }) => rest) }
    : { code: Number(reply.code) };
}

function documentedCase(
  name: string,
  source: string,
  steps: readonly Step[],
  expected: Document,
): DocumentedCase {
  return {
    name: `aggregate: ${name}`,
    source,
    steps,
    expected: BSON.EJSON.serialize(expected, { relaxed: false }),
  };
}

/** The documents that a pipeline makes of others, or the code of its error. */
function pipeline(
  name: string,
  source: string,
  documents: readonly Document[],
  stages: readonly Document[],
  expected: readonly Document[] | number,
): DocumentedCase {
  return documentedCase(
    name,
    source,
    [
      run({ insert: "c", documents: documents.map((one, _id) => ({ _id, ...one })) }),
      run({ aggregate: "c", pipeline: stages, cursor: {} }, { see: answer }),
    ],
    typeof expected === "number" ? { code: new Int32(expected) } : { documents: expected },
  );
}

/** The value of an expression; undefined if it is missing. */
function value(
  name: string,
  source: string,
  expression: unknown,
  expected: unknown,
  document: Document = {},
) {
  const made = expected === undefined ? {} : { v: expected };
  return pipeline(name, source, [document], [{ $replaceWith: { v: expression } }], [made]);
}

const decimal = (text: string) => Decimal128.fromString(text);
const long = (text: string) => Long.fromString(text);
const epoch = new Date(0);

const values = [
  value(
    "a field path through an array is the array of what its documents have there",
    "Field Paths",
    "$q.n",
    [1, 2],
    {
      q: [{ n: 1 }, { n: 2 }, 3],
    },
  ),
  value(
    "$first of an empty array has no value",
    "$first (array operator): missing where the array is empty",
    { $first: "$l" },
    undefined,
    { l: [] },
  ),
  value(
    "$last of an empty array has no value",
    "$last (array operator): missing where the array is empty",
    { $last: "$l" },
    undefined,
    { l: [] },
  ),
  value(
    "$reduce has no value where the initial value has none",
    "evaluate_array.cpp: the accumulated value as it is",
    { $reduce: { input: [], initialValue: "$none", in: "$$this" } },
    undefined,
  ),
  value(
    "what is beyond an array is missing to other operators",
    "$arrayElemAt: returns no result; $add: null where an operand is missing",
    { $add: [{ $arrayElemAt: ["$l", 5] }, 1] },
    null,
    { l: [] },
  ),
  value(
    "a variable without a value is missing to operators",
    "$let; $toInt: null where the input is missing",
    { $let: { vars: { v: "$none" }, in: { $toInt: "$$v" } } },
    null,
  ),
  value(
    "$type of what $cond has no value for",
    "$type: missing",
    { $type: { $cond: [true, "$none", 1] } },
    "missing",
  ),
  value(
    "$eq tells the order of fields",
    "Comparison and Sort Order: field order",
    { $eq: [{ a: "$_id", b: 1 }, { $literal: { b: 1, a: 0 } }] },
    false,
  ),
  value(
    "$in tells a missing value from null",
    "Comparison and Sort Order; value.cpp",
    { $in: ["$none", [null]] },
    false,
  ),
  value(
    "$not of an array of two",
    "$not: takes one expression; an array is true",
    { $not: [["$a", "$b"]] },
    false,
  ),
  value(
    "MinKey is less than a missing value",
    "Comparison and Sort Order: MinKey comes first",
    { $gte: ["$a", "$none"] },
    false,
    { a: new MinKey() },
  ),
  value(
    "a double is a Decimal128 of 15 digits to arithmetic",
    "decimal128.cpp: kRoundTo15Digits",
    { $subtract: ["$a", "$b"] },
    decimal("6.900000000000000"),
    { a: decimal("7"), b: new Double(0.1) },
  ),
  value(
    "a double is a Decimal128 of 34 digits to $avg",
    "summation.h: kRoundTo34Digits",
    { $avg: ["$a", "$b"] },
    decimal("1.300000000000000002775557561562892"),
    { a: decimal("2.50"), b: new Double(0.1) },
  ),
  value(
    "$subtract of Decimal128 has 34 digits",
    "Decimal128: 34 decimal digits of precision",
    { $subtract: ["$a", decimal("0")] },
    decimal("1234567890123456789012345678901234"),
    { a: decimal("1234567890123456789012345678901234") },
  ),
  value(
    "$divide of zero keeps the exponent of IEEE 754",
    "Decimal128: IEEE 754-2008",
    { $divide: [new Double(-0), "$a"] },
    decimal("-0E+1"),
    { a: decimal("0.1") },
  ),
  value(
    "$sum of longs that overflow is a double",
    "$sum: double where the sum of longs overflows",
    { $sum: ["$a", "$a"] },
    new Double(18446744073709552000),
    { a: long("9223372036854775807") },
  ),
  value(
    "$sum of a long and a double is exact",
    "summation.h: double-double",
    { $sum: [new Double(0), "$a", 1] },
    new Double(9007199254740994),
    { a: long("9007199254740993") },
  ),
  value(
    "$multiply of longs that overflow is the product of doubles",
    "evaluate_math.cpp: MultiplyState",
    { $multiply: ["$a", "$a"] },
    new Double(8.112963841460668e31),
    { a: long("-9007199254740993") },
  ),
  value(
    "$multiply keeps the sign of a double's zero",
    "evaluate_math.cpp: MultiplyState",
    { $multiply: [-3, "$a", new Double(0.1)] },
    new Double(-0),
    { a: 0 },
  ),
  value(
    "$divide divides doubles",
    "evaluate_math.cpp: coerceToDouble",
    { $divide: ["$a", "$b"] },
    new Double(1024),
    { a: long("9223372036854775807"), b: long("9007199254740993") },
  ),
  value(
    "$add rounds a fraction of a millisecond",
    "evaluate_math.cpp: llround",
    { $add: ["$a", new Double(1.5)] },
    new Date(2),
    { a: epoch },
  ),
  value(
    "$subtract rounds a fraction of a millisecond",
    "evaluate_math.cpp: llround",
    { $subtract: ["$a", new Double(1.25)] },
    new Date(-1),
    { a: epoch },
  ),
  value(
    "$add ends at null",
    "$add: null where an operand is null, from left to right",
    { $add: [null, { $toInt: "$a" }] },
    null,
    { a: "x" },
  ),
  value(
    "$arrayElemAt of null, whatever the position",
    "evaluate_array.cpp: null first",
    { $arrayElemAt: ["$a", "$none"] },
    null,
    { a: "x" },
  ),
  value(
    "$dateToString takes onNull",
    "$dateToString: onNull is returned where the date is null or missing",
    { $dateToString: { date: "$none", onNull: "x" } },
    "x",
  ),
  value(
    "$dateToString ends with Z in UTC alone",
    "evaluate_date.cpp: kIsoFormatStringNonZ",
    { $dateToString: { date: "$a", timezone: "+05:30" } },
    "1970-01-01T05:30:00.000",
    { a: epoch },
  ),
  value(
    "$dateTrunc takes an ObjectId",
    "$dateTrunc: a date, a timestamp, or an ObjectId",
    { $dateTrunc: { date: "$a", unit: "year" } },
    new Date("2012-01-01"),
    { a: new ObjectId("507f1f77bcf86cd799439011") },
  ),
  value("an offset may have hours alone", "$hour: +/-[hh]", { $hour: { date: "$a", timezone: "+02" } }, 2, {
    a: epoch,
  }),
  value(
    "$regexMatch by null is false",
    "evaluate_regex.cpp: null input or pattern",
    { $regexMatch: { input: "$a", regex: null } },
    false,
    { a: "x" },
  ),
];

const errors = [
  pipeline(
    "an expression has one operator",
    "expression.cpp: 15983",
    [{}],
    [{ $replaceWith: { v: { $add: 1, $subtract: [1] } } }],
    15983,
  ),
  pipeline(
    "$split by a value that is not a string",
    "evaluate_string.cpp of 8.0: 40086",
    [{ a: "x" }],
    [{ $project: { v: { $split: ["$a", "$_id"] } } }],
    40086,
  ),
  pipeline(
    "$project of an empty document",
    "projection_parser.cpp: 51270",
    [{}],
    [{ $project: { a: {} } }],
    51270,
  ),
  pipeline(
    "$project mixes inclusion and exclusion",
    "projection_parser.cpp: 31254",
    [{}],
    [{ $project: { a: 1, b: 0 } }],
    31254,
  ),
  pipeline(
    "$project of a field and one within it",
    "Path Collision Errors in Embedded Fields",
    [{}],
    [{ $project: { "a.b": 1, a: 1 } }],
    31250,
  ),
  pipeline(
    "$addToSet of an array",
    "accumulation_statement.cpp: 40237",
    [{}],
    [{ $group: { _id: null, v: { $addToSet: ["$a"] } } }],
    40237,
  ),
];

const stages = [
  pipeline(
    "$project by a number that is not finite",
    "$project: a number that is not zero includes",
    [{ a: 1 }],
    [{ $project: { a: new Double(Number.POSITIVE_INFINITY) } }],
    [{ a: 1 }],
  ),
  pipeline(
    "$project includes by nested documents",
    "$project: contact: { address: 1 }",
    [{ o: { n: 7, m: 1 } }],
    [{ $project: { o: { n: 1, v: "$o.m" } } }],
    [{ o: { n: 7, v: 1 } }],
  ),
  pipeline(
    "$project excludes through arrays",
    "$project: dot notation",
    [{ q: [{ n: 1, m: 2 }] }],
    [{ $project: { "q.n": 0 } }],
    [{ q: [{ m: 2 }] }],
  ),
  pipeline(
    "$project computes through arrays",
    "$project: dot notation",
    [{ q: [{ n: 1 }, {}] }],
    [{ $project: { "q.v": "$_id" } }],
    [{ q: [{ v: 0 }, { v: 0 }] }],
  ),
  pipeline(
    "$unwind counts by longs",
    "$unwind: includeArrayIndex, NumberLong(0)",
    [{ l: ["x"] }],
    [{ $unwind: { path: "$l", includeArrayIndex: "i" } }],
    [{ l: "x", i: Long.ZERO }],
  ),
  pipeline(
    "$unwind counts in a nested field",
    "document_source_unwind.cpp: a field path",
    [{ l: ["x"] }],
    [{ $unwind: { path: "$l", includeArrayIndex: "o.i" } }],
    [{ l: "x", o: { i: Long.ZERO } }],
  ),
  pipeline(
    "$sort by a path through an array counts what is missing as null",
    "btree_key_generator.cpp",
    [{ q: [{ n: 2 }, {}] }, { q: [{}] }],
    [{ $sort: { "q.n": 1, _id: 1 } }],
    [{ q: [{ n: 2 }, {}] }, { q: [{}] }],
  ),
  pipeline(
    "$sort of documents tells 0.1 from its double",
    "compare_numbers.h",
    [{ a: { b: new Double(0.1) } }, { a: { b: decimal("0.1") } }],
    [{ $sort: { a: 1, _id: 1 } }],
    [{ a: { b: decimal("0.1") } }, { a: { b: new Double(0.1) } }],
  ),
  pipeline(
    "$group by accumulators of constants, of no document",
    "$group: <accumulator>: <expression>",
    [],
    [{ $group: { _id: null, v: { $push: 1 } } }],
    [],
  ),
  pipeline(
    "$avg of doubles is compensated",
    "summation.h: double-double",
    [{ a: new Double(1e16) }, { a: new Double(1) }, { a: new Double(1) }],
    [{ $group: { _id: null, v: { $avg: "$a" } } }],
    [{ v: new Double(3333333333333334) }],
  ),
  pipeline(
    "$avg of longs divides the sum as a double",
    "accumulator_avg.cpp",
    [{}, {}, {}],
    [
      {
        $group: {
          _id: null,
          v: { $avg: { $add: ["$_id", long("9007199254740993"), { $multiply: ["$_id", -1] }] } },
        },
      },
    ],
    [{ v: new Double(9007199254740994) }],
  ),
  pipeline(
    "$lookup by a path through an array",
    "$lookup: an array matches by its elements",
    [{ q: [{ k: 1 }] }, {}],
    [
      { $match: { _id: 0 } },
      { $lookup: { from: "c", localField: "q.k", foreignField: "_id", as: "f" } },
      { $project: { n: { $size: "$f" } } },
    ],
    [{ n: 1 }],
  ),
  pipeline(
    "$lookup by an array in an array",
    "$lookup: an array matches by its elements",
    [{ l: [[1, 2]] }, { l: [1, 2] }],
    [
      { $match: { _id: 0 } },
      { $lookup: { from: "c", localField: "l", foreignField: "l", as: "f" } },
      { $project: { n: { $size: "$f" } } },
    ],
    [{ n: 2 }],
  ),
  pipeline(
    "$lookup as a field of a value that is not a document",
    "document_source_lookup.cpp: setNestedField",
    [{ v: 1 }],
    [{ $lookup: { from: "none", localField: "_id", foreignField: "_id", as: "v.f" } }],
    [{ v: { f: [] } }],
  ),
];

export const documentedAggregation: readonly DocumentedCase[] = [
  ...values,
  ...errors,
  ...stages,
  documentedCase(
    "let takes expressions",
    "aggregate (database command): let, <variable>: <expression>",
    [
      run({ insert: "c", documents: [{ _id: 1 }] }),
      run(
        {
          aggregate: "c",
          pipeline: [{ $project: { v: { $multiply: ["$$k", 2] } } }],
          let: { k: { $add: [1, 2] } },
          cursor: {},
        },
        { see: answer },
      ),
    ],
    { documents: [{ v: 6 }] },
  ),
  documentedCase(
    "find projects by $slice of an expression",
    "projection_parser.cpp: an array whose first element is no number is an expression's operands",
    [
      run({ insert: "c", documents: [{ _id: 1, l: [1, 2] }] }),
      run({ find: "c", projection: { v: { $slice: ["$l", 1] } } }, { see: answer }),
    ],
    { documents: [{ v: [1] }] },
  ),
  documentedCase(
    "an update by a pipeline copies documents",
    "Updates with Aggregation Pipeline: $set adds fields to the document that comes in",
    [
      run({ insert: "c", documents: [{ _id: 1, o: {} }] }),
      run({
        update: "c",
        updates: [
          {
            q: {},
            u: [
              { $replaceWith: { $mergeObjects: ["$$ROOT", { v: { $mergeObjects: ["$$ROOT"] } }] } },
              { $set: { "o.n": 1 } },
            ],
          },
        ],
      }),
      run({ find: "c" }, { see: answer }),
    ],
    { documents: [{ o: { n: 1 }, v: { _id: 1, o: {} } }] },
  ),
  documentedCase(
    "$lookup adds to a copy of a document",
    "$lookup: adds a field to the document that comes in",
    [
      run({ insert: "c", documents: [{ _id: 1, q: [{ o: {} }] }] }),
      run(
        {
          aggregate: "c",
          pipeline: [
            { $replaceRoot: { newRoot: { $mergeObjects: ["$$ROOT", { $mergeObjects: "$q" }] } } },
            { $lookup: { from: "none", localField: "n", foreignField: "n", as: "o.f" } },
          ],
          cursor: {},
        },
        { see: answer },
      ),
    ],
    { documents: [{ q: [{ o: {} }], o: { f: [] } }] },
  ),
  documentedCase(
    "an update whose $expr fails has a write error",
    "update (database command): writeErrors",
    [
      run({ insert: "c", documents: [{ _id: 1, a: "x" }] }),
      run(
        { update: "c", updates: [{ q: { $expr: { $toInt: "$a" } }, u: [{ $set: { b: 1 } }] }] },
        { see: ({ ok }) => ({ ok: Number(ok) }) },
      ),
    ],
    { ok: 1 },
  ),
];
