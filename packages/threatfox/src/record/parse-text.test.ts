import { expect, test } from "vitest";
import { parseText } from "./parse-text.js";

test("a text loses the white space around it", () => {
  expect(parseText(" Cobalt Strike\n")).toBe("Cobalt Strike");
});

test.each([null, undefined, "", " ", 7, {}, ["a"]])("%j is none", (value) => {
  expect(parseText(value)).toBeNull();
});
