import type { Redact } from "@cti-connectors/core/host";

/**
 * What a command answers, with secrets taken out: JSON on one line for programs, or else a text for people.
 *
 * @param text not called for JSON
 */
export function answerText(
  value: unknown,
  { json = false, redact }: { readonly json?: boolean | undefined; readonly redact: Redact },
  text: () => string,
): string {
  return json
    ? JSON.stringify(value, (_name, part: unknown) => (typeof part === "string" ? redact(part) : part))
    : redact(text());
}
