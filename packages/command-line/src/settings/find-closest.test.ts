import { expect, test } from "vitest";
import { findClosest } from "./find-closest.js";

const names = ["mitre-taxii", "threatfox", "run", "status", "export", "mongo"];

test.each([
  ["mitre", "mitre-taxii"],
  ["taxii", "mitre-taxii"],
  ["mitre_taxii", "mitre-taxii"],
  ["MITRE-TAXI", "mitre-taxii"],
  ["threatfx", "threatfox"],
  ["stats", "status"],
  ["exprot", "export"],
  ["x", undefined],
  ["otx", undefined],
  ["", undefined],
])("%j most likely stands for %j", (name, expected) => {
  expect(findClosest(name, names)).toBe(expected);
});
