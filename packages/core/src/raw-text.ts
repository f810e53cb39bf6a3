import { configure } from "safe-stable-stringify";

/** In characters. */
const longestText = 2_000_000;

const stringifyUpToDepth = configure({ maximumDepth: 100, deterministic: false });

export interface RawText {
  readonly text: string;
  /** In characters, of the whole text. */
  readonly length: number;
}

/**
 * A record as JSON text, cut off where it is very long. Lone surrogates come out as escapes, so that the text can be
 * stored whatever the record holds; what is nested too deeply for JSON is left out below 100 levels.
 */
export function rawTextOf(record: unknown): RawText {
  const text = stringify(record);
  return { text: cutOff(text), length: text.length };
}

function stringify(record: unknown): string {
  try {
    return JSON.stringify(record) ?? String(record);
  } catch {
    return stringifyUpToDepth(record) ?? String(record);
  }
}

function cutOff(text: string): string {
  if (text.length <= longestText) {
    return text;
  }
  const cutsPair = /[\uD800-\uDBFF]/.test(text.charAt(longestText - 1));
  return text.slice(0, cutsPair ? longestText - 1 : longestText);
}
