import { type Document, Double } from "mongodb";
import { type DifferentialCase, only, refusal, run } from "./step.js";

/**
 * A case in which SecantusDB 0.7.0b3 answers otherwise than MongoDB's manual says. Our server, and a judge that is not
 * SecantusDB, are compared with the documented answer instead.
 */
export interface DocumentedCase extends DifferentialCase {
  /** The page of the MongoDB 8.0 manual and its statement, or the file of MongoDB's sources. */
  readonly source: string;
  /** The outcome of the last step. */
  readonly expected: Document;
}

const refused = { refused: true };

/** Field names of the first document, in their order. */
function fields(reply: Document): Document {
  return { fields: Object.keys(reply.cursor?.firstBatch[0] ?? {}) };
}

function ids(reply: Document): Document {
  const documents: readonly Document[] = reply.cursor?.firstBatch ?? [];
  return { ids: documents.map(({ _id }) => String(_id)), open: String(reply.cursor?.id ?? 0) !== "0" };
}

export const documentedCases: readonly DocumentedCase[] = [
  {
    name: "update: new fields are appended in the order of their names",
    source: "Update Operators, behavior: fields with string-based names are processed in lexicographic order",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, z: 1 }] }),
      run({ update: "c", updates: [{ q: { _id: 1 }, u: { $set: { y: 1, b: 1 }, $inc: { a: 1 } } }] }),
      run({ find: "c" }, { see: fields }),
    ],
    expected: { fields: ["_id", "z", "a", "b", "y"] },
  },
  {
    name: "update: nothing matched, so no collection is made",
    source: "Databases and Collections: a collection is created when you first store data in it",
    steps: [
      run({ update: "c", updates: [{ q: { _id: 1 }, u: { $set: { a: 1 } } }] }),
      run({ listCollections: 1 }, { see: ids }),
    ],
    expected: { ids: [], open: false },
  },
  {
    name: "update: an operator without a document is refused",
    source: "Update Operators: { <operator1>: { <field1>: <value1>, ... } }",
    steps: [
      run({ insert: "c", documents: [{ _id: 1 }] }),
      run({ update: "c", updates: [{ q: { _id: 1 }, u: { $set: 5 } }] }, { see: only("n", "writeErrors") }),
    ],
    expected: {
      n: { $numberInt: "0" },
      writeErrors: [{ index: { $numberInt: "0" }, code: { $numberInt: "9" } }],
    },
  },
  {
    name: "update: a statement without u is refused",
    source: "update (database command): u is required",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, a: 1 }] }),
      run({ update: "c", updates: [{ q: { _id: 1 } }] }, { see: refusal }),
    ],
    expected: refused,
  },
  {
    name: "update: a statement without q is refused",
    source: "update (database command): q is required",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, a: 1 }] }),
      run({ update: "c", updates: [{ u: { $set: { a: 2 } } }] }, { see: refusal }),
    ],
    expected: refused,
  },
  {
    name: "update: a command without updates is refused",
    source: "update (database command): updates is required",
    steps: [run({ update: "c" }, { see: refusal })],
    expected: refused,
  },
  {
    name: "delete: a statement without limit is refused",
    source: "delete (database command): limit is required",
    steps: [
      run({ insert: "c", documents: [{ _id: 1 }] }),
      run({ delete: "c", deletes: [{ q: {} }] }, { see: refusal }),
    ],
    expected: refused,
  },
  {
    name: "delete: a command without deletes is refused",
    source: "delete (database command): deletes is required",
    steps: [run({ delete: "c" }, { see: refusal })],
    expected: refused,
  },
  {
    name: "insert: an array is not a valid _id",
    source:
      "Documents, the _id field: values of any BSON data type, other than an array, regex, or undefined",
    steps: [run({ insert: "c", documents: [{ _id: [1] }] }, { see: refusal })],
    expected: refused,
  },
  {
    name: "insert: a regular expression is not a valid _id",
    source:
      "Documents, the _id field: values of any BSON data type, other than an array, regex, or undefined",
    steps: [run({ insert: "c", documents: [{ _id: /x/ }] }, { see: refusal })],
    expected: refused,
  },
  {
    name: "insert: embedded documents with numbers of equal value are the same _id",
    source: "Comparison and Sort Order, numeric types: equivalent after conversion",
    steps: [
      run({ insert: "c", documents: [{ _id: { a: 1 } }] }),
      run({ insert: "c", documents: [{ _id: { a: new Double(1) } }] }, { see: only("n") }),
    ],
    expected: { n: { $numberInt: "0" } },
  },
  {
    name: "find: $natural: -1 is the reverse of the order of insertion",
    source: "$natural: 1 is forwards, -1 backwards",
    steps: [
      run({ insert: "c", documents: ["m", "z", "a"].map((_id) => ({ _id })) }),
      run({ find: "c", sort: { $natural: -1 } }, { see: ids }),
    ],
    expected: { ids: ["a", "z", "m"], open: false },
  },
  {
    name: "find: singleBatch closes the cursor after a batch of batchSize",
    source: "find (database command): singleBatch closes the cursor after the first batch",
    steps: [
      run({ insert: "c", documents: [1, 2, 3].map((_id) => ({ _id })) }),
      run({ find: "c", sort: { _id: 1 }, batchSize: 2, singleBatch: true }, { see: ids }),
    ],
    expected: { ids: ["1", "2"], open: false },
  },
  {
    name: "find: a regular expression on an indexed field",
    source: "$regex: the index is scanned, and finds the same documents",
    steps: [
      run({ createIndexes: "c", indexes: [{ key: { v: 1 }, name: "v_1" }] }),
      run({ insert: "c", documents: ["T1059", "t10", "S1"].map((v, _id) => ({ _id, v })) }),
      run({ find: "c", filter: { v: /^t10/i }, sort: { _id: 1 } }, { see: ids }),
    ],
    expected: { ids: ["0", "1"], open: false },
  },
  {
    name: "find: a range of strings on a field with a descending index",
    source: "Create Indexes: the order of a single-field index does not matter to what it finds",
    steps: [
      run({ createIndexes: "c", indexes: [{ key: { v: -1 }, name: "v_-1" }] }),
      run({ insert: "c", documents: ["", "a", "b"].map((v, _id) => ({ _id, v })) }),
      run({ find: "c", filter: { v: { $gt: "" } }, sort: { _id: 1 } }, { see: ids }),
    ],
    expected: { ids: ["1", "2"], open: false },
  },
  {
    name: "distinct: 1 and true, 0 and false, and two orders of fields are different values",
    source: "Comparison and Sort Order: numbers, booleans and field order are told apart",
    steps: [
      run({
        insert: "c",
        documents: [1, true, 0, false, { a: 1, b: 2 }, { b: 2, a: 1 }].map((v, _id) => ({ _id, v })),
      }),
      run({ distinct: "c", key: "v" }, { see: (reply) => ({ found: reply.values?.length }) }),
    ],
    expected: { found: { $numberInt: "6" } },
  },
  {
    name: "aggregate: $addFields of a path through an array",
    source: "$addFields: dot notation adds the field to every embedded document of an array",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, o: [{ p: 1 }, { p: 2 }] }] }),
      run(
        { aggregate: "c", pipeline: [{ $addFields: { "o.q": 7 } }, { $match: { "o.1.q": 7 } }], cursor: {} },
        { see: ids },
      ),
    ],
    expected: { ids: ["1"], open: false },
  },
  {
    name: "aggregate: $addFields of a missing value at a new path makes the embedded document",
    source:
      "$addFields: specifies the embedded document with dot notation; a missing value adds no field to it",
    steps: [
      run({ insert: "c", documents: [{ _id: 1 }] }),
      run({ aggregate: "c", pipeline: [{ $addFields: { "d.c": "$none" } }], cursor: {} }, { see: fields }),
    ],
    expected: { fields: ["_id", "d"] },
  },
  {
    name: "aggregate: $unset of a path through an array",
    source: "$unset: dot notation removes the field in every embedded document of an array",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, o: [{ p: 1, q: 2 }, { p: 3 }] }] }),
      run(
        {
          aggregate: "c",
          pipeline: [{ $unset: "o.p" }, { $match: { "o.p": { $exists: false } } }],
          cursor: {},
        },
        { see: ids },
      ),
    ],
    expected: { ids: ["1"], open: false },
  },
  {
    name: "find: a field name among operators is refused",
    source: "Query and Projection Operators: { <field>: { <operator>: <value>, ... } }",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, v: 2 }] }),
      run({ find: "c", filter: { v: { $gt: 1, nope: 1 } } }, { see: only("ok", "code") }),
    ],
    expected: { ok: { $numberDouble: "0.0" }, code: { $numberInt: "2" } },
  },
  {
    name: "aggregate: $count of nothing returns no document",
    source: "$count: equivalent to $group by null and $sum: 1, which has no group where no document comes in",
    steps: [
      run({ insert: "c", documents: [{ _id: 1 }] }),
      run({ aggregate: "c", pipeline: [{ $match: { none: 1 } }, { $count: "n" }], cursor: {} }, { see: ids }),
    ],
    expected: { ids: [], open: false },
  },
  {
    name: "aggregate: $lookup by field with $count in its pipeline",
    source: "$lookup, correlated subqueries using concise syntax (since 5.0)",
    steps: [
      run({ insert: "c", documents: [{ _id: 1 }] }),
      run({
        insert: "d",
        documents: [
          { _id: 1, of: 1 },
          { _id: 2, of: 1 },
        ],
      }),
      run(
        {
          aggregate: "c",
          pipeline: [
            {
              $lookup: {
                from: "d",
                localField: "_id",
                foreignField: "of",
                pipeline: [{ $count: "n" }],
                as: "x",
              },
            },
            { $project: { _id: { $first: "$x.n" } } },
          ],
          cursor: {},
        },
        { see: ids },
      ),
    ],
    expected: { ids: ["2"], open: false },
  },
  {
    name: "createIndexes: an empty list is refused",
    source: "createIndexes (database command): indexes is required, one document for each index",
    steps: [run({ create: "c" }), run({ createIndexes: "c", indexes: [] }, { see: only("ok", "code") })],
    expected: { ok: { $numberDouble: "0.0" }, code: { $numberInt: "2" } },
  },
  {
    name: "createIndexes: 0 is not a valid direction",
    source: "createIndexes (database command): a value of 1 or -1, or a string that names the index type",
    steps: [run({ createIndexes: "c", indexes: [{ key: { x: 0 }, name: "x_0" }] }, { see: refusal })],
    expected: refused,
  },
  {
    name: "createIndexes: a compound key of two arrays in one document is refused",
    source: "Multikey Indexes, compound: at most one indexed field of a document may be an array",
    steps: [
      run({ insert: "c", documents: [{ _id: 1, a: [1], b: [] }] }),
      run(
        { createIndexes: "c", indexes: [{ key: { a: 1, b: 1 }, name: "a_1_b_1" }] },
        { see: only("ok", "code") },
      ),
    ],
    expected: { ok: { $numberDouble: "0.0" }, code: { $numberInt: "171" } },
  },
  {
    name: "drop: reports how many indexes there were",
    source: "drop (database command): nIndexesWas is the number of indexes on the dropped collection",
    steps: [
      run({ createIndexes: "c", indexes: [{ key: { a: 1 }, name: "a_1" }] }),
      run({ drop: "c" }, { see: only("nIndexesWas") }),
    ],
    expected: { nIndexesWas: { $numberInt: "2" } },
  },
];
