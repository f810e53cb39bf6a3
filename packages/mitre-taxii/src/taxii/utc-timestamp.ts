const timestamp = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d+))? ?(?:Z|([+-]\d{2}):?(\d{2})?)?$/i;
/** RFC 9110, section 5.6.7, and what JavaScript's `Date.prototype.toString` writes. */
const writtenOut =
  /^[A-Z][a-z]{2},? (?:\d{2} [A-Z][a-z]{2}|[A-Z][a-z]{2} \d{2}) \d{4} \d{2}:\d{2}:\d{2} GMT(?:[+-]\d{4})?(?: \(.*\))?$/;

/**
 * A date that a server sends, as TAXII wants it (TAXII 2.1, section 3.2): RFC 3339 in UTC. Servers also write other offsets, none at all
 * (taken for UTC), a blank for the `T`, HTTP's dates and JavaScript's.
 *
 * @returns all digits of the second that were sent; undefined where it is no date
 */
export function toUtcTimestamp(text: string): string | undefined {
  const trimmed = text.trim();
  if (writtenOut.test(trimmed)) {
    return isoOf(Date.parse(trimmed), undefined);
  }
  const [, day, time, fraction, hours, minutes = "00"] = timestamp.exec(trimmed) ?? [];
  if (day === undefined) {
    return undefined;
  }
  return isoOf(Date.parse(`${day}T${time}${hours === undefined ? "Z" : `${hours}:${minutes}`}`), fraction);
}

function isoOf(ms: number, fraction: string | undefined): string | undefined {
  if (Number.isNaN(ms)) {
    return undefined;
  }
  return new Date(ms).toISOString().replace(".000Z", fraction === undefined ? "Z" : `.${fraction}Z`);
}

/**
 * The microsecond before a timestamp (TAXII 2.1, section 3.2, wants no finer ones). What is no timestamp in UTC is returned as it is.
 */
export function justBefore(timestamp: string): string {
  const [, second, fraction = ""] =
    /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?Z$/.exec(timestamp) ?? [];
  const seconds = Date.parse(`${second}Z`);
  if (Number.isNaN(seconds)) {
    return timestamp;
  }
  const micros = BigInt(seconds) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, "0")) - 1n;
  const whole = new Date(Number((micros - (micros % 1_000_000n)) / 1000n)).toISOString();
  return whole.replace(".000Z", `.${String(micros % 1_000_000n).padStart(6, "0")}Z`);
}
