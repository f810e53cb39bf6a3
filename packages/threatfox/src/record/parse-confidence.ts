/** Reads a confidence from 0 to 100, given as a number or in digits; null where it is missing or something else. */
export function parseConfidence(value: unknown): number | null {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^\d{1,3}(?:\.\d+)?$/u.test(text.trim())) {
    return null;
  }
  const confidence = Number(text);
  return confidence <= 100 ? confidence : null;
}
