import { expect, test } from "vitest";
import { formatStixTime, laterStixTime } from "./format-stix-time.js";

test.each([
  [new Date("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05.000Z"],
  [new Date("0001-01-01T00:00:00.009Z"), "0001-01-01T00:00:00.009Z"],
  [new Date("0000-12-31T23:59:59Z"), undefined],
  [new Date("-000001-12-31T23:59:59Z"), undefined],
  [new Date("+010000-01-01T00:00:00Z"), undefined],
  [null, undefined],
])("%j is written as %j", (date, text) => {
  expect(formatStixTime(date)).toBe(text);
});

test("the later one of two times", () => {
  const [before, after] = ["2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05.001Z"];
  expect([laterStixTime(before, after), laterStixTime(after, before)]).toEqual([after, after]);
});
