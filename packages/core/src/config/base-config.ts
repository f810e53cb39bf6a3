import { z } from "zod";
import { mongoUriSetting } from "./mongo-uri-setting.js";
import { integerSetting } from "./plain-settings.js";

/** What share of the current documents of a listing may be withdrawn at once, where nothing else is set. */
export const defaultMaxRemovedShare = 0.33;

const longestNameBytes = 63;
const systemDatabases: ReadonlySet<string> = new Set(["admin", "config", "local"]);

const shareError = "must be a number from 0 to 1, such as 0.33";

/** The settings that every run has, whichever connectors it runs. */
export const baseConfig = z.object({
  MONGO_URI: mongoUriSetting()
    .optional()
    .describe("Where to load: a MongoDB connection string. Unset: the embedded database"),
  DB_NAME: databaseNameSetting().default("threat_intelligence").describe("The database to load into"),
  DATA_DIR: z.string().meta({ path: true }).optional().describe("The folder of the embedded database"),
  HTTP_TIMEOUT_MS: integerSetting({ min: 1, max: 3_600_000 })
    .default(30_000)
    .describe("Time limit for one request, including its response, in milliseconds"),
  HTTP_RETRIES: integerSetting({ min: 0, max: 100 })
    .default(4)
    .describe("How many times to retry a failed request"),
  HTTP_MAX_BODY_MB: integerSetting({ min: 1, max: 512 })
    .default(40)
    .describe("Maximum size of one response, unpacked, in MiB"),
  HTTP_MAX_DOWNLOAD_MB: integerSetting({ min: 1, max: 1_048_576 })
    .default(4096)
    .describe("Maximum size of one download, unpacked, in MiB"),
  MAX_REMOVED_SHARE: z
    .string({ error: shareError })
    .regex(/^(0(\.\d+)?|1(\.0+)?|\.\d+)$/, { error: shareError })
    .transform(Number)
    .default(defaultMaxRemovedShare)
    .describe(
      "Fail if an upstream stops listing more than this share of the current documents; 0: any, 1: only if it lists nothing",
    ),
  LOAD_OVERLAP: z
    .enum(["on", "off"], { error: "must be on or off" })
    .default("on")
    .describe(
      "Read, check and transform the next records while those before are stored: on or off. off takes longer, and stores the same",
    ),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error", "silent"], {
      error: "must be one of debug, info, warn, error, silent",
    })
    .default("info")
    .describe("Minimum level to log: debug, info, warn, error or silent"),
  LOG_FORMAT: z
    .enum(["text", "json"], { error: "must be text or json" })
    .default("text")
    .describe("How log lines are written: text or json"),
});

export type BaseConfig = z.output<typeof baseConfig>;

const mib = 1024 * 1024;

/** What the settings HTTP_… allow the requests of every connector: `http` of `runConnectors`. */
export function httpLimitsOf(
  base: Pick<BaseConfig, "HTTP_TIMEOUT_MS" | "HTTP_RETRIES" | "HTTP_MAX_BODY_MB" | "HTTP_MAX_DOWNLOAD_MB">,
) {
  return {
    timeoutMs: base.HTTP_TIMEOUT_MS,
    retries: base.HTTP_RETRIES,
    maxBodyBytes: base.HTTP_MAX_BODY_MB * mib,
    maxDownloadBytes: base.HTTP_MAX_DOWNLOAD_MB * mib,
  };
}

/** A setting that holds the name of a MongoDB database (MongoDB manual, "Naming Restrictions"). */
function databaseNameSetting() {
  return z
    .string({ error: "must be the name of a database" })
    .regex(/^[^/\\. "$*<>:|?\0]+$/, {
      error: 'must be the name of a database: without blanks and any of / \\ . " $ * < > : | ?',
    })
    .refine((name) => Buffer.byteLength(name) <= longestNameBytes, {
      error: `must be the name of a database: ${longestNameBytes} bytes at most`,
    })
    .refine((name) => !systemDatabases.has(name.toLowerCase()), {
      error: "must not be admin, config or local: those belong to MongoDB",
    });
}
