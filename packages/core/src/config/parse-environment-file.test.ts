import { parse } from "dotenv";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseEnvironmentFile } from "./parse-environment-file.js";

test.each([
  ["A=abc#def", "abc#def", []],
  ["A=mongodb://u:p#x@h/", "mongodb://u:p#x@h/", []],
  ["A=#abc", "#abc", []],
  ["A=a#b #c", "a#b", ["A"]],
  ["A=abc # a comment", "abc", ["A"]],
  ["A=abc\t# a comment", "abc", ["A"]],
  ["A=two words #3", "two words", ["A"]],
  ["A= # a comment", "", []],
  ["A: abc#d", "abc#d", []],
  ["export A=abc#d", "abc#d", []],
  ["A='abc #d' # a comment", "abc #d", []],
  ['A="abc #d"', "abc #d", []],
  ['A="abc#d"#e', "abc#d", []],
  ["A=`abc #d`", "abc #d", []],
  ['A="one # two\nthree # four" # five', "one # two\nthree # four", []],
  ["A=1 # one\nA=2", "2", []],
  ["A=abc#def\r\n", "abc#def", []],
  ["A=abc\n# a comment on a line of its own", "abc", []],
  ["A=abc\r\n\r\n  #B=2\r\n", "abc", []],
  ["A=abc # one\n# two", "abc", ["A"]],
])("%j is %j", (text, value, cut) => {
  expect(parseEnvironmentFile(text)).toMatchObject({ values: { A: value }, cut, unclosed: [], ignored: [] });
});

test.each([
  ['A="abc', '"abc', ["A"]],
  ["A='abc#d", "'abc#d", ["A"]],
  ["A='abc'def", "'abc'def", ["A"]],
  ["A='it's'", "it's", []],
  ["A='\"abc'", '"abc', []],
  ['A="abc\nA=abc', "abc", []],
])("%j is %j, and its quote may be unclosed", (text, value, unclosed) => {
  expect(parseEnvironmentFile(text)).toMatchObject({ values: { A: value }, cut: [], unclosed, ignored: [] });
});

test("lines that say nothing are numbered", () => {
  const text = [
    "\uFEFF# NAME=value",
    "A:no-blank",
    'B="one',
    "two",
    'three" # comment',
    "",
    "C D=1",
    "export E",
    "  # F",
    "G=1",
    "set H=2",
    "=3",
  ].join("\r\n");
  expect(parseEnvironmentFile(text)).toMatchObject({
    values: { B: "one\ntwo\nthree", G: "1" },
    cut: [],
    unclosed: [],
    ignored: [2, 7, 8, 11, 12],
  });
});

test.each([
  "A=1\r\nB=2\rC=3\n",
  "export A=1\n  export  B = 2 \n",
  "A: yes\nB:no\n",
  'A=\'x y\'\nB="x\\ny\\r"\nC=`it\'s "it"`\n',
  "# A=1\n#B=2\n\nC=3\n",
  'A="first\nsecond"\nB=1\n',
  "A=1\nA=2\nA=\n",
  "A.B-C_1=x\n1=2\n=3\nonly words\nA\n",
  "A='it\\'s'\nB=\"open\nC='a'b'\nD=\"\"\nE=''\n",
  "A=  spaced out  \nB=\ta\t\n",
  '\uFEFFA=1\nB={"a": "b"}\nC=a=b=c\nD=$HOME\n',
])("%j is what dotenv makes of it", (text) => {
  expect(parseEnvironmentFile(text).values).toEqual(parse(text));
});

test("without # it is dotenv, whatever the file holds", () => {
  const parts = fc.constantFrom(
    "A",
    "B_1",
    "=",
    ": ",
    " ",
    "\n",
    "\r\n",
    "'",
    '"',
    "`",
    "\\",
    "x y",
    "export ",
    "\\n",
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 30 }), (text) => {
      expect(parseEnvironmentFile(text.join("")).values).toEqual(parse(text.join("")));
    }),
    { seed: 20_261_127, numRuns: 5_000 },
  );
});

test("a file of any length takes linear time", () => {
  const long = ["A='", 'A="', "A=", "#", "A=a#", "export "].map((part) => part.repeat(20_000)).join("\n");
  expect(parseEnvironmentFile(long)).toBeDefined();
});

test("the line of each setting is known, whatever stands before it", () => {
  const text = "\uFEFF# a\r\n\r\nA=1\r\n\n\nexport B='two\nlines'\nC: 3\nA=4\n".slice(1);
  expect(parseEnvironmentFile(text)).toMatchObject({
    values: { A: "4", C: "3" },
    lines: { A: 9, B: 6, C: 8 },
  });
});
