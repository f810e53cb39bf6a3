import { expect, test } from "vitest";
import { positionAfter } from "./move-focus.js";

const heights = [3, 20, 2];

function after(keys: string, column: number, row: number) {
  const [key = "", ctrl] = keys.split("+").toReversed();
  return positionAfter({ key, ctrlKey: ctrl === "Ctrl", metaKey: false }, { column, row }, heights);
}

test.each([
  ["ArrowDown", 0, 1, { column: 0, row: 2 }],
  ["ArrowDown", 0, 2, { column: 0, row: 2 }],
  ["ArrowUp", 0, 0, { column: 0, row: 0 }],
  ["ArrowRight", 1, 15, { column: 2, row: 1 }],
  ["ArrowRight", 2, 1, { column: 2, row: 1 }],
  ["ArrowLeft", 1, 15, { column: 0, row: 2 }],
  ["PageDown", 1, 4, { column: 1, row: 14 }],
  ["PageDown", 1, 14, { column: 1, row: 19 }],
  ["PageUp", 1, 4, { column: 1, row: 0 }],
  ["Home", 1, 1, { column: 0, row: 1 }],
  ["End", 1, 15, { column: 2, row: 1 }],
  ["Ctrl+Home", 1, 15, { column: 0, row: 0 }],
  ["Ctrl+End", 0, 0, { column: 2, row: 1 }],
])("%s leads from %i, %i to %j", (keys, column, row, expected) => {
  expect(after(keys, column, row)).toEqual(expected);
});

test("other keys lead nowhere", () => {
  expect(["a", "Enter", " ", "Tab", "Escape"].map((key) => after(key, 1, 1))).toEqual(
    Array(5).fill(undefined),
  );
  expect(positionAfter({ key: "ArrowDown", ctrlKey: false, metaKey: false }, { column: 0, row: 0 }, [])).toBe(
    undefined,
  );
});
