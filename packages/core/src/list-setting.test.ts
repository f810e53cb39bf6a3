import { expect, test } from "vitest";
import { listSetting } from "./list-setting.js";

test("splits at commas; blanks and empty items do not count", () => {
  expect(listSetting().parse(" a, b c ,,d,")).toEqual(["a", "b c", "d"]);
});
