/**
 * Microseconds since 1970 of an RFC 3339 timestamp, so that timestamps of any precision compare as they should;
 * NaN for anything else.
 */
export function toMicroseconds(timestamp: string): number {
  const fraction = /\.(\d+)/.exec(timestamp)?.[1] ?? "";
  const micros = Number(fraction.slice(3, 6).padEnd(3, "0"));
  return Date.parse(timestamp) * 1000 + micros;
}

/** An RFC 3339 timestamp with six digits, as TAXII servers write `date_added`. */
export function fromMicroseconds(micros: number): string {
  const millis = Math.floor(micros / 1000);
  const rest = String(micros - millis * 1000).padStart(3, "0");
  return new Date(millis).toISOString().replace("Z", `${rest}Z`);
}
