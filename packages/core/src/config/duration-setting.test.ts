import { expect, test } from "vitest";
import { z } from "zod";
import { durationSetting, parseDuration } from "./duration-setting.js";
import { parseConfig } from "./parse-config.js";

test.each([
  ["90s", 90_000],
  [" 15 M ", 900_000],
  ["1h30m", 5_400_000],
  ["2d", 172_800_000],
  ["1d 2h 3m 4s", 93_784_000],
])("%j is %i ms", (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs);
});

test.each(["", "0h", "1", "h", "1.5h", "-1h", "1w", "30m1h", "PT1H"])("%j is not a duration", (text) => {
  expect(() => parseDuration(text)).toThrow("must be a duration such as 90s, 15m, 1h, 1h30m or 2d");
});

test("more than ten years is refused", () => {
  expect(parseDuration("3650d")).toBe(315_360_000_000);
  expect(() => parseDuration("3651d")).toThrow("must be at most ten years (3650d)");
});

test("a setting with a wrong duration is an error that names it", () => {
  const schema = z.object({ MAX_DATA_AGE: durationSetting().prefault("1h") });
  expect(parseConfig(schema, {})).toEqual({ MAX_DATA_AGE: 3_600_000 });
  expect(() => parseConfig(schema, { MAX_DATA_AGE: "soon" })).toThrow(/MAX_DATA_AGE must be a duration/);
});
