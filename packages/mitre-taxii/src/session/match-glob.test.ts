import { expect, test } from "vitest";
import { matchGlob } from "./match-glob.js";

test.each([
  ["ICS ATT&CK", "ics att&ck", true],
  ["*ics*", "ICS ATT&CK", true],
  ["?CS*", "ICS ATT&CK", true],
  ["ICS", "ICS ATT&CK", false],
  ["a.c", "abc", false],
  ["a(b", "a(b", true],
  ["[x]-1", "[x]-1", true],
  ["", "", true],
  ["", "a", false],
  ["*", "", true],
  ["**", "a\nb", true],
  ["?", "😀", true],
  ["a*b*c", "aXbYbZc", true],
  ["a*b*c", "aXbYbZ", false],
  ["*?", "", false],
  ["ab", "a", false],
])("%s fits %s: %s", (pattern, text, fits) => {
  expect(matchGlob(pattern, text)).toBe(fits);
});

test("takes a pattern of many stars no longer than its text is long", () => {
  expect(matchGlob(`${"*a".repeat(40)}*b`, "a".repeat(20_000))).toBe(false);
});
