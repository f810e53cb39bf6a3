import { expect, test } from "vitest";
import { batchIds } from "./objects-by-id.js";

const ids = Array.from(
  { length: 1000 },
  (_, index) => `relationship--00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
);

test("makes lists that fit into a URL of 8 kB, in the order given", () => {
  const batches = batchIds(ids, 200, 5000);
  expect(batches.flat()).toEqual(ids);
  expect(batches).toHaveLength(8);
  for (const batch of batches) {
    expect(`${"x".repeat(200)}${encodeURIComponent(batch.join(","))}`.length).toBeLessThan(8000);
  }
});

test("makes lists of at most one page", () => {
  expect(batchIds(ids.slice(0, 7), 200, 3).map(({ length }) => length)).toEqual([3, 3, 1]);
});

test("leaves an id that is too long by itself", () => {
  const long = `x--${"y".repeat(9000)}`;
  expect(batchIds(["a--1", long, "b--2"], 200, 10)).toEqual([["a--1"], [long], ["b--2"]]);
  expect(batchIds([], 200, 10)).toEqual([]);
});
