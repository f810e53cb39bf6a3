import type { Document } from "mongodb";
import { type DifferentialCase, refusal, run, type Step } from "./step.js";

const objects = [
  {
    _id: "o1",
    type: "attack-pattern",
    attack_id: "T1059",
    tactics: ["execution"],
    n: 3,
    at: new Date("2022-01-02T03:04:05.678Z"),
  },
  {
    _id: "o2",
    type: "attack-pattern",
    attack_id: "T1059.001",
    tactics: ["execution", "discovery"],
    n: 5,
    at: new Date("2023-12-31T23:59:59Z"),
  },
  { _id: "o3", type: "malware", attack_id: "S0154", tactics: [], n: 2, o: { p: 1 } },
  { _id: "o4", type: "malware", attack_id: "S0002", n: null, revoked: true, o: { p: 2 } },
  { _id: "o5", type: "intrusion-set", attack_id: "G0007", tactics: null, n: 1.5, o: [{ p: 3 }, { p: 4 }] },
  { _id: "o6", type: "tool", tactics: "single", n: 3 },
];

const relations = [
  { _id: "r1", from: "o3", to: "o1", kind: "uses" },
  { _id: "r2", from: "o3", to: "o2", kind: "uses" },
  { _id: "r3", from: "o5", to: "o3", kind: "uses" },
  { _id: "r4", from: "o5", to: "none", kind: "mitigates" },
  { _id: "r5", kind: "uses" },
];

function aggregate(...pipeline: Document[]): Step {
  return run({ aggregate: "objects", pipeline, cursor: {} });
}

const filled: readonly Step[] = [
  run({ insert: "objects", documents: objects }),
  run({ insert: "relations", documents: relations }),
];

/** One computed field per expression, of every object. */
function computed(...expressions: Document[]): Step[] {
  return expressions.map((value) => aggregate({ $sort: { _id: 1 } }, { $project: { value } }));
}

export const aggregationCases: readonly DifferentialCase[] = [
  {
    name: "aggregate: $match, $sort, $skip, $limit, $count, $project, $addFields, $unset",
    steps: [
      ...filled,
      aggregate(),
      aggregate({ $match: { type: "malware" } }),
      aggregate({ $match: { n: { $gte: 2 } } }, { $sort: { n: -1, _id: 1 } }, { $skip: 1 }, { $limit: 2 }),
      aggregate({ $sort: { type: 1, _id: -1 } }, { $project: { type: 1 } }),
      aggregate({ $match: { tactics: "execution" } }, { $count: "found" }),
      aggregate({ $project: { _id: 0, kind: "$type", sub: { n: "$n", m: "$none" } } }),
      aggregate({ $project: { "o.p": 1 } }),
      aggregate({ $project: { o: 0, tactics: 0 } }),
      aggregate({ $match: { _id: { $ne: "o5" } } }, { $addFields: { n: 1, "o.q": "$n", new: "$none" } }),
      aggregate({ $set: { tactics: "$$REMOVE" } }),
      aggregate({ $match: { _id: { $ne: "o5" } } }, { $unset: ["tactics", "o.p"] }),
      aggregate({ $unset: "n" }),
      aggregate({ $replaceRoot: { newRoot: { id: "$_id", all: "$$ROOT" } } }),
      aggregate(
        { $match: { "o.p": { $exists: true } } },
        { $replaceWith: { $mergeObjects: [{ a: 1 }, { b: "$o" }] } },
      ),
      aggregate({ $sortByCount: "$type" }, { $sort: { count: -1, _id: 1 } }),
      aggregate({ $sort: { _id: 1 } }, { $limit: 1 }, { $addFields: { at: "$$NOW" } }),
    ],
  },
  {
    name: "aggregate: $group and its accumulators",
    steps: [
      ...filled,
      aggregate({
        $group: {
          _id: "$type",
          count: { $sum: 1 },
          sum: { $sum: "$n" },
          avg: { $avg: "$n" },
          min: { $min: "$n" },
          max: { $max: "$attack_id" },
        },
      }),
      aggregate(
        { $sort: { _id: 1 } },
        {
          $group: {
            _id: "$type",
            first: { $first: "$_id" },
            last: { $last: "$n" },
            all: { $push: "$attack_id" },
          },
        },
      ),
      aggregate({
        $group: {
          _id: null,
          n: { $sum: "$n" },
          none: { $sum: "$none" },
          avg: { $avg: "$none" },
          min: { $min: "$none" },
        },
      }),
      aggregate({ $group: { _id: "$tactics" } }),
      aggregate({ $group: { _id: { t: "$type", r: "$revoked" }, n: { $sum: 1 } } }),
      aggregate({ $group: { _id: "$none", n: { $sum: 1 } } }),
      aggregate({ $group: { _id: "$n", n: { $sum: 1 } } }),
      aggregate({ $sort: { _id: 1 } }, { $group: { _id: null, all: { $push: { id: "$_id", n: "$n" } } } }),
      aggregate(
        { $group: { _id: "$type", set: { $addToSet: "$n" } } },
        { $project: { n: { $size: "$set" } } },
      ),
      aggregate({ $group: { _id: "$type", n: { $count: {} } } }, { $match: { n: { $gt: 1 } } }),
      aggregate({ $match: { none: 1 } }, { $group: { _id: null, n: { $sum: 1 } } }),
      aggregate({ $group: { _id: { $year: { $ifNull: ["$at", new Date(0)] } }, n: { $sum: 1 } } }),
    ],
  },
  {
    name: "aggregate: $unwind",
    steps: [
      ...filled,
      aggregate({ $unwind: "$tactics" }),
      aggregate({ $unwind: { path: "$tactics", preserveNullAndEmptyArrays: true } }),
      aggregate({ $unwind: "$o" }, { $project: { p: "$o.p" } }),
      aggregate({ $unwind: "$o.p" }),
      run({ insert: "empty", documents: ["", {}, 0, false, null, []].map((v, _id) => ({ _id, v })) }),
      run({
        aggregate: "empty",
        pipeline: [{ $unwind: { path: "$v", preserveNullAndEmptyArrays: true } }, { $sort: { _id: 1 } }],
        cursor: {},
      }),
      run({ aggregate: "empty", pipeline: [{ $unwind: "$v" }, { $sort: { _id: 1 } }], cursor: {} }),
      aggregate(
        { $unwind: "$tactics" },
        { $group: { _id: "$tactics", n: { $sum: 1 } } },
        { $sort: { n: -1, _id: 1 } },
      ),
    ],
  },
  {
    name: "aggregate: $lookup across collections",
    steps: [
      ...filled,
      aggregate(
        { $lookup: { from: "relations", localField: "_id", foreignField: "from", as: "out" } },
        { $project: { n: { $size: "$out" } } },
      ),
      aggregate(
        { $match: { _id: "o3" } },
        { $lookup: { from: "relations", localField: "_id", foreignField: "to", as: "in" } },
      ),
      aggregate(
        { $match: { _id: "o3" } },
        { $lookup: { from: "none", localField: "_id", foreignField: "to", as: "in" } },
      ),
      run({
        aggregate: "relations",
        pipeline: [
          { $lookup: { from: "objects", localField: "to", foreignField: "_id", as: "target" } },
          { $unwind: { path: "$target", preserveNullAndEmptyArrays: true } },
          { $project: { kind: 1, name: "$target.attack_id" } },
        ],
        cursor: {},
      }),
      run({
        aggregate: "relations",
        pipeline: [
          { $lookup: { from: "objects", localField: "missing", foreignField: "revoked", as: "x" } },
          { $project: { n: { $size: "$x" } } },
        ],
        cursor: {},
      }),
      aggregate({
        $lookup: {
          from: "relations",
          let: { id: "$_id" },
          pipeline: [
            { $match: { $expr: { $eq: ["$from", "$$id"] } } },
            { $sort: { _id: 1 } },
            { $project: { _id: 0, to: 1 } },
          ],
          as: "uses",
        },
      }),
      aggregate({
        $lookup: {
          from: "relations",
          localField: "_id",
          foreignField: "from",
          pipeline: [{ $match: { kind: "uses" } }, { $project: { _id: 1 } }],
          as: "uses",
        },
      }),
      run({ createIndexes: "relations", indexes: [{ key: { from: 1 }, name: "from_1" }] }),
      aggregate(
        { $lookup: { from: "relations", localField: "_id", foreignField: "from", as: "out" } },
        { $project: { n: { $size: "$out" } } },
      ),
      aggregate(
        { $match: { tactics: { $ne: [] } } },
        { $lookup: { from: "objects", localField: "tactics", foreignField: "tactics", as: "same" } },
        { $project: { n: { $size: "$same" } } },
      ),
    ],
  },
  {
    name: "aggregate: expressions",
    steps: [
      ...filled,
      ...computed(
        { $ifNull: ["$n", "none"] },
        { $cond: [{ $gt: ["$n", 2] }, "high", "low"] },
        // biome-ignore lint/suspicious/noThenProperty: MongoDB gave the field this name
        { $cond: { if: "$revoked", then: 1, else: "$$REMOVE" } },
        // biome-ignore lint/suspicious/noThenProperty: MongoDB gave the field this name
        { $switch: { branches: [{ case: { $eq: ["$type", "tool"] }, then: "t" }], default: "$type" } },
        { $concat: ["$type", "/", "$attack_id"] },
        { $toUpper: "$type" },
        { $toLower: "$attack_id" },
        { $split: ["$type", "-"] },
        { $substrCP: ["$type", 0, 4] },
        { $strLenCP: "$type" },
        { $regexMatch: { input: "$type", regex: "^attack" } },
        { $trim: { input: "  x " } },
        { $add: ["$n", 1] },
        { $subtract: ["$n", 1] },
        { $multiply: ["$n", 2] },
        { $divide: ["$n", 2] },
        { $eq: ["$n", 3] },
        { $ne: ["$n", null] },
        { $gt: ["$n", null] },
        { $lt: ["$n", "a"] },
        { $cmp: ["$n", 2] },
        { $and: ["$n", true] },
        { $or: ["$revoked", false] },
        { $not: "$n" },
        { $type: "$n" },
        { $type: "$none" },
        { $isArray: "$tactics" },
        { $in: ["execution", { $cond: [{ $isArray: "$tactics" }, "$tactics", []] }] },
        { $size: { $ifNull: [{ $cond: [{ $isArray: "$tactics" }, "$tactics", null] }, []] } },
        { $arrayElemAt: [["$_id", "$n"], -1] },
        { $first: [["$_id", "$n"]] },
        { $slice: [["$_id", "$n", 1], 2] },
        { $concatArrays: [["$_id"], ["$none", "$n"]] },
        { $filter: { input: [1, "$n", 9], as: "x", cond: { $gt: ["$$x", 2] } } },
        { $map: { input: [1, 2], as: "x", in: { $multiply: ["$$x", 3] } } },
        { $reduce: { input: [1, 2, 3], initialValue: 0, in: { $add: ["$$value", "$$this"] } } },
        { $mergeObjects: [{ a: 1 }, { b: "$n" }, null] },
        { $let: { vars: { x: "$n" }, in: ["$$x"] } },
        { $literal: "$type" },
        { $toString: "$n" },
        { $toDate: "2022-01-01T00:00:00Z" },
        { $toInt: "12" },
        { $dateToString: { date: "$at", format: "%Y-%m-%dT%H:%M:%S.%LZ" } },
        { $year: "$at" },
        { $dateTrunc: { date: "$at", unit: "month" } },
        { $subtract: ["$at", new Date(0)] },
        { $add: ["$at", 1000] },
        { $max: ["$n", 2] },
        { $min: ["$n", 2] },
        { $sum: ["$n", 2] },
        { $replaceAll: { input: "$type", find: "-", replacement: "." } },
      ),
    ],
  },
  {
    name: "aggregate: refused, with its code",
    steps: [
      ...filled,
      aggregate({ $nope: 1 }),
      aggregate({}),
      aggregate({ $match: {}, $limit: 1 }),
      aggregate({ $match: 5 }),
      aggregate({ $match: { $nope: 1 } }),
      aggregate({ $limit: 0 }),
      aggregate({ $group: { n: { $sum: 1 } } }),
      aggregate({ $project: {} }),
      aggregate({ $project: { a: { $nope: 1 } } }),
      aggregate({ $project: { a: { $add: ["$type", 1] } } }),
      aggregate({ $unwind: "tactics" }),
      aggregate({ $sort: {} }),
      aggregate({ $sort: { a: 5 } }),
      run({ aggregate: "objects", pipeline: [] }),
      run({ aggregate: "objects", pipeline: 5, cursor: {} }),
      run({ aggregate: "objects", pipeline: [5], cursor: {} }),
      run({ aggregate: "none", pipeline: [{ $match: {} }], cursor: {} }),
    ],
  },
  {
    name: "aggregate: refused, with any code",
    steps: [
      ...filled,
      ...[
        { $limit: "a" },
        { $skip: -1 },
        { $group: { _id: 1, n: 5 } },
        { $group: { _id: 1, n: { $nope: 1 } } },
        { $project: { a: 1, b: 0 } },
        { $project: { a: { $divide: [1, 0] } } },
        { $project: { a: { $size: "$type" } } },
        { $project: { a: "$$nope" } },
        { $unwind: 5 },
        { $count: "" },
        { $count: "$a" },
        { $lookup: { from: "relations" } },
        { $replaceRoot: { newRoot: "$type" } },
      ].map((stage) => run({ aggregate: "objects", pipeline: [stage], cursor: {} }, { see: refusal })),
    ],
  },
  {
    name: "aggregate: batches",
    steps: [
      run({ insert: "objects", documents: Array.from({ length: 230 }, (_, index) => ({ _id: index })) }),
      run({ aggregate: "objects", pipeline: [{ $sort: { _id: 1 } }], cursor: {} }, { drainBy: 60 }),
      run(
        { aggregate: "objects", pipeline: [{ $sort: { _id: -1 } }], cursor: { batchSize: 0 } },
        { drainBy: 200 },
      ),
    ],
  },
];
