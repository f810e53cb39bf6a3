import { type CodePoints, complement, ESCAPED_SETS, propertySet } from "./character-set.js";
import { invalid, type PatternReader, take, takeCodePoint, unsupported } from "./pattern-reader.js";

const CONTROLS: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

/**
 * Takes an escape for a character or a set of characters, in a class or outside.
 *
 * @param reader after the backslash
 * @returns undefined for any other escape
 */
export function takeCharacterEscape(reader: PatternReader): number | readonly CodePoints[] | undefined {
  const [letter] = take(reader, /[acdefhnoprstvwxDHPSVW]|0[0-7]{0,2}/y) ?? [];
  switch (letter) {
    case undefined:
      return take(reader, /(?=[^A-Za-z0-9])/y) === null ? undefined : takeCodePoint(reader);
    case "x":
    case "o":
      return takeNumber(reader, letter);
    case "c": {
      const [character] = take(reader, /[ -~]/y) ?? [];
      if (character === undefined) {
        throw invalid(reader, "\\c without a printable ASCII character");
      }
      return character.toUpperCase().charCodeAt(0) ^ 0x40;
    }
    case "p":
    case "P":
      return takeProperty(reader, letter === "P");
    default:
      return letter.startsWith("0") ? Number.parseInt(letter, 8) : (CONTROLS[letter] ?? escapedSet(letter));
  }
}

function escapedSet(letter: string): readonly CodePoints[] {
  const set = ESCAPED_SETS[letter.toLowerCase()] ?? [];
  return letter === letter.toLowerCase() ? set : complement(set);
}

function takeNumber(reader: PatternReader, letter: "x" | "o"): number {
  const [, digits] = take(reader, letter === "o" ? /\{([0-7]+)\}/y : /\{([\dA-Fa-f]+)\}|(?!\{)/y) ?? [];
  if (digits === undefined && (letter === "o" || reader.pattern[reader.at] === "{")) {
    throw invalid(reader, `\\${letter}{…} without a number`);
  }
  const value =
    digits === undefined
      ? Number.parseInt(`0${take(reader, /[\dA-Fa-f]{0,2}/y)?.[0]}`, 16)
      : Number.parseInt(digits, letter === "o" ? 8 : 16);
  return codePoint(reader, value);
}

/** @throws CommandError if the value is not a code point */
export function codePoint(reader: PatternReader, value: number): number {
  if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
    throw invalid(reader, `a character code that is not in Unicode: ${value.toString(16)}`);
  }
  return value;
}

function takeProperty(reader: PatternReader, negated: boolean): readonly CodePoints[] {
  const found = take(reader, /([A-Za-z])|\{(\^?)([^{}]+)\}/y);
  if (found === null) {
    throw invalid(reader, "\\p without a property");
  }
  const set = propertySet(found[1] ?? found[3] ?? "");
  if (set === undefined) {
    throw unsupported(reader, `the Unicode property ${found[0]}`);
  }
  return negated !== (found[2] === "^") ? complement(set) : set;
}
