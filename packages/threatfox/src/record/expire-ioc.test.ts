import { expect, test } from "vitest";
import { expireIoc } from "./expire-ioc.js";

const date = (text: string | null) => (text === null ? null : new Date(text));

test.each([
  ["2026-01-15T10:20:30Z", null, "2026-07-15T10:20:30.000Z"],
  [null, "2026-01-15T10:20:30Z", "2026-07-15T10:20:30.000Z"],
  ["2026-01-15T10:20:30Z", "2026-03-01T00:00:00Z", "2026-09-01T00:00:00.000Z"],
  ["2026-03-01T00:00:00Z", "2026-01-15T10:20:30Z", "2026-09-01T00:00:00.000Z"],
  ["2025-10-30T23:59:59Z", null, "2026-04-30T23:59:59.000Z"],
  ["2025-10-31T23:59:59Z", null, "2026-04-30T23:59:59.000Z"],
  ["2025-08-31T12:00:00Z", null, "2026-02-28T12:00:00.000Z"],
  ["2023-08-31T12:00:00Z", null, "2024-02-29T12:00:00.000Z"],
  ["2026-12-31T00:00:00Z", null, "2027-06-30T00:00:00.000Z"],
  ["0050-01-31T00:00:00Z", null, "0050-07-31T00:00:00.000Z"],
])("first seen %s, last seen %s: expires %s", (first, last, expiry) => {
  expect(expireIoc(date(first), date(last))?.toISOString()).toBe(expiry);
});

test("a date that Python cannot read is left out", () => {
  expect(expireIoc(date("9999-08-05T00:00:00Z"), null)).toBeNull();
});

test("without a date nothing is known", () => {
  expect(expireIoc(null, null)).toBeNull();
});
