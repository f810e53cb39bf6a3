import { describe, expect, test } from "vitest";
import { fieldsOfStages } from "./fields-of-stages.js";

describe("fieldsOfStages", () => {
  test("names what a $group reads", () => {
    const group = { $group: { _id: { t: "$type" }, n: { $sum: { $add: ["$a.b", 1] } }, c: { $push: "x" } } };
    expect(fieldsOfStages([group, { $sort: { n: 1 } }])).toEqual(new Set(["type", "a"]));
    expect(fieldsOfStages([{ $unwind: { path: "$l" } }, group])).toEqual(new Set(["l", "type", "a"]));
    expect(fieldsOfStages([{ $sortByCount: "$type" }])).toEqual(new Set(["type"]));
  });

  test("does not know where a stage may read any field", () => {
    const reads = (expression: unknown) =>
      fieldsOfStages([{ $group: { _id: null, all: { $push: expression } } }]);
    expect(reads("$$ROOT")).toBeUndefined();
    expect(reads({ x: "$$CURRENT.a" })).toBeUndefined();
    expect(fieldsOfStages([{ $unwind: "$l" }])).toBeUndefined();
    expect(fieldsOfStages([{ $set: { a: 1 } }, { $group: { _id: "$a" } }])).toBeUndefined();
    expect(fieldsOfStages([])).toBeUndefined();
  });
});
