import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { parseConfig } from "./parse-config.js";
import { integerSetting, listSetting } from "./plain-settings.js";

test("reads any whole number in its range, and no other", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), fc.maxSafeInteger(), (value, a, b) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)];
      const read = integerSetting({ min, max }).safeParse(String(value));
      expect(read.success).toBe(min <= value && value <= max);
      expect(read.data ?? value).toBe(value);
    }),
    { seed: 20_261_126 },
  );
});

test.each(["", "x", "1.0", "1e3", "0x10", "1 2", "9007199254740992", "Infinity"])("refuses %j", (text) => {
  expect(
    integerSetting()
      .safeParse(text)
      .error?.issues.map(({ message }) => message),
  ).toEqual(["must be a whole number"]);
});

test.each([
  [{ min: 1 }, "must be a whole number, 1 or more"],
  [{ max: 7 }, "must be a whole number, 7 or less"],
  [{ min: 1, max: 7 }, "must be a whole number from 1 to 7"],
])("says what it expects", (range, message) => {
  for (const text of ["x", "-5", "99"]) {
    const messages =
      integerSetting(range)
        .safeParse(text)
        .error?.issues.map((issue) => issue.message) ?? [];
    expect(messages.every((said) => said === message)).toBe(true);
  }
});

test("splits at commas; blanks and empty items do not count", () => {
  expect(listSetting().parse(" a, b c ,,d,")).toEqual(["a", "b c", "d"]);
});

test("a list without an entry is a fault; blank counts as unset", () => {
  const schema = z.object({ NAMES: listSetting().default(["a"]) });
  expect(() => parseConfig(schema, { NAMES: ",, ," })).toThrow(
    'NAMES must be a list separated by commas with at least one entry (given: ",, ,")',
  );
  expect(parseConfig(schema, { NAMES: " " })).toEqual({ NAMES: ["a"] });
});
