import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRetryAfter } from "./parse-retry-after.js";

const now = new Date("1994-11-06T08:49:00Z");

describe("parseRetryAfter", () => {
  test.each([
    ["0", 0],
    ["120", 120_000],
    [" 3 ", 3_000],
    ["1.5", 1_500],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 37_000],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 37_000],
    ["Sun Nov  6 08:49:37 1994", 37_000],
    ["Sun Nov 13 08:49:00 1994", 7 * 24 * 60 * 60 * 1000],
    ["Sun, 06 Nov 1994 08:48:59 GMT", 0],
  ])("reads %j as %d ms", (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });

  test.each([
    undefined,
    "",
    "soon",
    "-1",
    "1e3",
    "0x10",
    "1994-11-06",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 99 Foo 1994 08:49:37 GMT",
    "9".repeat(13),
  ])("makes nothing of %j", (header) => {
    expect(parseRetryAfter(header, now)).toBeUndefined();
  });

  test("any whole number of seconds is that long, whatever the time is", () => {
    fc.assert(
      fc.property(fc.nat(), fc.date({ noInvalidDate: true }), (seconds, at) => {
        expect(parseRetryAfter(String(seconds), at)).toBe(seconds * 1000);
      }),
      { seed: 20_261_126 },
    );
  });

  test("any HTTP date is as far away as it is, and never in the past", () => {
    const second = fc.date({ min: new Date("1970-01-01"), max: new Date("9999-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(second, second, (until, at) => {
        const expected = Math.max(0, Math.floor(until.getTime() / 1000) * 1000 - at.getTime());
        expect(parseRetryAfter(until.toUTCString(), at)).toBe(expected);
      }),
      { seed: 20_261_126 },
    );
  });

  test("any other text is ignored or is a time that is not negative", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(parseRetryAfter(header, now) ?? 0).toBeGreaterThanOrEqual(0);
      }),
      { seed: 20_261_126 },
    );
  });
});
