import { isUtf8 } from "node:buffer";
import { RE2JS } from "re2js";
import { badValue, CommandError, type ErrorName, notSupported } from "../errors/command-error.js";
import { parsePattern } from "./parse-pattern.js";

/** MongoDB's limit, in bytes. */
const MAX_PATTERN_LENGTH = 32_764;

export interface Regex {
  /** Whether the pattern is found in the text. The time is proportional to its length, whatever the pattern. */
  matches(utf8: Uint8Array): boolean;
}

/**
 * Compiles a regular expression with its meaning in MongoDB 8.0: PCRE2 with the option UTF, without UCP.
 *
 * @param options of `imsxu`; `u` has no effect
 * @throws CommandError for a pattern that is invalid in PCRE2, or cannot be matched in linear time exactly like PCRE2 does
 *   (51091 in `$regex`, 51111 in an expression), and for an unknown option (51108)
 */
export function compileRegex(
  pattern: string,
  options: string,
  operator: "$regex" | "$regexMatch" = "$regex",
): Regex {
  const code = operator === "$regex" ? "Location51091" : "Location51111";
  const invalidOption = /[^imsxu]/u.exec(options);
  if (invalidOption !== null) {
    throw new CommandError(
      "Location51108",
      `${operator}: invalid flag in regex options: ${invalidOption[0]}`,
    );
  }
  if (pattern.includes("\0")) {
    throw badValue("Regular expression cannot contain an embedded null byte");
  }
  if (Buffer.byteLength(pattern) > MAX_PATTERN_LENGTH) {
    throw new CommandError(
      code,
      `Regular expression is invalid: it is longer than ${MAX_PATTERN_LENGTH} bytes`,
    );
  }
  const re2 = compileRe2(parsePattern(pattern, options, code), code);
  return { matches: (utf8) => re2.test(utf8) && isUtf8(utf8) };
}

function compileRe2(source: string, code: ErrorName): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch {
    throw notSupported("a regular expression with this many repetitions", code);
  }
}
