import { expect, test } from "vitest";
import { formatAge, formatBytes, formatDuration, formatSpan } from "./format.js";

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1_000, "1 KB"],
  [1_540, "1.5 KB"],
  [412_300_000, "412 MB"],
  [999_600_000, "1 GB"],
  [1_540_000_000, "1.5 GB"],
  [2e15, "2,000 TB"],
])("%d is %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0:00"],
  [7_400, "0:07"],
  [59_600, "1:00"],
  [751_000, "12:31"],
  [3_729_000, "1:02:09"],
  [-5_000, "0:00"],
])("%i ms is %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test.each([
  ["2026-11-01T11:59:01Z", "just now"],
  ["2026-11-01T11:59:00Z", "1 minute ago"],
  ["2026-11-01T09:00:01Z", "2 hours ago"],
  ["2026-10-31T12:00:00Z", "1 day ago"],
  ["2026-09-01T12:00:00Z", "61 days ago"],
  ["2026-11-01T13:00:00Z", "just now"],
])("%s is %s", (at, text) => {
  expect(formatAge(new Date(at), new Date("2026-11-01T12:00:00Z"))).toBe(text);
});

test.each([
  [0, "0 s"],
  [40_000, "40 s"],
  [600_000, "10 min"],
  [3_661_000, "1 h 1 min"],
  [26 * 3_600_000 + 59_000, "1 d 2 h"],
  [86_400_000 + 60_000, "1 d"],
  [3_000 * 86_400_000, "3,000 d"],
])("%d ms is %s", (milliseconds, expected) => {
  expect(formatSpan(milliseconds)).toBe(expected);
});
