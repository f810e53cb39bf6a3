import { expect, test } from "vitest";
import { describeFailure } from "./describe-failure.js";
import type { StorePlace } from "./store-place.js";

const store: StorePlace = { kind: "mongodb", host: "h" };

test.each([
  ["a\nb\r\n\tc", "a b c"],
  ["\u001b[2J\u001b[31mFAKE\u009b0m", "[2J [31mFAKE 0m"],
  ["a\u202eb\u2028c\u0000", "a b c"],
  ["Überfluss – 日本語", "Überfluss – 日本語"],
])("%j is one line that steers no terminal: %j", (message, expected) => {
  expect(describeFailure(new Error(message), store)).toBe(expected);
});

test("a long reason is cut", () => {
  expect(describeFailure(new Error("x".repeat(5_000)), store)).toBe(`${"x".repeat(999)}…`);
});
