import { configure } from "safe-stable-stringify";

/** In characters. */
const longestText = 2_000_000;

const stringifyUpToDepth = configure({ maximumDepth: 100, deterministic: false });

export interface RawText {
  readonly text: string;
  /** In characters, of the whole text. */
  readonly length: number;
  /** Whether the text is all of the record, so that the record can be made of it again. */
  readonly isWhole: boolean;
}

/**
 * A record as JSON text, cut off where it is very long. Lone surrogates come out as escapes, so that the text can be
 * stored whatever the record holds; what is nested too deeply for JSON is left out below 100 levels.
 */
export function rawTextOf(record: unknown): RawText {
  const { whole, part } = stringify(record);
  const text = whole ?? part ?? String(record);
  return {
    text: cutOff(text),
    length: text.length,
    isWhole: whole !== undefined && text.length <= longestText,
  };
}

function stringify(record: unknown): {
  readonly whole?: string | undefined;
  readonly part?: string | undefined;
} {
  try {
    return { whole: JSON.stringify(record) };
  } catch {
    return { part: stringifyUpToDepth(record) };
  }
}

function cutOff(text: string): string {
  if (text.length <= longestText) {
    return text;
  }
  const cutsPair = /[\uD800-\uDBFF]/.test(text.charAt(longestText - 1));
  return text.slice(0, cutsPair ? longestText - 1 : longestText);
}
