import { parse as parseExactly } from "lossless-json";
import { markInexactNumber, markReplacedBytes } from "./altered-values.js";
import { isExactNumber } from "./is-exact-number.js";
import type { JsonValue } from "./json.js";
import { weighJson } from "./weigh-json.js";

/**
 * A number that JavaScript may not hold: of 16 digits or more, or with an exponent of three. It may stand inside a text, which costs
 * time and nothing else.
 */
const doubtfulNumber = /[:[,]\s*-?(?:[\d.]{16}|\d[\d.]*[eE][+-]?\d{3})/;

/** False: the numbers of this object or list in JSON are those that `JSON.parse` makes of it, digit by digit. */
export function mayHoldInexactNumber(json: string): boolean {
  return doubtfulNumber.test(json);
}

/** Up to this many values of any kind in one answer, the program stays below 300 MB. */
const surelyHarmlessWeight = 1_000_000;
/** Real answers have 25 to 40 characters for each unit of weight, and may be as long as HTTP_MAX_BODY_MB says. */
const fewestCharactersPerWeight = 20;

/** JSON whose values would take more memory than an answer may. */
export class JsonWeightError extends Error {
  override readonly name = "JsonWeightError";
}

export interface ParseJsonOptions {
  /** False: invalid UTF-8 was replaced by U+FFFD. */
  readonly isUtf8?: boolean | undefined;
}

/**
 * Parses JSON without silently changing a value. A number that JavaScript cannot hold (beyond 2^53, with too many digits, 1e999) is
 * kept as text, digit by digit. `alterationsIn` finds these numbers, and texts with invalid UTF-8.
 *
 * @throws SyntaxError if the text is not JSON
 * @throws JsonWeightError if it holds more than some millions of values
 */
export function parseJson(text: string, { isUtf8 = true }: ParseJsonOptions = {}): JsonValue {
  const mostWeight = Math.max(surelyHarmlessWeight, text.length / fewestCharactersPerWeight);
  // Shorter ones cannot weigh so much.
  if (text.length > mostWeight / 2 && weighJson(text, mostWeight) > mostWeight) {
    throw new JsonWeightError("JSON of millions of values");
  }
  const rounded: JsonValue = JSON.parse(text);
  const json = mayHoldInexactNumber(text) ? withExactNumbers(text, rounded) : rounded;
  if (!isUtf8) {
    markReplacedBytes(json);
  }
  return json;
}

class InexactNumber {
  constructor(readonly text: string) {}
}

function withExactNumbers(text: string, rounded: JsonValue): JsonValue {
  let isAnyInexact = false;
  const parseNumber = (number: string) => {
    if (isExactNumber(number)) {
      return Number(number);
    }
    isAnyInexact = true;
    return new InexactNumber(number);
  };
  let parsed: unknown;
  try {
    parsed = parseExactly(text, null, { parseNumber, onDuplicateKey: ({ newValue }) => newValue });
  } catch {
    // Nested thousands of levels deep: no such record can be stored.
    return rounded;
  }
  return isAnyInexact ? toJson(parsed) : rounded;
}

function toJson(value: unknown): JsonValue {
  if (value instanceof InexactNumber) {
    return value.text;
  }
  if (Array.isArray(value)) {
    const list = value.map(toJson);
    markInexact(list, Object.entries(value));
    return list;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    const object = Object.fromEntries(entries.map(([name, field]) => [name, toJson(field)]));
    markInexact(object, entries);
    return object;
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

function markInexact(container: object, entries: readonly (readonly [string, unknown])[]): void {
  for (const [name, value] of entries) {
    if (value instanceof InexactNumber) {
      markInexactNumber(container, name);
    }
  }
}
