/** A text without surrounding white space; null where the value is empty, missing or no text. */
export function parseText(value: unknown): string | null {
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" ? null : text;
}

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
  const names = entries.map((entry) =>
    typeof entry === "string" ? entry.trim() : typeof entry === "number" ? String(entry) : "",
  );
  return [...new Set(names.filter((name) => name !== ""))];
}

/** Reads a yes or no as APIs and exports write it; undefined where the value is neither. */
export function parseFlag(value: unknown): boolean | undefined {
  switch (typeof value === "string" ? value.trim().toLowerCase() : value) {
    case true:
    case 1:
    case "1":
    case "true":
      return true;
    case false:
    case 0:
    case "0":
    case "false":
      return false;
    default:
      return undefined;
  }
}

const form =
  /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(UTC|GMT|Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?$/iu;

/**
 * Reads ThreatFox's `2022-08-05 11:40:15 UTC`, the same without `UTC`, a date alone, and ISO 8601. A time without a
 * zone is UTC.
 *
 * @returns null where the value is something else, a day that does not exist, or one outside of the years 1 to 9999
 */
export function parseDate(value: unknown): Date | null {
  const parts = typeof value === "string" ? form.exec(value.trim()) : null;
  if (parts === null) {
    return null;
  }
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = "0", zone = "Z"] = parts;
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  // Date rolls 30 February over to March, and 25:00 over to the next day.
  if (
    date.getUTCMonth() + 1 !== Number(month) ||
    date.getUTCDate() !== Number(day) ||
    h > 23 ||
    m > 59 ||
    s > 59
  ) {
    return null;
  }
  const time = date.setUTCHours(h, m, s, Number(fraction.slice(0, 3).padEnd(3, "0")));
  const utc = new Date(time - offsetMs(zone));
  // The range of dates that Python supports, and with it many clients of the database.
  return utc.getUTCFullYear() < 1 || utc.getUTCFullYear() > 9999 ? null : utc;
}

function offsetMs(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/u.exec(zone) ?? [];
  const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  return sign === "-" ? -size : size;
}

/** Reads a confidence from 0 to 100, given as a number or in digits; null where it is missing or something else. */
export function parseConfidence(value: unknown): number | null {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^\d{1,3}(?:\.\d+)?$/u.test(text.trim())) {
    return null;
  }
  const confidence = Number(text);
  return confidence <= 100 ? confidence : null;
}
