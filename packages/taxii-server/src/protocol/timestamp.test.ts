import { describe, expect, test } from "vitest";
import { fromMicroseconds, normalizeTimestamp, toMicroseconds } from "./timestamp.js";

describe("normalizeTimestamp", () => {
  test.each([
    ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000Z"],
    ["2026-01-31T12:00:00.5Z", "2026-01-31T12:00:00.500000Z"],
    ["2026-01-31T12:00:00.1234567Z", "2026-01-31T12:00:00.123456Z"],
    ["2026-01-31T12:00:00.000001+01:30", "2026-01-31T10:30:00.000001Z"],
    ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"],
    ["9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"],
  ])("%s is %s", (timestamp, normal) => {
    expect(normalizeTimestamp(timestamp)).toBe(normal);
    expect(normalizeTimestamp(normal)).toBe(normal);
  });

  test.each([
    "",
    "2026",
    "2026-01-31",
    "2026-01-31T12:00:00",
    "2026-01-31 12:00:00Z",
    "2026-02-30T12:00:00Z",
    "2026-01-31T25:00:00Z",
    "+02026-01-31T12:00:00Z",
    "9999-12-31T23:59:59-01:00",
    "0000-01-01T00:00:00+01:00",
    " 2026-01-31T12:00:00Z",
    "2026-01-31T12:00:00Z\n",
    "1e3",
    "last",
  ])("%j is none", (timestamp) => {
    expect(normalizeTimestamp(timestamp)).toBeUndefined();
  });
});

test.each([
  ["1970-01-01T00:00:00Z", 0],
  ["1970-01-01T00:00:01.5Z", 1_500_000],
  ["1970-01-01T00:00:00.000007Z", 7],
  ["1970-01-01T00:00:00.1234567Z", 123_456],
  ["1970-01-01T01:00:00.001002+01:00", 1002],
])("%s is %d µs after 1970", (timestamp, micros) => {
  expect(toMicroseconds(timestamp)).toBe(micros);
});

test("fromMicroseconds writes six digits, which read the same", () => {
  const timestamp = "2025-11-13T14:00:00.188009Z";
  expect(fromMicroseconds(toMicroseconds(timestamp))).toBe(timestamp);
  expect(fromMicroseconds(0)).toBe("1970-01-01T00:00:00.000000Z");
});
