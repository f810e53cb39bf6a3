import { expect, test } from "vitest";
import { contrastOf, fillForScore, heat, stepsUpTo, textOn } from "./palette.js";

test("text can be read on each colour in both schemes (WCAG AA)", () => {
  const colours = heat.flatMap(({ light, dark }) => [light, dark]);
  for (const colour of [...colours, "#808080", "#ff0000", "#66b1ff"]) {
    expect(contrastOf(colour, textOn(colour)), colour).toBeGreaterThanOrEqual(4.5);
  }
  expect(contrastOf("#000000", "#ffffff")).toBeCloseTo(21);
});

test.each([
  [0, [1]],
  [1, [1]],
  [3, [1, 2, 3]],
  [84, [1, 3, 6, 15, 35]],
  [700, [1, 4, 14, 51, 189]],
])("scores up to %i fall into steps that begin at %j", (most, steps) => {
  expect(stepsUpTo(most)).toEqual(steps);
});

test("a higher score is never in a lower step, and the highest is in the last", () => {
  for (const most of [1, 2, 5, 30, 1000, 123_456]) {
    const steps = stepsUpTo(most);
    const used = [1, ...steps, most].map((score) => heat.indexOf(fillForScore(score, steps)));
    expect(used).toEqual(used.toSorted((one, other) => one - other));
    expect(used).not.toContain(-1);
    expect(used.at(-1)).toBe(most === 1 ? 0 : heat.length - 1);
  }
});
