import { expect, test } from "vitest";
import { formatDuration } from "./format-duration.js";

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
