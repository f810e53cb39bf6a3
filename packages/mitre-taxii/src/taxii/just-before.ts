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
