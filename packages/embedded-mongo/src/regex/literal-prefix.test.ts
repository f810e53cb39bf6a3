import { expect, test } from "vitest";
import { literalPrefix } from "./literal-prefix.js";

test.each([
  ["^abc", "", "abc"],
  ["^com\\.example\\.", "", "com.example."],
  ["^T1059", "s", "T1059"],
  ["^abc$", "", "abc"],
  ["^ab.c", "", "ab"],
  ["^ab[cd]", "", "ab"],
  ["^ab(c)", "", "ab"],
  ["^abc*", "", "ab"],
  ["^abc?", "", "ab"],
  ["^abc{0,2}", "", "ab"],
  ["^abc+", "", "abc"],
  ["^a\\.*", "", "a"],
  ["^a\\d", "", "a"],
  ["^a\\Qb\\E", "", "a"],
  ["^a\\/b\\-c", "", "a/b-c"],
  ["^münchen😀?", "", "münchen"],
  ["^a b#c", "", "a b#c"],
])("every match of %s with the options %j begins with %s", (pattern, options, prefix) => {
  expect(literalPrefix(pattern, options)).toBe(prefix);
});

test.each([
  ["abc", ""],
  ["^", ""],
  ["^.a", ""],
  ["^a*", ""],
  ["^a|b", ""],
  ["^(?i)abc", ""],
  ["(?i)^abc", ""],
  ["^\\babc", ""],
  ["^\\", ""],
  ["^abc", "i"],
  ["^abc", "m"],
  ["^a b", "x"],
])("matches of %s with the options %j may begin with anything", (pattern, options) => {
  expect(literalPrefix(pattern, options)).toBeUndefined();
});
