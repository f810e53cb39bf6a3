import { expect, test } from "vitest";
import { z } from "zod";
import { listSetting } from "./list-setting.js";
import { parseConfig } from "./parse-config.js";

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
