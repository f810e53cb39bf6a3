/**
 * Reads a list of names: a JSON list (the API's tags), or one comma-separated string (aliases, and the exports' tags).
 * Trimmed, without empty ones and repetitions, in the order given.
 */
export function parseList(value: unknown): readonly string[] {
  const entries: readonly unknown[] = Array.isArray(value)
    ? value
    : typeof value === "string"
      ? value.split(",")
      : [];
  const names = entries.flatMap((entry) =>
    typeof entry === "string" ? [entry.trim()] : typeof entry === "number" ? [String(entry)] : [],
  );
  return [...new Set(names.filter((name) => name !== ""))];
}
