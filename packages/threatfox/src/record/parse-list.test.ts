import { expect, test } from "vitest";
import { parseList } from "./parse-list.js";

test("a list keeps its order and commas inside its entries", () => {
  expect(parseList([" CobaltStrike", "Example Co., Ltd.", "", "CobaltStrike", 42, null, {}])).toEqual([
    "CobaltStrike",
    "Example Co., Ltd.",
    "42",
  ]);
});

test("a comma-separated string is a list", () => {
  expect(parseList("Agentemis, BEACON,,BEACON")).toEqual(["Agentemis", "BEACON"]);
});

test.each([null, undefined, "", " , ", 7, {}, []])("%j is empty", (value) => {
  expect(parseList(value)).toEqual([]);
});
