import { describe, expect, test } from "vitest";
import { fromMicroseconds, toMicroseconds } from "./timestamp.js";

describe("toMicroseconds", () => {
  test.each([
    ["1970-01-01T00:00:00Z", 0],
    ["1970-01-01T00:00:01.5Z", 1_500_000],
    ["1970-01-01T00:00:00.000007Z", 7],
    ["1970-01-01T00:00:00.1234567Z", 123_456],
    ["1970-01-01T01:00:00.001002+01:00", 1002],
  ])("%s", (timestamp, micros) => {
    expect(toMicroseconds(timestamp)).toBe(micros);
  });

  test("is NaN for what is no timestamp", () => {
    expect(toMicroseconds("last")).toBeNaN();
  });
});

test("fromMicroseconds writes six digits, which read the same", () => {
  const timestamp = "2025-11-13T14:00:00.188009Z";
  expect(fromMicroseconds(toMicroseconds(timestamp))).toBe(timestamp);
  expect(fromMicroseconds(0)).toBe("1970-01-01T00:00:00.000000Z");
});
