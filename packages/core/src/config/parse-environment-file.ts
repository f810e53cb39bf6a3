import type { Environment } from "./parse-config.js";

/** What a `.env` file says. */
export interface EnvironmentFileText {
  readonly values: Environment;
  /** Where the value of a setting begins, counted from 1. */
  readonly lines: Readonly<Record<string, number>>;
  /** Settings whose unquoted value is followed by a blank, `#` and more: that is a comment, as in a shell. */
  readonly cut: readonly string[];
  /** Settings whose value begins with a quote that nothing closes: the quote belongs to the value. */
  readonly unclosed: readonly string[];
  /** Numbers of lines that say nothing, counted from 1: neither an assignment nor a comment. */
  readonly ignored: readonly number[];
}

/** `NAME=value` or `NAME: value`, with or without `export`; quoted values may have several lines. */
const assignment =
  /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(?:(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`)|((?:[^#\n]|(?<=\S)#)+))?[^\S\n]*(#.*)?$/gm;

/**
 * Parses a `.env` file: the same forms and the same values as `dotenv`, but that a `#` which no blank precedes belongs to the value,
 * as in a shell. `dotenv` would cut `MITRE_PASSWORD=abc#def` to `abc`.
 */
export function parseEnvironmentFile(text: string): EnvironmentFileText {
  const values: Record<string, string> = {};
  const lineNumbers: Record<string, number> = {};
  const cut = new Set<string>();
  const unclosed = new Set<string>();
  const lines = text.replaceAll(/\r\n?/g, "\n");
  for (const match of lines.matchAll(assignment)) {
    const [all, name = "", quoted, unquoted = "", comment] = match;
    // Blank lines before it belong to the match.
    const before = lines.slice(0, match.index + all.indexOf(name));
    lineNumbers[name] = before.split("\n").length;
    const value = unquote((quoted ?? unquoted).trim());
    values[name] = value;
    const isBare = quoted === undefined && value !== "";
    cut[isBare && comment !== undefined ? "add" : "delete"](name);
    unclosed[isBare && /^['"`]/.test(value) ? "add" : "delete"](name);
  }
  return { values, lines: lineNumbers, cut: [...cut], unclosed: [...unclosed], ignored: findIgnored(lines) };
}

function findIgnored(lines: string): number[] {
  const rest = lines.replaceAll(assignment, (all) => all.replaceAll(/[^\n]/g, ""));
  return rest.split("\n").flatMap((line, index) => (/^\s*(?:#|$)/.test(line) ? [] : [index + 1]));
}

function unquote(value: string): string {
  const bare = value.replaceAll(/^(['"`])([\s\S]*)\1$/gm, "$2");
  return value.startsWith('"') ? bare.replaceAll("\\n", "\n").replaceAll("\\r", "\r") : bare;
}
