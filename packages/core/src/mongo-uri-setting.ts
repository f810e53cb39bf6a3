import { MongoClient } from "mongodb";
import { z } from "zod";
import { redactSecrets } from "./redact-secrets.js";

/** A setting that holds a MongoDB connection string, checked by the driver's own parser. Nothing is connected. */
export function mongoUriSetting() {
  const expected = "must start with mongodb:// or mongodb+srv://";
  return z
    .string({ error: expected })
    .regex(/^mongodb(?:\+srv)?:\/\//, { error: expected, abort: true })
    .superRefine((uri, context) => {
      try {
        new MongoClient(uri);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        context.addIssue({
          code: "custom",
          message: `must be a MongoDB connection string: ${redactSecrets(reason)}`,
        });
      }
    });
}
