/**
 * An RFC 3339 timestamp in the form that sorts by time as text: in UTC, with six digits. Digits beyond are dropped.
 *
 * @returns undefined where it is no such timestamp
 */
export function normalizeTimestamp(timestamp: string): string | undefined {
  const match = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.(\d+))?(?:Z|[+-]\d{2}:\d{2})$/.exec(timestamp);
  const time = match === null ? Number.NaN : Date.parse(timestamp);
  if (Number.isNaN(time)) {
    return undefined;
  }
  const normal = new Date(time)
    .toISOString()
    .replace("Z", `${(match?.[1] ?? "").slice(3, 6).padEnd(3, "0")}Z`);
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
