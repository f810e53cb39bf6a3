/** A text without surrounding white space; null where the value is empty, missing or no text. */
export function parseText(value: unknown): string | null {
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" ? null : text;
}
