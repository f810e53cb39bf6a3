import { Int32 } from "bson";
import { expect, test } from "vitest";
import { booleanValue, documentValue, encodeValue, textValue } from "../bson/raw-value.js";
import { describeExpressions } from "../testing/tables/expression-table.js";
import { compileExpression } from "./compile-expression.js";

const document = {
  text: "Straße 12",
  lines: "one\ntwo",
  pattern: "^S",
  regex: /^s/i,
  plain: /^S/,
  options: "i",
  n: new Int32(5),
  null: null,
};
const match = (input: unknown, regex: unknown, options?: unknown) => ({
  $regexMatch: options === undefined ? { input, regex } : { input, regex, options },
});

describeExpressions("$regexMatch", document, [
  ["found", match("$text", "ß.*\\d"), true],
  ["not found", match("$text", "^\\d"), false],
  ["a regular expression", match("$text", /STRA/i), true],
  ["a pattern of a field", match("$text", "$pattern"), true],
  ["a regular expression of a field", match("$text", "$regex"), true],
  ["options", match("$text", "^s", "i"), true],
  ["options of a field", match("$text", "^s", "$options"), true],
  ["options beside a regular expression without any", match("$text", "$plain", "i"), true],
  ["options m", match("$lines", "^two$", "m"), true],
  ["options s", match("$lines", "one.two", "s"), true],
  ["options x", match("$text", "S t # comment", "x"), true],
  ["options that are null", match("$text", "$regex", null), true],
  ["an option at the start of the pattern", match("$text", "(?i)^s"), true],
  ["a property of Unicode", match("$text", "Stra\\p{L}e"), true],
  ["a POSIX class", match("$text", "[[:digit:]]{2}$"), true],
  ["a code point", match("😀", "^.$"), true],
  ["an empty pattern", match("$text", ""), true],
  ["null", match("$null", "a"), false],
  ["missing", match("$none", "a"), false],
  ["a pattern that is null", match("$text", "$null"), false],
  ["a pattern that is missing", match("$text", "$none"), false],
  ["a number", match("$n", "a"), { refused: 51104 }],
  ["a number, and a pattern that is null", match("$n", "$null"), { refused: 51104 }],
  ["a pattern that is a number", match("$text", "$n"), { refused: 51105 }],
  ["options that are a number", match("$text", "a", "$n"), { refused: 51106 }],
  ["options twice", match("$text", "$regex", "i"), { refused: 51107 }],
  ["empty options beside those of a regular expression", match("$text", "$regex", ""), { refused: 51107 }],
  ["an unknown option", match("$text", "a", "g"), { refused: 51108 }],
  ["a null character in the pattern", match("$text", "a\0b"), { refused: 51109 }],
  ["a null character in the options", match("$text", "a", "i\0"), { refused: 51110 }],
  ["a pattern that is not valid", match("$text", "("), { refused: 51111 }],
  ["a pattern that is not valid, whatever the input", match("$null", "("), { refused: 51111 }],
  ["no object", { $regexMatch: ["$text", "a"] }, { refused: 51103 }],
  ["no input", { $regexMatch: { regex: "a" } }, { refused: 31022 }],
  ["no pattern", { $regexMatch: { input: "a" } }, { refused: 31023 }],
  ["an unknown field", { $regexMatch: { input: "a", regex: "a", flags: "i" } }, { refused: 31024 }],
]);

test("$regexMatch takes the pattern and the options of each document", () => {
  const expression = compileExpression(encodeValue(match("Ab", "$p", "$o")));
  const answers = (["a ", "b i", "a i", "a ", "A "] as const).map((texts) => {
    const [pattern = "", options = ""] = texts.split(" ");
    const root = documentValue([
      ["p", textValue(pattern)],
      ["o", textValue(options)],
    ]);
    return expression({ root, variables: undefined });
  });
  expect(answers).toStrictEqual([false, true, true, false, true].map(booleanValue));
});
