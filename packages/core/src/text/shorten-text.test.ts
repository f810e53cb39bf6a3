import { describe, expect, test } from "vitest";
import { shortenText } from "./shorten-text.js";

describe("shortenText", () => {
  test.each([
    ["", 4, ""],
    ["four", 4, "four"],
    ["fives", 4, "fiv…"],
    ["ab💥", 4, "ab💥"],
    ["ab💥c", 4, "ab…"],
    ["a💥bc", 4, "a💥…"],
  ])("%j in %i characters is %j", (text, longest, expected) => {
    expect(shortenText(text, longest)).toBe(expected);
  });
});
