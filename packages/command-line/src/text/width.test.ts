import { expect, test } from "vitest";
import { fitToWidth, joinToWidth, widthFor } from "./width.js";

test("a file, and a terminal that does not say how wide it is, have 80 columns", () => {
  expect([{}, { columns: 0 }, { columns: 132 }].map(widthFor)).toEqual([80, 80, 132]);
});

test("parts fill lines and stay whole", () => {
  const parts = ["1 extracted", "2 inserted", "3 superseded", "4 withdrawn"];
  expect(joinToWidth(parts, 24)).toEqual(["1 extracted, 2 inserted,", "3 superseded,", "4 withdrawn"]);
  expect(joinToWidth(parts, 5)).toEqual(["1 extracted,", "2 inserted,", "3 superseded,", "4 withdrawn"]);
  expect(joinToWidth([], 5)).toEqual([]);
});

test("a part that is longer than a line begins behind the one before, and continues on the next line", () => {
  expect(fitToWidth(["technique", "on ESXi, IaaS, Linux, macOS", "tactics execution"], 22)).toEqual([
    "technique, on ESXi,",
    "IaaS, Linux, macOS,",
    "tactics execution",
  ]);
});
