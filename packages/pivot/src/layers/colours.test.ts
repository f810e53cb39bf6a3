import { expect, test } from "vitest";
import { distinctColours, heatGradient, legendItemOf } from "./colours.js";

test("gives each of many things a colour of its own, none of them red", () => {
  for (const count of [1, 2, 12, 40]) {
    const colours = distinctColours(count);
    expect(new Set(colours).size).toBe(count);
    for (const colour of colours) {
      expect(colour).toMatch(/^#[0-9a-f]{6}$/);
      const [red = 0, green = 0, blue = 0] = (colour.match(/[0-9a-f]{2}/g) ?? []).map((part) =>
        Number.parseInt(part, 16),
      );
      expect(Math.max(green, blue), colour).toBeGreaterThanOrEqual(red * 0.78);
    }
  }
  expect(distinctColours(2)).toEqual(distinctColours(2));
});

test("colours a legend like the gradient", () => {
  const gradient = heatGradient(1, 3);
  expect(legendItemOf(gradient, 1, "least")).toEqual({ label: "least", color: gradient.colors[0] });
  expect(legendItemOf(gradient, 3, "most")).toEqual({ label: "most", color: gradient.colors[1] });
  expect(legendItemOf({ colors: ["#000000", "#ff8000"], minValue: 0, maxValue: 2 }, 1, "").color).toBe(
    "#804000",
  );
});

test("has an upper bound above the lower one, as the format wants it", () => {
  expect(heatGradient(0, 0)).toMatchObject({ minValue: 0, maxValue: 1 });
});
