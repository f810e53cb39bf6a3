import { expect, it } from "vitest";
import { matchGlob } from "./match-glob.js";

it.each([
  ["ICS ATT&CK", "ics att&ck", true],
  ["*ics*", "ICS ATT&CK", true],
  ["?CS*", "ICS ATT&CK", true],
  ["ICS", "ICS ATT&CK", false],
  ["a.c", "abc", false],
  ["a(b", "a(b", true],
  ["[x]-1", "[x]-1", true],
])("%s fits %s: %s", (pattern, text, fits) => {
  expect(matchGlob(pattern, text)).toBe(fits);
});
