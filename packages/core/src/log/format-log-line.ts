import { z } from "zod";

/** A log event as pino writes it, secrets already taken out. */
interface LogEvent {
  /** ISO 8601 */
  readonly time: string;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One line for people: `2026-11-01T10:00:00.000Z INFO  loading collection=objects count=3`. */
export function formatLogLine({ time, level, message, fields }: LogEvent): string {
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${plain(name)}=${formatValue(value, message)}`,
  );
  return [time, level.toUpperCase().padEnd(5), plain(message), ...pairs]
    .filter((part) => part !== "")
    .join(" ");
}

function formatValue(value: unknown, message: string): string {
  const text = describeError(value, message) ?? value;
  if (typeof text !== "string") {
    return plain(JSON.stringify(text));
  }
  return /^[^\s"=\\\p{Cc}\p{Cf}]+$/u.test(text) ? text : plain(JSON.stringify(text));
}

const serializedError = z.looseObject({
  type: z.string(),
  message: z.string(),
  stack: z.string().optional(),
  cause: z.unknown().optional(),
});

/** `Error: message <- CauseError: its message`; what the line itself says is not said again. Undefined: not an error. */
function describeError(value: unknown, message: string): string | undefined {
  const { data: error } = serializedError.safeParse(value);
  if (error === undefined) {
    return undefined;
  }
  const own = error.stack ?? (error.message === message ? error.type : `${error.type}: ${error.message}`);
  const cause = describeError(error.cause, message);
  return cause === undefined ? own : `${own} <- ${cause}`;
}

/** What an upstream sent must neither start a new line nor steer the terminal. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === "\n" ? "\\n" : character.split("").map(escaped).join(""),
  );
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
