import { expect, test } from "vitest";
import { oneLine } from "./one-line.js";

test.each([
  ["yara", "yara"],
  ["\u001b[31mEVIL\u001b]0;title\u0007", " [31mEVIL ]0;title "],
  ["one\r\ntwo\u2028three", "one two three"],
  ["abc\u202etxt.exe", "abc txt.exe"],
])("%j is shown as %j", (text, shown) => {
  expect(oneLine(text)).toBe(shown);
});

test("a long text is cut, and never in the middle of a character", () => {
  expect(oneLine("a".repeat(60), 60)).toBe("a".repeat(60));
  expect(oneLine("a".repeat(50_000), 60)).toBe(`${"a".repeat(59)}…`);
  expect(oneLine("abc😀def", 5)).toBe("abc…");
});
