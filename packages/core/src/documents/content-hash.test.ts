import fc from "fast-check";
import { expect, test } from "vitest";
import type { EnrichedObject } from "../connector/connector.js";
import type { JsonValue } from "../json/json.js";
import { contentOf } from "./content-hash.js";

const hashOf = (data: JsonValue, enriched: EnrichedObject = {}) => contentOf({ data, enriched }).hash;

test("is the same whatever the order of keys, at any depth", () => {
  expect(hashOf({ a: 1, b: { c: [{ d: 1, e: 2 }], f: null } })).toBe(
    hashOf({ b: { f: null, c: [{ e: 2, d: 1 }] }, a: 1 }),
  );
});

test("is another one when the order of a list, a value or a type differs", () => {
  const contents: JsonValue[] = [
    [1, 2],
    [2, 1],
    [1, 2, null],
    ["1", 2],
    [true, 2],
    { 0: 1, 1: 2 },
    [[1, 2]],
    "[1,2]",
  ];
  expect(new Set(contents.map((content) => hashOf(content))).size).toBe(contents.length);
});

test("tells a date from the text that it is written as, and dates from one another", () => {
  const at = new Date("2026-11-23T00:00:00Z");
  const hashes = [
    hashOf(null, { at }),
    hashOf(null, { at: at.toISOString() }),
    hashOf(null, { at: new Date(at.getTime() + 1) }),
    hashOf(null, { at: [at] }),
    hashOf(null, { at: at.getTime() }),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hashOf(null, { at })).toBe(hashOf(null, { at: new Date(at) }));
});

test("does not count a field that is undefined, since it is not stored", () => {
  expect(hashOf(null, { a: 1, b: undefined })).toBe(hashOf(null, { a: 1 }));
});

test("sees a field named __proto__", () => {
  expect(hashOf(JSON.parse('{"__proto__":{"a":1}}'))).not.toBe(hashOf({}));
  expect(hashOf(JSON.parse('{"__proto__":{"a":1}}'))).not.toBe(hashOf(JSON.parse('{"__proto__":{"a":2}}')));
});

test("does not mix up data and enriched", () => {
  expect(hashOf({ a: 1 }, {})).not.toBe(hashOf({}, { a: 1 }));
});

test("is the same for any JSON value whose keys were put in another order", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const data: JsonValue = JSON.parse(JSON.stringify(value));
      expect(hashOf(reversed(data))).toBe(hashOf(data));
    }),
    { seed: 20_261_126 },
  );
});

function reversed(value: JsonValue): JsonValue {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).reverse())
        : part,
    ),
  );
}
