import { CommandError, type ErrorName, notSupported } from "../errors/command-error.js";

/** A pattern, and how far it has been read. */
export interface PatternReader {
  readonly pattern: string;
  /** The code of the errors. */
  readonly code: ErrorName;
  readonly groupNames: Set<string>;
  at: number;
  /** Within `\Q…\E`. */
  quoted: boolean;
  depth: number;
}

/** @param expected a sticky expression */
export function take(reader: PatternReader, expected: RegExp): RegExpExecArray | null {
  expected.lastIndex = reader.at;
  const found = expected.exec(reader.pattern);
  reader.at += found?.[0].length ?? 0;
  return found;
}

export function takeCodePoint(reader: PatternReader): number {
  const codePoint = reader.pattern.codePointAt(reader.at) ?? 0;
  reader.at += codePoint > 0xffff ? 2 : 1;
  return codePoint;
}

/** Whether the syntax comes next, not quoted. */
export function isNext(reader: PatternReader, syntax: RegExp): boolean {
  syntax.lastIndex = reader.at;
  return !reader.quoted && syntax.test(reader.pattern);
}

/**
 * Skips the start and end of quotations (`\Q…\E`), and ignored text.
 *
 * @param ignored a sticky expression, for comments and white space
 */
export function skip(reader: PatternReader, ignored: RegExp): void {
  for (;;) {
    if (take(reader, reader.quoted ? /\\E/y : /\\Q/y) !== null) {
      reader.quoted = !reader.quoted;
    } else if (reader.quoted || (take(reader, /\\E/y) ?? take(reader, ignored)) === null) {
      return;
    }
  }
}

export function invalid(reader: PatternReader, problem: string): CommandError {
  return new CommandError(
    reader.code,
    `Regular expression is invalid: ${problem}, at position ${reader.at} of ${reader.pattern}`,
  );
}

export function unsupported(reader: PatternReader, construct: string, at = reader.at): CommandError {
  return notSupported(
    `${construct} in a regular expression (at position ${at} of ${reader.pattern})`,
    reader.code,
  );
}
