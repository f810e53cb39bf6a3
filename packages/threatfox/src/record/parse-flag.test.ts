import { expect, test } from "vitest";
import { parseFlag } from "./parse-flag.js";

test.each([true, 1, "1", "true", " True "])("%j is yes", (value) => {
  expect(parseFlag(value)).toBe(true);
});

test.each([false, 0, "0", "false", "FALSE"])("%j is no", (value) => {
  expect(parseFlag(value)).toBe(false);
});

test.each([null, undefined, "", "maybe", 2, {}])("%j is neither", (value) => {
  expect(parseFlag(value)).toBeUndefined();
});
