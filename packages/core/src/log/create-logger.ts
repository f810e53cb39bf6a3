import pino from "pino";
import { z } from "zod";
import { redactFields } from "../secrets/redact-fields.js";
import { createRedactor } from "../secrets/redact-secrets.js";
import { formatLogLine } from "./format-log-line.js";
import type { Logger } from "./logger.js";
import { serializeError } from "./serialize-error.js";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";
export type LogFormat = "text" | "json";

export interface LoggerOptions {
  /** Default `info`. At `debug`, errors are logged with their stack. */
  readonly level?: LogLevel | undefined;
  /** Default `text`. */
  readonly format?: LogFormat | undefined;
  /** Values that are replaced by `[redacted]` wherever they turn up. */
  readonly secrets?: Iterable<string> | undefined;
  /** Where lines go. Default: standard error. */
  readonly destination?: { write(line: string): unknown } | undefined;
}

const event = z.looseObject({ time: z.string(), level: z.string(), msg: z.string().default("") });

/** A field of such a name would hide what pino writes under it. */
const ownNames: ReadonlySet<string> = new Set(["time", "level", "msg"]);

/** Makes a logger that writes one line per event, without secrets. */
export function createLogger({
  level = "info",
  format = "text",
  secrets = [],
  destination = process.stderr,
}: LoggerOptions = {}): Logger {
  const redact = createRedactor(secrets);
  const withStack = { stack: level === "debug" };
  const serialize = (value: unknown) => (value instanceof Error ? serializeError(value, withStack) : value);

  function write(line: string): void {
    const { time, level: name, msg, ...rest } = event.parse(JSON.parse(line));
    const message = redact(msg);
    const fields = z.record(z.string(), z.unknown()).parse(redactFields(rest, redact));
    const text =
      format === "json"
        ? JSON.stringify({ time, level: name, msg: message, ...fields })
        : formatLogLine({ time, level: name, message, fields });
    destination.write(`${text}\n`);
  }

  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: serialize },
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) =>
          Object.fromEntries(
            Object.entries(fields).map(([name, value]) => [
              ownNames.has(name) ? `${name}_` : name,
              serialize(value),
            ]),
          ),
      },
    },
    { write },
  );
}
