import { type CodePoints, complement, foldCase, POSIX_SETS, setSource } from "./character-set.js";
import { codePoint, takeCharacterEscape } from "./parse-escape.js";
import {
  invalid,
  isNext,
  type PatternReader,
  skip,
  take,
  takeCodePoint,
  unsupported,
} from "./pattern-reader.js";

const NOTHING = /(?!)/y;
const BLANKS = /[ \t]+/y;
const POSIX_SYNTAX = /\[([:.=])(\^?)([^\][\\]*?)\1\]/y;

/**
 * Takes a character class, and translates it to the syntax of RE2.
 *
 * @param reader at the bracket
 */
export function takeClass(reader: PatternReader, flags: string): string {
  if (take(reader, POSIX_SYNTAX) !== null) {
    throw invalid(reader, "a POSIX class outside brackets");
  }
  const ignored = flags.includes("X") ? BLANKS : NOTHING;
  const { at } = reader;
  const negated = take(reader, /\[(\^?)/y)?.[1] === "^";
  const characters: CodePoints[] = [];
  const sets: CodePoints[] = [];
  for (let first = true; ; first = false) {
    skip(reader, ignored);
    if (!first && !reader.quoted && take(reader, /\]/y) !== null) {
      break;
    }
    const member = takeMember(reader, flags);
    if (typeof member === "number") {
      characters.push([member, takeRangeEnd(reader, ignored, flags, member)]);
    } else if (isNext(reader, /-(?!\])/y)) {
      throw invalid(reader, "a range that starts with a set of characters");
    } else {
      sets.push(...member);
    }
  }
  const source = reader.pattern.slice(at, reader.at);
  if (/\\[DSW]|\[:\^/.test(source) && /\\[pP]|\[:[a-z]/.test(source)) {
    throw unsupported(
      reader,
      "a negated set together with a POSIX class or a Unicode property in brackets",
      at,
    );
  }
  return setSource([...(flags.includes("i") ? foldCase(characters) : characters), ...sets], negated);
}

function takeMember(reader: PatternReader, flags: string): number | readonly CodePoints[] {
  if (reader.at >= reader.pattern.length) {
    throw invalid(reader, "an unclosed [");
  }
  if (reader.quoted) {
    return takeCodePoint(reader);
  }
  const posix = take(reader, POSIX_SYNTAX);
  if (posix !== null) {
    return posixSet(reader, posix, flags);
  }
  if (take(reader, /\\/y) === null) {
    return takeCodePoint(reader);
  }
  const escaped = takeCharacterEscape(reader);
  if (escaped !== undefined) {
    return escaped;
  }
  const [letter] = take(reader, /b|[1-7][0-7]{0,2}|[89]/y) ?? [];
  if (letter === undefined) {
    throw invalid(reader, "an escape that is not allowed in a class");
  }
  return letter === "b"
    ? 8
    : letter > "7"
      ? letter.charCodeAt(0)
      : codePoint(reader, Number.parseInt(letter, 8));
}

function posixSet(reader: PatternReader, [, kind, negated, name]: RegExpExecArray, flags: string) {
  const cased = flags.includes("i") && (name === "lower" || name === "upper");
  const set = POSIX_SETS[cased ? "alpha" : (name ?? "")];
  if (kind !== ":" || set === undefined) {
    throw invalid(reader, `the unknown class [:${name}:]`);
  }
  return negated === "^" ? complement(set) : set;
}

/** @returns `first` if it does not start a range */
function takeRangeEnd(reader: PatternReader, ignored: RegExp, flags: string, first: number): number {
  skip(reader, ignored);
  if (reader.quoted || take(reader, /-(?!(?:\\E|\\Q\\E)*\])/y) === null) {
    return first;
  }
  skip(reader, ignored);
  const last = takeMember(reader, flags);
  if (typeof last !== "number" || last < first) {
    throw invalid(reader, "a range whose end is not a character at or after its start");
  }
  return last;
}
