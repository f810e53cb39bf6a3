import { describe, expect, test } from "vitest";
import { parseTimestamp, sortTimestamps } from "./timestamps.js";

describe("parseTimestamp", () => {
  test.each([
    ["2017-05-31T21:30:18.123Z", "2017-05-31T21:30:18.123Z"],
    ["2017-05-31T21:30:18Z", "2017-05-31T21:30:18.000Z"],
    ["2017-05-31T21:30:18.123456Z", "2017-05-31T21:30:18.123Z"],
    ["2017-05-31T23:30:18+02:00", "2017-05-31T21:30:18.000Z"],
    ["Wed May 31 2017 21:30:18 GMT+0000 (Coordinated Universal Time)", "2017-05-31T21:30:18.000Z"],
    ["Wed May 31 2017 23:30:18 GMT+0200", "2017-05-31T21:30:18.000Z"],
  ])("reads %s", (text, iso) => {
    expect(parseTimestamp(text)?.toISOString()).toBe(iso);
  });

  test.each([undefined, null, 5, "", "yesterday", "attack-1", "2017", "2017-13-45T00:00:00Z", "May 31 2017"])(
    "does not guess what %s may mean",
    (value) => {
      expect(parseTimestamp(value)).toBeUndefined();
    },
  );
});

test("puts the oldest first, as given and each once, and what is no timestamp last", () => {
  expect(
    sortTimestamps([
      "v2",
      "2024-01-02T00:00:00Z",
      "2023-12-31T23:59:59.999Z",
      "2024-01-01T12:00:00+14:00",
      "2024-01-02T00:00:00Z",
      "v10",
    ]),
  ).toEqual(["2024-01-01T12:00:00+14:00", "2023-12-31T23:59:59.999Z", "2024-01-02T00:00:00Z", "v10", "v2"]);
});
