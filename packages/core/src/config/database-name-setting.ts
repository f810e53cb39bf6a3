import { z } from "zod";

const longestNameBytes = 63;
const systemDatabases: ReadonlySet<string> = new Set(["admin", "config", "local"]);

/** A setting that holds the name of a MongoDB database (MongoDB manual, "Naming Restrictions"). */
export function databaseNameSetting() {
  return z
    .string({ error: "must be the name of a database" })
    .regex(/^[^/\\. "$*<>:|?\0]+$/, {
      error: 'must be the name of a database: without blanks and any of / \\ . " $ * < > : | ?',
    })
    .refine((name) => Buffer.byteLength(name) <= longestNameBytes, {
      error: `must be the name of a database: ${longestNameBytes} bytes at most`,
    })
    .refine((name) => !systemDatabases.has(name.toLowerCase()), {
      error: "must be a database of your own: admin, config and local are MongoDB's",
    });
}
