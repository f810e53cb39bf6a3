import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseQuota, quotaSetting } from "./quota-setting.js";

describe("parseQuota", () => {
  test.each([
    ["50/600", { requests: 50, windowMs: 600_000 }],
    [" 1 / 0.25 ", { requests: 1, windowMs: 250 }],
    ["off", undefined],
    ["None", undefined],
  ])("reads %j", (text, quota) => {
    expect(parseQuota(text)).toEqual(quota);
  });

  test.each(["", "50", "50/", "/600", "0/600", "50/0", "-1/600", "50/600/2", "5e1/600", "50/600s", "NaN/1"])(
    "refuses %j and says what is expected",
    (text) => {
      expect(() => parseQuota(text)).toThrow(/such as 50\/600/);
    },
  );

  test("refuses more than can be remembered", () => {
    expect(() => parseQuota("100001/600")).toThrow(/not allow more than 100000 requests/);
    expect(() => parseQuota("50/604801")).toThrow(/week/);
  });

  test("reads any quota in whole milliseconds", () => {
    const quota = fc.record({
      requests: fc.integer({ min: 1, max: 100_000 }),
      windowMs: fc.integer({ min: 1, max: 604_800_000 }),
    });
    fc.assert(
      fc.property(quota, ({ requests, windowMs }) => {
        expect(parseQuota(`${requests}/${windowMs / 1000}`)).toEqual({ requests, windowMs });
      }),
      { seed: 20_261_126 },
    );
  });

  test("any text is read or refused with a TypeError", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d/. ]{0,12}$/)), (text) => {
        try {
          const quota = parseQuota(text);
          expect(quota === undefined || (quota.requests >= 1 && quota.windowMs >= 1)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
      { seed: 20_261_126 },
    );
  });
});

describe("quotaSetting", () => {
  const schema = z.object({ QUOTA: quotaSetting.prefault("50/600") });

  test("has its default written like a setting", () => {
    expect(schema.parse({}).QUOTA).toEqual({ requests: 50, windowMs: 600_000 });
    expect(schema.parse({ QUOTA: "off" }).QUOTA).toBeUndefined();
  });

  test("says what is expected", () => {
    expect(schema.safeParse({ QUOTA: "many" }).error?.issues[0]?.message).toMatch(/such as 50\/600/);
  });
});
