import { expect, test } from "vitest";
import { justBefore } from "./just-before.js";

test.each([
  ["2024-01-01T00:00:00.000001Z", "2024-01-01T00:00:00.000000Z"],
  ["2024-01-01T00:00:00.123Z", "2024-01-01T00:00:00.122999Z"],
  ["2024-01-01T00:00:00Z", "2023-12-31T23:59:59.999999Z"],
  ["2024-03-01T00:00:00.000000999Z", "2024-02-29T23:59:59.999999Z"],
])("before %s comes %s", (timestamp, before) => {
  expect(justBefore(timestamp)).toBe(before);
});

test.each(["", "yesterday", "2024-01-01T00:00:00+02:00", "2024-13-01T00:00:00Z"])(
  "leaves %j as it is",
  (text) => {
    expect(justBefore(text)).toBe(text);
  },
);
