import { expect, test } from "vitest";
import { parseConfidence, parseDate, parseFlag, parseList, parseText } from "./read-field.js";

test("a text loses the white space around it", () => {
  expect(parseText(" Cobalt Strike\n")).toBe("Cobalt Strike");
});

test.each([null, undefined, "", " ", 7, {}, ["a"]])("%j is none", (value) => {
  expect(parseText(value)).toBeNull();
});

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

test.each([true, 1, "1", "true", " True "])("%j is yes", (value) => {
  expect(parseFlag(value)).toBe(true);
});

test.each([false, 0, "0", "false", "FALSE"])("%j is no", (value) => {
  expect(parseFlag(value)).toBe(false);
});

test.each([null, undefined, "", "maybe", 2, {}])("%j is neither", (value) => {
  expect(parseFlag(value)).toBeUndefined();
});

test.each([
  ["2022-08-05 11:40:15 UTC", "2022-08-05T11:40:15.000Z"],
  ["2022-08-05 11:40:15", "2022-08-05T11:40:15.000Z"],
  [" 2022-08-05 11:40 ", "2022-08-05T11:40:00.000Z"],
  ["2022-08-05", "2022-08-05T00:00:00.000Z"],
  ["2022-08-05T11:40:15Z", "2022-08-05T11:40:15.000Z"],
  ["2022-08-05T11:40:15.123456Z", "2022-08-05T11:40:15.123Z"],
  ["2022-08-05T11:40:15.5+02:00", "2022-08-05T09:40:15.500Z"],
  ["2022-08-05T23:40:15-0130", "2022-08-06T01:10:15.000Z"],
  ["2022-08-05 11:40:15-23:59", "2022-08-06T11:39:15.000Z"],
  ["2024-02-29 00:00:00 UTC", "2024-02-29T00:00:00.000Z"],
])("%s", (text, iso) => {
  expect(parseDate(text)?.toISOString()).toBe(iso);
});

test.each([
  null,
  undefined,
  "",
  "yesterday",
  "2023-02-29 00:00:00 UTC",
  "2022-13-01 00:00:00",
  "2022-08-05 24:00:00",
  "2022-08-05 11:40:60",
  "0000-00-00 00:00:00",
  "2022-08-05 11:40:15 CEST",
  "9999-12-31 23:30:00-01:00",
  ...["2022-08-05 11:40:15+99:99", "2022-08-05 11:40:15-2400", "2022-08-05 11:40:15+01:60"],
  "0000-06-01 00:00:00",
  1_659_699_615,
  {},
])("%j is no date", (value) => {
  expect(parseDate(value)).toBeNull();
});

test.each([
  [0, 0],
  [75, 75],
  [100, 100],
  ["75", 75],
  [" 100 ", 100],
  [66.6, 66.6],
])("%j", (value, confidence) => {
  expect(parseConfidence(value)).toBe(confidence);
});

test.each([null, undefined, "", "high", -1, 101, "1e1", Number.NaN, Number.POSITIVE_INFINITY, [75], true])(
  "%j is none",
  (value) => {
    expect(parseConfidence(value)).toBeNull();
  },
);
