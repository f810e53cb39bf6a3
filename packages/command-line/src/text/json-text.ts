import type { Redact } from "@cti-connectors/core";

/** JSON on one line, with secrets taken out of every text in it. */
export function jsonText(value: unknown, redact: Redact): string {
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === "string" ? redact(part) : part));
}
