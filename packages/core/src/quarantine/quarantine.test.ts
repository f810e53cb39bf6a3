import { expect, test } from "vitest";
import { createDataRedactor } from "../store/redact-data.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { quarantine, rawTextOf } from "./quarantine.js";

const at = new Date("2026-11-22T10:00:00Z");
const later = new Date("2026-11-23T10:00:00Z");

describeOnMongo("quarantine", (database) => {
  const keep = (records: readonly unknown[], changes: { step?: string; runId?: string; at?: Date } = {}) =>
    quarantine(
      records.map((record) => ({ record, reason: "no id" })),
      {
        store: database().store,
        connector: "source",
        step: "things",
        runId: "run-1",
        at,
        redactor: createDataRedactor([]),
        ...changes,
      },
    );

  test("keeps the record as text, with everything that is known about it", async () => {
    await keep([{ $where: "x", "a.b": 1 }]);
    expect(await database().all("etl_rejected")).toEqual([
      {
        _id: expect.stringMatching(/^[0-9a-f]{64}$/),
        connector: "source",
        step: "things",
        reason: "no id",
        raw: '{"$where":"x","a.b":1}',
        raw_length: 22,
        run_id: "run-1",
        first_seen_at: at,
        last_seen_at: at,
        times: 1,
      },
    ]);
  });

  test("counts a record that comes again instead of piling it up", async () => {
    await keep([{ a: 1 }, { a: 1 }]);
    await keep([{ a: 1 }], { runId: "run-2", at: later });
    expect(await database().all("etl_rejected")).toMatchObject([
      { times: 3, run_id: "run-2", first_seen_at: at, last_seen_at: later },
    ]);
    await keep([{ a: 1 }], { step: "others" });
    expect(await database().all("etl_rejected")).toHaveLength(2);
  });

  test("keeps thousands, and large ones", async () => {
    await keep(Array.from({ length: 1_100 }, (_, index) => ({ index })));
    await keep(Array.from({ length: 5 }, (_, index) => ({ index, text: "ü".repeat(2_500_000) })));
    expect(await database().all("etl_rejected")).toHaveLength(1_105);
  });
});

test("cuts off a long text without splitting a character, and tells how long it was", () => {
  const { text, length } = rawTextOf(`${"x".repeat(1_999_998)}😀y`);
  expect(length).toBe(2_000_003);
  expect(text).toHaveLength(1_999_999);
  expect(text).not.toMatch(/\p{Surrogate}/u);
});

test.each([
  ["undefined", undefined, "undefined"],
  ["a lone surrogate", "\ud800", '"\\ud800"'],
  ["NaN", Number.NaN, "null"],
  ["__proto__", JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
])("writes %s as text", (_, record, expected) => {
  expect(rawTextOf(record)).toMatchObject({ text: expected, length: expected.length });
});

test("writes what is nested too deeply for JSON down to 100 levels", () => {
  const deep: unknown = JSON.parse(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`);
  expect(rawTextOf(deep).text).toMatch(/^(\{"a":){100}/);
});
