import { expect, test } from "vitest";
import { formatAge } from "./format-age.js";

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
