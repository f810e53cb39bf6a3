import { expect, test } from "vitest";
import { historyEntryOf } from "./plan-write.js";

const occasion = { runId: "run-2", at: new Date("2026-11-23T10:00:00Z") };

function changeOf(before: unknown, after: unknown) {
  const entry = historyEntryOf(before, after, occasion);
  return entry && { fields: entry.fields, before: entry.before };
}

test("tells when and in which run something changed", () => {
  expect(historyEntryOf({ a: 1 }, { a: 2 }, occasion)).toEqual({
    changed_at: occasion.at,
    run_id: "run-2",
    fields: ["a"],
    before: { a: 1 },
  });
});

test("names fields that changed, came and went, with the values of those that were there", () => {
  expect(
    changeOf({ same: [1], changed: { x: 1 }, gone: null }, { same: [1], changed: { x: 2 }, come: 3 }),
  ).toEqual({ fields: ["changed", "gone", "come"], before: { changed: { x: 1 }, gone: null } });
});

test("tells nothing where only the order of keys differs, at any depth", () => {
  expect(
    changeOf({ a: { x: 1, y: [{ p: 1, q: 2 }] }, b: 2 }, { b: 2, a: { y: [{ q: 2, p: 1 }], x: 1 } }),
  ).toBe(undefined);
});

test("sees the order of a list and the type of a value", () => {
  expect(changeOf({ list: [1, 2], text: "1" }, { list: [2, 1], text: 1 })?.fields).toEqual(["list", "text"]);
});

test("takes data that is no object as one field", () => {
  expect(changeOf([1], [2])).toEqual({ fields: ["data"], before: { data: [1] } });
  expect(changeOf([1], { a: 1 })).toEqual({ fields: ["data", "a"], before: { data: [1] } });
  expect(changeOf("same", "same")).toBe(undefined);
});

test("keeps a field named __proto__ as a field", () => {
  const entry = changeOf(JSON.parse('{"__proto__":{"polluted":1}}'), {});
  expect(JSON.stringify(entry)).toBe('{"fields":["__proto__"],"before":{"__proto__":{"polluted":1}}}');
  expect(Object.prototype).not.toHaveProperty("polluted");
});
