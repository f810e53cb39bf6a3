import type { Logger as PinoLogger } from "pino";

/** A structured logger: `log.info({ collection }, "loading")`. Secrets are redacted before anything is written. */
export type Logger = Pick<PinoLogger, "debug" | "info" | "warn" | "error">;
