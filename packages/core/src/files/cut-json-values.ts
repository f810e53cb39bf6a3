import { endOfString } from "../json/end-of-string.js";
import { jsonIn } from "../json/json.js";
import { mayHoldInexactNumber } from "../json/parse-json.js";

/** JSON text without some of its values. */
export interface CutJson {
  /** With a placeholder for each value. */
  readonly text: string;
  /** What the placeholders stand for, in their order. */
  readonly values: readonly CutValue[];
}

export interface CutValue {
  readonly value: unknown;
  /** How many bytes longer it is than the placeholder. */
  readonly bytes: number;
}

/** Cuts values out of JSON text that comes in chunks. */
export interface JsonCutter {
  /** A value or string that does not end in this chunk is kept until the chunk with its end. */
  cut(chunk: string): CutJson;
  /** What is still kept after the last chunk. */
  rest(): string;
}

export interface CutOptions {
  /** A string that is not in the text, and has nothing to escape. */
  readonly placeholder: string;
  /** How many objects and lists may hold one another. Where they are more, the text stays as it is from there on. */
  readonly deepest: number;
}

/** In characters. Where a value or string is longer, the text stays as it is from there on. The longest one in ATT&CK has 4 million. */
const longestValue = 8_000_000;

/**
 * Makes a cutter of the objects and lists at some places of a JSON text. `JSON.parse` reads them in a fraction of the time that a parser
 * takes token by token. What it cannot parse, or not exactly, stays in the text: only its parser has to know what is valid.
 *
 * @param paths as those of `streamJson`
 */
export function createJsonCutter(
  paths: readonly string[],
  { placeholder: name, deepest }: CutOptions,
): JsonCutter {
  const placeholder = `"${name}"`;
  const scan = startScan(paths, deepest);
  let isOff = false;
  return {
    rest: () => scan.text,
    cut(chunk) {
      if (isOff) {
        return { text: chunk, values: [] };
      }
      scan.text += chunk;
      const values: CutValue[] = [];
      let text = "";
      let end = 0;
      while (goToEndOfValue(scan)) {
        const json = scan.text.slice(scan.start, scan.at);
        const value = mayHoldInexactNumber(json) ? undefined : jsonIn(json);
        if (value !== undefined) {
          values.push({ value, bytes: Buffer.byteLength(json) - placeholder.length });
          text += scan.text.slice(end, scan.start) + placeholder;
          end = scan.at;
        }
      }
      const unfinished = scan.inside > 0 ? scan.start : scan.at;
      isOff = scan.outside + scan.inside > deepest || scan.text.length - unfinished > longestValue;
      const kept = isOff ? scan.text.length : unfinished;
      text += scan.text.slice(end, kept);
      forget(scan, kept);
      return { text, values };
    },
  };
}

interface Scan {
  /** Names of fields from the outermost object on; `*` is any field or entry. */
  readonly paths: readonly (readonly string[])[];
  readonly deepest: number;
  /** What is not cut yet. */
  text: string;
  /** Where the scan goes on in it. */
  at: number;
  /** Where the value begins that it is in. */
  start: number;
  /** How many objects and lists are open around the value, and in it. */
  outside: number;
  inside: number;
  /** The last character outside of values that is no white space. */
  last: number;
  /** The last string outside of values, as it is written. */
  string: string | undefined;
  /** The names of the fields that it is in, from the outermost object on. */
  readonly names: (string | undefined)[];
}

function startScan(paths: readonly string[], deepest: number): Scan {
  return {
    ...{ paths: paths.map((path) => path.split(".").slice(1)), deepest },
    ...{ text: "", at: 0, start: 0, outside: 0, inside: 0, last: 0, string: undefined, names: [] },
  };
}

/** Forgets the text before an index that is not behind the start of an unfinished value. */
function forget(scan: Scan, before: number): void {
  scan.text = scan.text.slice(before);
  scan.at -= before;
  scan.start -= before;
}

const [space, quote, comma, colon] = [0x20, 0x22, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Goes on to the end of the next value. False: the text ends before, or too much is open. */
function goToEndOfValue(scan: Scan): boolean {
  return (scan.inside > 0 || goToStart(scan)) && goToEnd(scan);
}

function goToStart(scan: Scan): boolean {
  const { text } = scan;
  for (; scan.at < text.length && scan.outside <= scan.deepest; scan.at += 1) {
    const code = text.charCodeAt(scan.at);
    switch (code) {
      case quote: {
        const end = endOfString(text, scan.at);
        if (end === -1) {
          return false;
        }
        scan.string = text.slice(scan.at + 1, end);
        scan.at = end;
        break;
      }
      case colon:
        scan.names[scan.outside - 1] = scan.string;
        break;
      case openBrace:
      case openBracket:
        if (isWanted(scan)) {
          scan.start = scan.at;
          scan.last = closeBrace;
          return true;
        }
        scan.names[scan.outside] = undefined;
        scan.outside += 1;
        break;
      case closeBrace:
      case closeBracket:
        scan.outside -= 1;
        break;
    }
    scan.last = code > space ? code : scan.last;
  }
  return false;
}

/** Whether a value can begin here, and is at one of the paths. */
function isWanted({ paths, names, outside, last }: Scan): boolean {
  return (
    (last === comma || last === colon || last === openBracket) &&
    paths.some((path) => path.length === outside && isAt(path, names))
  );
}

function isAt(path: readonly string[], names: Scan["names"]): boolean {
  return path.every((name, level) => name === "*" || name === names[level]);
}

/** Where it returns true, the scan is behind the value. */
function goToEnd(scan: Scan): boolean {
  const { text } = scan;
  const most = scan.deepest - scan.outside;
  let { at, inside } = scan;
  for (; at < text.length && inside <= most; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      const end = endOfString(text, at);
      if (end === -1) {
        break;
      }
      at = end;
    } else if (code === openBrace || code === openBracket) {
      inside += 1;
    } else if (code === closeBrace || code === closeBracket) {
      inside -= 1;
      if (inside === 0) {
        at += 1;
        break;
      }
    }
  }
  scan.at = at;
  scan.inside = inside;
  return inside === 0;
}
