import { type ErrorName, notSupported } from "../errors/command-error.js";
import { codePointSource, foldCase, setSource } from "./character-set.js";
import { takeClass } from "./parse-class.js";
import { takeCharacterEscape } from "./parse-escape.js";
import {
  assertionNode,
  characterNode,
  endNode,
  groupNode,
  lineStartNode,
  type PatternNode,
  repeatNode,
} from "./pattern-node.js";
import {
  invalid,
  isNext,
  type PatternReader,
  skip,
  take,
  takeCodePoint,
  unsupported,
} from "./pattern-reader.js";

/** How much longer a pattern may be once its repetitions are written out. */
const MAX_GROWTH = 2000;
/** A pattern of this length compiles in a few hundred milliseconds. */
const MAX_SOURCE = 1_000_000;
const MAX_DEPTH = 250;
const MAX_REPEATS = 65_535;
/** RE2's limit. */
const MAX_RE2_REPEATS = 1000;

/**
 * A pattern of PCRE2 as a pattern of RE2 that is found in the same texts. What it captures is not kept.
 *
 * @param flags of `imsx`; within, `X` stands for `(?xx)`
 * @param code of the errors
 * @throws CommandError for what PCRE2 does not take, and for what RE2 cannot do
 */
export function parsePattern(pattern: string, flags: string, code: ErrorName): string {
  const reader: PatternReader = { pattern, code, groupNames: new Set(), at: 0, quoted: false, depth: 0 };
  const node = takeAlternatives(reader, flags);
  if (reader.at < pattern.length) {
    throw invalid(reader, "a ) without (");
  }
  if (node.size > 2 * pattern.length + MAX_GROWTH) {
    throw notSupported("a regular expression that repeats as much as this one", code);
  }
  const source = node.source({ isEnd: true, canBeEmpty: true });
  if (source.length > MAX_SOURCE) {
    throw notSupported("a regular expression with as many sets of characters as this one", code);
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

/** Groups of PCRE2 that a search in linear time cannot have. */
const REFUSED_GROUPS: readonly (readonly [RegExp, string])[] = [
  [/\(\?[=!*]/y, "a look-ahead"],
  [/\(\?<[=!*]/y, "a look-behind"],
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
    throw invalid(reader, "a quantifier without anything to repeat");
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
    throw invalid(reader, "numbers in {} that are out of order or too large");
  }
  if (last > MAX_RE2_REPEATS) {
    throw unsupported(reader, `more than ${MAX_RE2_REPEATS} repetitions`);
  }
  return [least, comma === "," && lastDigits === "" ? Number.POSITIVE_INFINITY : last];
}

function takeFlags(reader: PatternReader, flags: string, syntax: RegExp): string {
  const [, caret, set = "", hyphen, unset = ""] = take(reader, syntax) ?? [];
  if (caret === "^" && hyphen === "-") {
    throw invalid(reader, "flags that are unset after ^");
  }
  const added = set.replace("xx", "xX");
  const removed = /x(?!X)/.test(added) || unset.includes("x") ? `${unset}X` : unset;
  return [...(caret === "^" ? "" : flags), ...added].filter((flag) => !removed.includes(flag)).join("");
}

function takeItem(reader: PatternReader, flags: string): PatternNode {
  const { at } = reader;
  if (!reader.quoted) {
    switch (reader.pattern[at]) {
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
        return flags.includes("m")
          ? lineStartNode(() => unsupported(reader, "^ of several lines before what can be empty", at))
          : assertionNode("\\A");
      case "$":
        reader.at += 1;
        return flags.includes("m") ? assertionNode("(?m:$)") : end(reader);
    }
  }
  return literal(takeCodePoint(reader), flags);
}

function end(reader: PatternReader): PatternNode {
  const { at } = reader;
  return endNode(() => unsupported(reader, "$ or \\Z before more of the pattern", at));
}

function literal(codePoint: number, flags: string): PatternNode {
  const characters = flags.includes("i") ? foldCase([[codePoint, codePoint]]) : [];
  return characterNode(characters.length > 1 ? setSource(characters) : codePointSource(codePoint));
}

function takeGroup(reader: PatternReader, flags: string): PatternNode {
  if (reader.depth === MAX_DEPTH) {
    throw invalid(reader, `more than ${MAX_DEPTH} groups within each other`);
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
    throw invalid(reader, "a ( without )");
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
    throw invalid(reader, `${name} as the name of a group`);
  }
  if (reader.groupNames.has(name)) {
    throw unsupported(reader, `two groups of the name ${name}`);
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
  throw invalid(reader, letter === "" ? "\\ at the end" : `\\${letter}, which is not known`);
}
