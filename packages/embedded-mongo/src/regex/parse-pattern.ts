import { type ErrorName, notSupported } from "../errors/command-error.js";
import { codePointSource, foldCase, setSource } from "./character-set.js";
import { takeClass } from "./parse-class.js";
import { takeCharacterEscape } from "./parse-escape.js";
import { assertionNode, characterNode, groupNode, type PatternNode, repeatNode } from "./pattern-node.js";
import {
  invalid,
  isNext,
  type PatternReader,
  skip,
  take,
  takeCodePoint,
  unsupported,
} from "./pattern-reader.js";

/** How much longer a pattern may get when its repetitions are written out. */
const MAX_GROWTH = 2000;
/** A pattern of this length compiles in a few hundred milliseconds. */
const MAX_SOURCE = 1_000_000;
const MAX_DEPTH = 250;
const MAX_REPEATS = 65_535;
/** RE2's limit. */
const MAX_RE2_REPEATS = 1000;

/**
 * Translates a pattern of PCRE2 to one of RE2 that is found in the same texts. Groups do not capture.
 *
 * @param flags of `imsx`; internally `X` stands for `(?xx)`
 * @param code of the errors
 * @throws CommandError if the pattern is invalid in PCRE2, or cannot be translated to RE2
 */
export function parsePattern(pattern: string, flags: string, code: ErrorName): string {
  const reader: PatternReader = { pattern, code, groupNames: new Set(), at: 0, quoted: false, depth: 0 };
  const node = takeAlternatives(reader, flags);
  if (reader.at < pattern.length) {
    throw invalid(reader, "an unmatched )");
  }
  if (node.size > 2 * pattern.length + MAX_GROWTH) {
    throw notSupported("a regular expression with this many repetitions", code);
  }
  const source = node.source({ isEnd: true, canBeEmpty: true });
  if (source.length > MAX_SOURCE) {
    throw notSupported("a regular expression with character sets this large", code);
  }
  return source;
}

const COMMENTS = /\(\?#[^)]*\)/y;
const COMMENTS_AND_SPACE = /\(\?#[^)]*\)|#[^\n]*\n?|[\t-\r \x85\u200e\u200f\u2028\u2029]+/y;
const QUANTIFIER = /[*+?]|\{(\d+)(,?)(\d*)\}/y;
const FLAGS = /\(\?(\^?)([imnsxJU]*)(-?)([imnsxJU]*)\)/y;
const GROUP = /\((?!\?|\*[A-Za-z:])/y;
const GROUP_WITH_FLAGS = /\(\?(\^?)([imnsxJU]*)(-?)([imnsxJU]*):/y;
const NAMED_GROUP = /\(\?(?:P?<([^>=!*]*)>|'([^']*)')/y;

/** Groups of PCRE2 that cannot be matched in linear time. */
const REFUSED_GROUPS: readonly (readonly [RegExp, string])[] = [
  [/\(\?[=!*]/y, "a lookahead"],
  [/\(\?<[=!*]/y, "a lookbehind"],
  [/\(\?>/y, "an atomic group"],
  [/\(\?\(/y, "a conditional group"],
  [/\(\?(?:R|[+-]?\d|&|P>)/y, "a recursive call"],
  [/\(\?P=/y, "a back reference"],
  [/\(\?C/y, "a callout"],
  [/\(\?\|/y, "a branch reset (?|…)"],
  [/\(\*/y, "a verb (*…)"],
];

function takeAlternatives(reader: PatternReader, outerFlags: string): PatternNode {
  let flags = outerFlags;
  let sequence: PatternNode[] = [];
  const alternatives = [sequence];
  let repeatable: PatternNode | undefined;
  for (;;) {
    const ignored = flags.includes("x") ? COMMENTS_AND_SPACE : COMMENTS;
    skip(reader, ignored);
    if (reader.at >= reader.pattern.length || isNext(reader, /\)/y)) {
      return groupNode(alternatives);
    }
    if (isNext(reader, QUANTIFIER)) {
      sequence[sequence.length - 1] = takeQuantifier(reader, repeatable, ignored);
      repeatable = undefined;
    } else if (isNext(reader, /\|/y)) {
      reader.at += 1;
      sequence = [];
      alternatives.push(sequence);
      repeatable = undefined;
    } else if (isNext(reader, FLAGS)) {
      flags = takeFlags(reader, flags, FLAGS);
      repeatable = undefined;
    } else {
      const item = takeItem(reader, flags);
      sequence.push(item);
      repeatable = item.isAssertion ? undefined : item;
    }
  }
}

function takeQuantifier(reader: PatternReader, node: PatternNode | undefined, ignored: RegExp): PatternNode {
  if (node === undefined) {
    throw invalid(reader, "a quantifier with nothing to repeat");
  }
  const [least, most] = takeCounts(reader);
  skip(reader, ignored);
  if (isNext(reader, /\+/y)) {
    throw unsupported(reader, "a possessive quantifier");
  }
  if (isNext(reader, /\?/y)) {
    reader.at += 1;
  }
  return repeatNode(node, least, most);
}

function takeCounts(reader: PatternReader): [number, number] {
  const [symbol, digits, comma, lastDigits] = take(reader, QUANTIFIER) ?? [];
  if (digits === undefined) {
    return [symbol === "+" ? 1 : 0, symbol === "?" ? 1 : Number.POSITIVE_INFINITY];
  }
  const least = Number(digits);
  const last = Number(lastDigits === "" ? digits : lastDigits);
  if (last < least || last > MAX_REPEATS) {
    throw invalid(reader, "counts in {} that are out of order or too large");
  }
  if (last > MAX_RE2_REPEATS) {
    throw unsupported(reader, `more than ${MAX_RE2_REPEATS} repetitions`);
  }
  return [least, comma === "," && lastDigits === "" ? Number.POSITIVE_INFINITY : last];
}

function takeFlags(reader: PatternReader, flags: string, syntax: RegExp): string {
  const [, caret, set = "", hyphen, unset = ""] = take(reader, syntax) ?? [];
  if (caret === "^" && hyphen === "-") {
    throw invalid(reader, "unset flags after ^");
  }
  const added = set.replace("xx", "xX");
  const removed = /x(?!X)/.test(added) || unset.includes("x") ? `${unset}X` : unset;
  return [...(caret === "^" ? "" : flags), ...added].filter((flag) => !removed.includes(flag)).join("");
}

function takeItem(reader: PatternReader, flags: string): PatternNode {
  if (!reader.quoted) {
    switch (reader.pattern[reader.at]) {
      case "(":
        return takeGroup(reader, flags);
      case "[":
        return characterNode(takeClass(reader, flags));
      case "\\":
        reader.at += 1;
        return takeEscape(reader, flags);
      case ".":
        reader.at += 1;
        return characterNode(flags.includes("s") ? "(?s:.)" : ".");
      case "^":
        reader.at += 1;
        return flags.includes("m") ? lineStart(reader, reader.at - 1) : assertionNode("\\A");
      case "$":
        reader.at += 1;
        return flags.includes("m") ? assertionNode("(?m:$)") : end(reader);
    }
  }
  return literal(takeCodePoint(reader), flags);
}

/**
 * `$` or `\Z`: the end of the text, or the position before a final line feed. RE2 has no equivalent; at the end of a
 * pattern that line feed can be consumed.
 */
function end(reader: PatternReader): PatternNode {
  const { at } = reader;
  return assertionNode("\\n?\\z", ({ isEnd }) => {
    if (!isEnd) {
      throw unsupported(reader, "$ or \\Z before the end of the pattern", at);
    }
  });
}

/** `^` with the flag `m`: unlike RE2's, it does not match after a final line feed, where only an empty match is possible. */
function lineStart(reader: PatternReader, at: number): PatternNode {
  return assertionNode("(?m:^)", ({ canBeEmpty }) => {
    if (canBeEmpty) {
      throw unsupported(reader, "^ with the flag m before a part that can be empty", at);
    }
  });
}

function literal(codePoint: number, flags: string): PatternNode {
  const characters = flags.includes("i") ? foldCase([[codePoint, codePoint]]) : [];
  return characterNode(characters.length > 1 ? setSource(characters) : codePointSource(codePoint));
}

function takeGroup(reader: PatternReader, flags: string): PatternNode {
  if (reader.depth === MAX_DEPTH) {
    throw invalid(reader, `more than ${MAX_DEPTH} nested groups`);
  }
  let groupFlags = flags;
  if (isNext(reader, GROUP_WITH_FLAGS)) {
    groupFlags = takeFlags(reader, flags, GROUP_WITH_FLAGS);
  } else if (take(reader, GROUP) === null) {
    takeGroupName(reader);
  }
  reader.depth += 1;
  const node = takeAlternatives(reader, groupFlags);
  reader.depth -= 1;
  if (take(reader, /\)/y) === null) {
    throw invalid(reader, "an unmatched (");
  }
  return node;
}

function takeGroupName(reader: PatternReader): void {
  const found = take(reader, NAMED_GROUP);
  if (found === null) {
    const construct = REFUSED_GROUPS.find(([syntax]) => isNext(reader, syntax))?.[1];
    throw construct === undefined
      ? invalid(reader, "an unknown kind of group")
      : unsupported(reader, construct);
  }
  const name = found[1] ?? found[2] ?? "";
  if (!/^[\p{L}_][\p{L}\p{Nd}_]{0,31}$/u.test(name)) {
    throw invalid(reader, `the group name ${name}`);
  }
  if (reader.groupNames.has(name)) {
    throw unsupported(reader, `two groups named ${name}`);
  }
  reader.groupNames.add(name);
}

const ASSERTIONS: Readonly<Record<string, string>> = { A: "\\A", b: "\\b", B: "\\B", G: "\\A", z: "\\z" };

/** @param reader after the backslash */
function takeEscape(reader: PatternReader, flags: string): PatternNode {
  const character = takeCharacterEscape(reader);
  if (character !== undefined) {
    return typeof character === "number" ? literal(character, flags) : characterNode(setSource(character));
  }
  const letter = reader.pattern[reader.at] ?? "";
  const assertion = ASSERTIONS[letter];
  if (assertion !== undefined) {
    reader.at += 1;
    return assertionNode(assertion);
  }
  if (take(reader, /N(?!\{U\+)/y) !== null) {
    return characterNode(".");
  }
  if (take(reader, /Z/y) !== null) {
    return end(reader);
  }
  if (isNext(reader, /[1-9CKNRXgk]/y)) {
    throw unsupported(reader, /[1-9gk]/.test(letter) ? "a back reference" : `\\${letter}`);
  }
  throw invalid(reader, letter === "" ? "a trailing \\" : `the unknown escape \\${letter}`);
}
