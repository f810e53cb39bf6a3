import { expect, test } from "vitest";
import { weighJson } from "./weigh-json.js";

test.each([
  ["1", 0],
  ['"a,[{"', 0],
  ['{"a":1,"b":[1,2,3]}', 2 + 1 + 2 + 2],
  [String.raw`["\\",{},"\"[,",[]]`, 2 + 3 + 2 + 2],
  ['["never ended [[[', 2],
  ["", 0],
])("%s weighs %d", (text, weight) => {
  expect(weighJson(text, 1000)).toBe(weight);
});

test("stops where it is enough", () => {
  expect(weighJson("[".repeat(1000), 10)).toBe(12);
});
