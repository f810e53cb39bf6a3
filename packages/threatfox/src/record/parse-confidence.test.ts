import { expect, test } from "vitest";
import { parseConfidence } from "./parse-confidence.js";

test.each([
  [0, 0],
  [75, 75],
  [100, 100],
  ["75", 75],
  [" 100 ", 100],
  [66.6, 66.6],
])("%j", (value, confidence) => {
  expect(parseConfidence(value)).toBe(confidence);
});

test.each([null, undefined, "", "high", -1, 101, "1e1", Number.NaN, Number.POSITIVE_INFINITY, [75], true])(
  "%j is none",
  (value) => {
    expect(parseConfidence(value)).toBeNull();
  },
);
