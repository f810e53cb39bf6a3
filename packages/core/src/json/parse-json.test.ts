import { describe, expect, test } from "vitest";
import { alterationsIn } from "./altered-values.js";
import { JsonWeightError, parseJson } from "./parse-json.js";

const kept = "a number kept as text, because a number would lose digits";

describe("parseJson", () => {
  test.each([
    "12345678901234567890",
    "-9007199254740993",
    "1e999",
    "-1E400",
    "1e-400",
    "0.12345678901234567890",
    "123456789012345678e2",
  ])("keeps %s as text, and tells", (number) => {
    const json = parseJson(`{"a":[{"n": ${number}, "b":1}], "c":2.5, "c":3}`);
    expect(json).toEqual({ a: [{ n: number, b: 1 }], c: 3 });
    expect(alterationsIn(json)).toEqual([`a.0.n: ${kept}`]);
    expect(alterationsIn({ wrapped: json })).toEqual([`wrapped.a.0.n: ${kept}`]);
  });

  test.each([
    ["9007199254740992", 9_007_199_254_740_992],
    ["12345678901234567000", 12_345_678_901_234_567_000],
    ["1.50000000000000000000", 1.5],
    ["0.0000000000000000001", 1e-19],
    ["1e100", 1e100],
    ["-0", -0],
    ["0.000000000000000000", 0],
  ])("takes %s for a number", (text, number) => {
    const json = parseJson(`[${text}]`);
    expect(json).toEqual([number]);
    expect(alterationsIn(json)).toEqual([]);
  });

  test("leaves digits inside texts alone", () => {
    const json = {
      hash: "1234567890123456789012",
      text: 'a, 12345678901234567890 and "b": 12345678901234567890',
    };
    expect(parseJson(JSON.stringify(json))).toEqual(json);
    expect(alterationsIn(parseJson(JSON.stringify(json)))).toEqual([]);
  });

  test("keeps a name that JavaScript gives a meaning to", () => {
    const json = parseJson('{"__proto__": 12345678901234567890}');
    expect(Object.entries(json ?? {})).toEqual([["__proto__", "12345678901234567890"]]);
  });

  test("tells texts and names whose bytes were no UTF-8, and no others", () => {
    const text = '{"a":["fine","gr\uFFFDn"],"na\uFFFDme":1}';
    const replaced = "invalid UTF-8 was replaced by U+FFFD";
    expect(alterationsIn(parseJson(text, { isUtf8: false }))).toEqual([
      `na\uFFFDme: ${replaced}`,
      `a.1: ${replaced}`,
    ]);
    expect(alterationsIn(parseJson(text))).toEqual([]);
  });

  test("does not break on what is nested very deeply", () => {
    const json = parseJson(`${"[".repeat(200_000)}12345678901234567890${"]".repeat(200_000)}`, {
      isUtf8: false,
    });
    expect(alterationsIn(json)).toEqual([]);
  });

  test.each(["[],", "[", "0,", "{},"])("refuses what would fill the memory, before it does: %s", (part) => {
    expect(() => parseJson(`[${part.repeat(10_000_000)}`)).toThrow(JsonWeightError);
  });

  test("refuses what is no JSON", () => {
    expect(() => parseJson('{"a":12345678901234567890')).toThrow(SyntaxError);
  });
});
