import type { Document } from "mongodb";
import { describe, expect, test } from "vitest";
import { serverError, useServer } from "../testing/server.js";

const server = useServer();

const document = {
  text: " \u00a0x y\n",
  n: 5,
  null: null,
  list: [1, [2]],
  none: [],
  o: { a: 1, b: 2 },
  p: { b: 3 },
};

async function run(expression: Document): Promise<unknown> {
  const c = server.db().collection("c");
  await c.insertOne({ ...document });
  const [found] = await c.aggregate([{ $project: { _id: 0, r: expression } }]).toArray();
  return found?.r;
}

describe("operators of texts, arrays and documents", () => {
  const cases: readonly [Document, unknown][] = [
    [{ $trim: { input: "$text" } }, "x y"],
    [{ $trim: { input: "xxaxbx", chars: "x" } }, "axb"],
    [{ $trim: { input: "😀a😁", chars: "😀" } }, "a😁"],
    [{ $trim: { input: "aaa", chars: "a" } }, ""],
    [{ $trim: { input: "a ", chars: "" } }, "a "],
    [{ $trim: { input: "" } }, ""],
    [{ $trim: { input: "$null" } }, null],
    [{ $trim: { input: "$missing" } }, null],
    [{ $trim: { input: "$text", chars: "$null" } }, null],
    [{ $max: "$n" }, 5],
    [{ $min: "$n" }, 5],
    [{ $max: ["$missing", "$n", 7, "$null"] }, 7],
    [{ $min: ["$missing", "$n", 7, "$null"] }, 5],
    [{ $min: [[3, 2]] }, 2],
    [{ $max: ["$missing", "$null"] }, null],
    [{ $max: "$missing" }, null],
    [{ $map: { input: [[1, 2], [3]], in: { $max: "$$this" } } }, [2, 3]],
    [
      { $reduce: { input: [[1, 2], [3]], initialValue: 0, in: { $max: ["$$value", { $max: "$$this" }] } } },
      3,
    ],
    [{ $size: "$list" }, 2],
    [{ $size: ["$list"] }, 2],
    [{ $size: "$none" }, 0],
    [{ $size: [[1, "$n", 3]] }, 3],
    [{ $mergeObjects: ["$o", "$p"] }, { a: 1, b: 3 }],
    [{ $mergeObjects: "$o" }, { a: 1, b: 2 }],
    [{ $mergeObjects: ["$null", "$missing", "$p"] }, { b: 3 }],
    [{ $mergeObjects: [{ $literal: { b: "$n" } }, { c: "$n" }] }, { b: "$n", c: 5 }],
    [{ $mergeObjects: [] }, {}],
  ];

  test.each(cases)("%j is %j", async (expression, expected) => {
    expect(await run(expression)).toEqual(expected);
  });

  const failures: readonly [number, Document][] = [
    [50696, { $trim: "$text" }],
    [50695, { $trim: { chars: "x" } }],
    [50699, { $trim: { input: "$n" } }],
    [50700, { $trim: { input: "$text", chars: 5 } }],
    [17124, { $size: "$missing" }],
    [17124, { $size: "$null" }],
    [17124, { $size: "$n" }],
    [16020, { $size: [1, 2] }],
    [40400, { $mergeObjects: ["$o", "$n"] }],
    [40400, { $mergeObjects: "$list" }],
  ];

  test.each(failures)("error %i: %j", async (code, expression) => {
    expect((await serverError(run(expression))).code).toBe(code);
  });
});
