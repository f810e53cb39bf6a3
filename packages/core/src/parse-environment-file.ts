import type { Environment } from "./parse-config.js";

/** What a `.env` file says. */
export interface EnvironmentFileText {
  readonly values: Environment;
  /** Settings whose unquoted value is followed by a blank, `#` and more: that is a comment, as in a shell. */
  readonly cut: readonly string[];
}

/** `NAME=value` or `NAME: value`, with or without `export`; quoted values may have several lines. */
const assignment =
  /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(?:(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`)|((?:[^#\n]|(?<=\S)#)+))?\s*(#.*)?$/gm;

/**
 * Parses a `.env` file: the same forms and the same values as `dotenv`, but that a `#` which no blank precedes belongs to the value,
 * as in a shell. `dotenv` would cut `MITRE_PASSWORD=abc#def` to `abc`.
 */
export function parseEnvironmentFile(text: string): EnvironmentFileText {
  const values: Record<string, string> = {};
  const cut = new Set<string>();
  for (const [, name = "", quoted, unquoted = "", comment] of text
    .replaceAll(/\r\n?/g, "\n")
    .matchAll(assignment)) {
    values[name] = unquote((quoted ?? unquoted).trim());
    const isCut = quoted === undefined && values[name] !== "" && comment !== undefined;
    cut[isCut ? "add" : "delete"](name);
  }
  return { values, cut: [...cut] };
}

function unquote(value: string): string {
  const bare = value.replaceAll(/^(['"`])([\s\S]*)\1$/gm, "$2");
  return value.startsWith('"') ? bare.replaceAll("\\n", "\n").replaceAll("\\r", "\r") : bare;
}
