import { expect, test } from "vitest";
import { rowsGained } from "./resizable-frame.js";

const text = ["x".repeat(100), "x".repeat(50), "", `${"x".repeat(39)}⏳`].join("\n");

test("counts the rows that a terminal makes of lines that are too long for it", () => {
  expect([110, 100, 99, 50, 40].map((columns) => rowsGained(text, columns, {}))).toEqual([0, 0, 1, 1, 4]);
});

test.each([{ XTERM_VERSION: "XTerm(379)" }, { TERM: "linux" }, { STY: "123.pts-0" }])(
  "a terminal that cuts lines gains none: %j",
  (environment) => {
    expect(rowsGained(text, 40, environment)).toBe(0);
  },
);
