import { describe, expect, test } from "vitest";
import { compileRegex } from "./compile-regex.js";

/** Patterns, options, texts that they are found in, texts that they are not found in: as PCRE2 10.42 answers with its option UTF. */
const CASES: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  ["", "", ["", "a"], []],
  ["^abc", "", ["abcd"], ["xabc", "x\nabc"]],
  ["^abc", "m", ["x\nabc"], ["xabc"]],
  ["abc$", "", ["xabc", "abc\n"], ["abcd", "abc\n\n", "abc\nx"]],
  ["abc$", "m", ["abc\nx"], ["abcd"]],
  ["^(a|b$|$)", "", ["a", "b", "b\n", "", "\n"], ["bc", "c"]],
  ["^.$", "", ["😀", "ä", "a\n"], ["ab", "\n"]],
  ["^.$", "s", ["\n"], ["ab"]],
  ["a.b", "", ["a\rb", "a\u2028b"], ["a\nb"]],
  ["\\Aa\\Z", "m", ["a", "a\n"], ["b\na", "a\nb"]],
  ["a\\z", "m", ["a"], ["a\n"]],
  ["\\Ga", "", ["a"], ["ba"]],
  ["^a", "m", ["b\na"], ["b"]],
  ["\\bä", "", ["aä"], ["ä", " ä"]],
  ["\\bcat\\b", "", ["a cat."], ["cats", "scat"]],
  ["\\Ba", "", ["ba"], ["a"]],
  ["^\\d+$", "", ["0123"], ["٣", ""]],
  ["\\w", "", ["_", "a", "0"], ["ä", "-"]],
  ["\\W", "i", ["ſ", "\u212a", "ä"], ["k", "_"]],
  ["\\s", "", ["\t", "\v", "\f", "\r", " "], ["\u00a0", "\u0085"]],
  ["\\S", "", ["\u00a0"], ["\v"]],
  ["\\h", "", ["\t", "\u00a0", "\u180e", "\u3000"], ["\n", "h"]],
  ["\\H", "", ["\n", "h"], [" \t"]],
  ["\\v", "", ["\n", "\u0085", "\u2028"], ["v", " "]],
  ["\\V", "", ["v"], ["\u2029"]],
  ["\\N{2}", "s", ["ab"], ["a\n"]],
  ["\\p{L}", "", ["ä", "日"], ["{1}", "1"]],
  ["^\\pL+\\PL$", "", ["aä1"], ["aa"]],
  ["\\p{Lu}", "i", ["A", "Ä"], ["a", "ǅ"]],
  ["\\p{^Lu}", "", ["a", "ǅ"], ["A"]],
  ["\\p{L&}", "", ["a", "ǅ"], ["日"]],
  ["\\p{Cyrillic}", "", ["й", "\u0484"], ["n"]],
  ["^\\p{Any}$", "", ["\n"], [""]],
  ["[\\p{Nd}_]", "", ["٣", "_"], ["a"]],
  ["[[:digit:]]", "", ["7"], ["d", "٣"]],
  ["[[:^alpha:]]", "", ["1", "ä"], ["a"]],
  ["[[:upper:]]", "i", ["a"], ["1", "ſ"]],
  ["[[:punct:][:space:]]", "", ["$", "\v"], ["a"]],
  ["[]a]", "", ["]", "a"], ["b", "["]],
  ["[^]a]", "", ["b"], ["]", "a"]],
  ["[a-]", "", ["-"], ["b"]],
  ["[a\\-z]", "", ["-"], ["b"]],
  ["[--a]", "", [".", "A"], ["b", "+"]],
  ["[\\b]", "", ["\b"], ["b"]],
  ["[\\Qa-c]\\E]", "", ["-", "]"], ["b"]],
  ["[\\101\\8]", "", ["A", "8"], ["1"]],
  ["[^a]", "i", ["\n", "b"], ["A", "a"]],
  ["[^\\w-]", "i", ["\u212a", "é"], ["K", "-"]],
  ["[é-ë]", "i", ["Ê", "ê"], ["e"]],
  ["[&&a||]", "", ["&", "|"], ["b"]],
  ["^[😀-😂]$", "", ["😁"], ["😃"]],
  ["k", "i", ["K", "\u212a"], ["c"]],
  ["S", "i", ["ſ", "s"], ["z"]],
  ["σ", "i", ["Σ", "ς"], ["o"]],
  ["ß", "i", ["ẞ"], ["ss", "SS"]],
  ["İ", "i", ["İ"], ["i", "I", "ı"]],
  ["i", "i", ["I"], ["ı", "İ"]],
  ["ﬀ", "i", ["ﬀ"], ["ff"]],
  ["KÄSE", "i", ["käse"], ["kase"]],
  ["\\x41\\x{42}\\x{1F600}", "", ["AB😀"], ["x41"]],
  ["^\\x4$", "", ["\u0004"], ["x4"]],
  ["\\x", "", ["\0"], ["x"]],
  ["\\x{e9}", "i", ["É"], ["e"]],
  ["^\\o{101}\\07\\012$", "", ["A\u0007\n"], ["A"]],
  ["\\cA\\c[", "", ["\u0001\u001b"], ["cA"]],
  ["\\a\\e\\f\\n\\r\\t", "", ["\u0007\u001b\f\n\r\t"], ["aefnrt"]],
  ["\\Qa.b*\\E+", "", ["a.b**"], ["axb"]],
  ["\\Q(", "", ["("], [")"]],
  ["a\\Eb", "", ["ab"], ["aEb"]],
  ["a(?i)b|c", "", ["aB", "C"], ["AB"]],
  ["a(?i:b)c", "", ["aBc"], ["aBC", "ABc"]],
  ["(?i)a(?-i)b", "", ["Ab"], ["AB"]],
  ["((?i)a)b", "", ["Ab"], ["AB"]],
  ["(?^:a)", "i", ["a"], ["A"]],
  ["(?s).(?-s).", "", ["\na"], ["a\n"]],
  ["(?m)^a$", "", ["b\na\nc"], ["ba"]],
  ["(?x) a b # c\n c", "", ["abc"], ["a b"]],
  ["a b\\ c[ #]\t\\#", "x", ["ab c #", "ab c##"], ["ab c#"]],
  ["a +", "x", ["aa"], [" "]],
  ["(?xx)[a b]c", "", ["ac", "bc"], [" c"]],
  ["a(?#b)+c", "", ["aac"], ["abc"]],
  ["^(?<year>\\d{4})-(?P<month>\\d\\d)-(?'day'\\d\\d)$", "", ["2026-11-27"], ["26-11-27"]],
  ["^a{2,3}$", "", ["aa", "aaa"], ["a", "aaaa"]],
  ["^a{,3}$", "", ["a{,3}"], ["aa"]],
  ["^a{2,}?$", "", ["aaa"], ["a"]],
  ["a{1", "", ["a{1"], ["a"]],
  ["^(?:|a)$", "", ["", "a"], ["b"]],
  ["^(a|)+b$", "", ["b", "aab"], ["a"]],
  ["}]", "", ["}]"], ["}"]],
  ["\\é\\.\\-", "", ["é.-"], ["éa-"]],
  ["a\\0?b", "", ["ab", "a\0b"], ["a0b"]],
];

describe("a pattern is found where PCRE2 finds it", () => {
  test.each(CASES)("%j %j", (pattern, options, found, notFound) => {
    const regex = compileRegex(pattern, options);
    const matches = (text: string) => regex.matches(Buffer.from(text));
    expect(found.filter((text) => !matches(text))).toEqual([]);
    expect(notFound.filter(matches)).toEqual([]);
  });
});

describe("a pattern that is invalid in PCRE2 is refused, with the position", () => {
  test.each([
    ["(a", 2],
    ["a)", 1],
    ["[a", 2],
    ["[]", 2],
    ["a**", 2],
    ["*a", 0],
    ["^*", 1],
    ["\\b+", 2],
    ["a{2}{3}", 4],
    ["a{3,2}", 6],
    ["a{65536}", 8],
    ["[z-a]", 4],
    ["[\\d-z]", 3],
    ["[a-\\d]", 5],
    ["[[:foo:]]", 8],
    ["[:alpha:]", 9],
    ["[[.a.]]", 6],
    ["[\\R]", 2],
    ["\\", 1],
    ["\\u0041", 1],
    ["\\y", 1],
    ["\\x{110000}", 10],
    ["\\x{d800}", 8],
    ["\\x{g}", 2],
    ["\\o101", 2],
    ["\\p", 2],
    ["(?z)", 0],
    ["(?<1>a)", 5],
    ["(?#", 0],
    [`${"(".repeat(251)}${")".repeat(251)}`, 250],
  ])("%s", (pattern, position) => {
    expect(() => compileRegex(pattern, "")).toThrow(
      expect.objectContaining({
        code: 51091,
        message: expect.stringMatching(`^Regular expression is invalid: .*, at position ${position} of `),
      }),
    );
  });
});

describe("a construct without a linear-time or exact translation is refused by name", () => {
  test.each([
    ["a(?=b)", "a lookahead"],
    ["a(?!b)", "a lookahead"],
    ["(?<=a)b", "a lookbehind"],
    ["(?<!a)b", "a lookbehind"],
    ["(a)\\1", "a back reference"],
    ["(?<n>a)\\k<n>", "a back reference"],
    ["(?P<n>a)(?P=n)", "a back reference"],
    ["(?>a)", "an atomic group"],
    ["a++", "a possessive quantifier"],
    ["(?R)", "a recursive call"],
    ["(a)(?1)", "a recursive call"],
    ["(a)?(?(1)b)", "a conditional group"],
    ["(?|a|b)", "a branch reset (?|…)"],
    ["(*UCP)a", "a verb (*…)"],
    ["(?C1)", "a callout"],
    ["\\R", "\\R"],
    ["\\X", "\\X"],
    ["\\K", "\\K"],
    ["\\C", "\\C"],
    ["\\N{U+41}", "\\N"],
    ["\\p{Emoji}", "the Unicode property {Emoji}"],
    ["a$\nb", "$ or \\Z before the end of the pattern"],
    ["(a$)+", "$ or \\Z before the end of the pattern"],
    ["(?m)^\\s*", "^ with the flag m before a part that can be empty"],
    ["[\\W[:digit:]]", "a negated set together with a POSIX class or a Unicode property in brackets"],
    ["a{1001}", "more than 1000 repetitions"],
  ])("%s", (pattern, construct) => {
    expect(() => compileRegex(pattern, "")).toThrow(
      expect.objectContaining({
        code: 51091,
        message: expect.stringMatching(/: not supported by the embedded database, set MONGO_URI/),
      }),
    );
    expect(() => compileRegex(pattern, "")).toThrow(`${construct} in a regular expression (at position`);
  });

  test.each(["(?:a{1000}){1000}", ".{500}".repeat(5)])(
    "repetitions that make a pattern long: %s",
    (pattern) => {
      expect(() => compileRegex(pattern, "")).toThrow(
        "a regular expression with this many repetitions: not supported by the embedded database",
      );
    },
  );

  test("too many large character sets", () => {
    expect(() => compileRegex("\\pL".repeat(1000), "")).toThrow(
      "a regular expression with character sets this large: not supported by the embedded",
    );
  });
});

test.each(["(a+)+$", "(a|a)*[bc]d", "(.*)(.*)(.*)(.*)[^abc]b", "(?:a?){50}a{50}[bc]d"])(
  "%s takes time in proportion to the text",
  (pattern) => {
    expect(compileRegex(pattern, "").matches(Buffer.from(`${"a".repeat(100_000)}cb`))).toBe(false);
  },
);

test("options are those of MongoDB, in any order and number", () => {
  expect(compileRegex("a.b", "usxmii").matches(Buffer.from("A\nB"))).toBe(true);
  expect(() => compileRegex("a", "ig")).toThrow(expect.objectContaining({ code: 51108 }));
});

test("a pattern with a null byte, or of more than 32764 bytes, is refused", () => {
  expect(() => compileRegex("a\0b", "")).toThrow(expect.objectContaining({ code: 2 }));
  expect(compileRegex("ä".repeat(16_382), "").matches(Buffer.from("ä"))).toBe(false);
  expect(() => compileRegex("ä".repeat(16_383), "")).toThrow(expect.objectContaining({ code: 51091 }));
});

test("an invalid pattern in an expression has another code", () => {
  expect(() => compileRegex("(", "", "$regexMatch")).toThrow(expect.objectContaining({ code: 51111 }));
});

test("nothing is found in bytes that are not UTF-8", () => {
  expect(compileRegex("a", "").matches(Buffer.from([0x61, 0xff]))).toBe(false);
});
