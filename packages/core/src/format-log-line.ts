/** A log event as pino writes it, secrets already taken out. */
export interface LogEvent {
  /** ISO 8601 */
  readonly time: string;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One line for people: `2026-11-01T10:00:00.000Z INFO  loading collection=objects count=3`. */
export function formatLogLine({ time, level, message, fields }: LogEvent): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${plain(name)}=${formatValue(value)}`);
  return [time, level.toUpperCase().padEnd(5), plain(message), ...pairs]
    .filter((part) => part !== "")
    .join(" ");
}

function formatValue(value: unknown): string {
  if (typeof value !== "string") {
    return plain(JSON.stringify(value) ?? "undefined");
  }
  return /^[^\s"=\\\p{Cc}]+$/u.test(value) ? value : plain(JSON.stringify(value));
}

/** What an upstream sent must neither start a new line nor steer the terminal. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === "\n" ? "\\n" : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
