import { z } from "zod";

/** Knows the calendar, but takes timestamps without seconds, too. */
const dateTime = z.iso.datetime({ offset: true });

/**
 * An RFC 3339 timestamp in the form that sorts by time as text: in UTC, with six digits. Digits beyond are dropped.
 *
 * @returns undefined where it is no such timestamp
 */
export function normalizeTimestamp(timestamp: string): string | undefined {
  const match = /T\d\d:\d\d:\d\d(?:\.(\d+))?(?:Z|[+-]\d\d:\d\d)$/.exec(timestamp);
  if (match === null || !dateTime.safeParse(timestamp).success) {
    return undefined;
  }
  const micros = (match[1] ?? "").slice(3, 6).padEnd(3, "0");
  const normal = new Date(timestamp).toISOString().replace("Z", `${micros}Z`);
  // With its offset, a date can lie before the year 0 or after 9999.
  return /^\d{4}-/.test(normal) ? normal : undefined;
}

/** Microseconds since 1970 of an RFC 3339 timestamp. Exact until the year 2255. */
export function toMicroseconds(timestamp: string): number {
  const fraction = /\.(\d+)/.exec(timestamp)?.[1] ?? "";
  const micros = Number(fraction.slice(3, 6).padEnd(3, "0"));
  return Date.parse(timestamp) * 1000 + micros;
}

/** The timestamp of {@link normalizeTimestamp}'s form. */
export function fromMicroseconds(micros: number): string {
  const millis = Math.floor(micros / 1000);
  const rest = String(micros - millis * 1000).padStart(3, "0");
  return new Date(millis).toISOString().replace("Z", `${rest}Z`);
}
