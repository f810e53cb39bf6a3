import { InvalidArgumentError } from "commander";
import { expect, test } from "vitest";
import { asDuration, asSince } from "./arguments.js";

test.each([
  ["2026-11-01", "2026-11-01T00:00:00.000Z"],
  [" 2026-11-01T12:00:00Z ", "2026-11-01T12:00:00.000Z"],
  ["2026-11-01T00:30:00.5+02:00", "2026-10-31T22:30:00.500Z"],
])("%s is %s", (text, time) => {
  expect(asSince(text).toISOString()).toBe(time);
});

test.each(["", "yesterday", "2026", "2026-02-30", "2026-11-01T12:00:00", "2026-11-01 12:00", "1/11/2026"])(
  "%j is no date",
  (text) => {
    expect(() => asSince(text)).toThrow(InvalidArgumentError);
  },
);

test("a duration is milliseconds, and anything else is refused with examples", () => {
  expect(asDuration("1h30m")).toBe(5_400_000);
  expect(() => asDuration("soon")).toThrow("It must be a duration such as 90s, 15m, 1h, 1h30m or 2d.");
});
