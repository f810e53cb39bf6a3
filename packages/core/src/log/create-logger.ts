import type { Logger as PinoLogger } from "pino";
import pino from "pino";
import { z } from "zod";
import { errorCodeOf } from "../errors/inspect-error.js";
import { createRedactor, redactFields } from "../secrets/redact-secrets.js";
import { formatLogLine } from "./format-log-line.js";

type LogLevel = "debug" | "info" | "warn" | "error" | "silent";
type LogFormat = "text" | "json";

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

/** A structured logger: `log.info({ collection }, "loading")`. Secrets are redacted before anything is written. */
export type Logger = Pick<PinoLogger, "debug" | "info" | "warn" | "error">;

/** An error as it is logged. */
interface SerializedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: SerializedError;
}

const deepestCause = 5;

/** Turns an error and its causes into plain data; other fields of an error are left out, they may hold anything. */
function serializeError(error: Error, { stack }: { readonly stack: boolean }, depth = 0): SerializedError {
  const code = errorCodeOf(error);
  return {
    type: error.name,
    message: error.message,
    ...(code !== undefined && { code }),
    ...(stack && error.stack !== undefined && { stack: error.stack }),
    ...(error.cause instanceof Error &&
      depth < deepestCause && { cause: serializeError(error.cause, { stack }, depth + 1) }),
  };
}
