import fc from "fast-check";
import { expect, test } from "vitest";
import type { EnrichedObject } from "../connector/connector.js";
import type { JsonValue } from "../json/json.js";
import { contentOf } from "./content-hash.js";

const hashOf = (data: JsonValue, enriched: EnrichedObject = {}) => contentOf({ data, enriched }).hash;

test("is what stored documents have: another one would write all of them again", () => {
  const date = new Date("2026-11-01T10:00:00.123Z");
  const text = '\u2028"\\\n';
  expect([
    hashOf({
      id: "1",
      ioc: "203.0.113.5:443",
      tags: ["a", "é", "😀"],
      confidence_level: 75,
      last_seen: null,
    }),
    hashOf(
      { b: [1.5, -0, true, { 10: 1, 9: text }], a: {} },
      { first_seen: date, host: undefined, list: [] },
    ),
    hashOf(JSON.parse('{"__proto__":{"z":"\\ud800","a":[null]}}'), { text: "x".repeat(6_000) }),
  ]).toEqual([
    "19737327de0d8056b16aa4db3636b4a6db350c2405eff5294b03aa8de0a152b1",
    "0ef1ea6e65f3979b9aa183616ef258eabfe276c84ec9a1c65f416d66863f1691",
    "666e9fa78f05de7d4138c726bd1db27d1bc6c35131a1fdabffc6b1937717a6f7",
  ]);
});

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
