import { z } from "zod";
import { findMongoUriFault } from "./find-mongo-uri-fault.js";

/** A setting that holds a MongoDB connection string, checked by the driver's own parser. Nothing is connected. No error quotes it. */
export function mongoUriSetting() {
  return z
    .string({ error: "must start with mongodb:// or mongodb+srv://" })
    .superRefine((uri, context) => {
      const message = findMongoUriFault(uri);
      if (message !== undefined) {
        context.addIssue({ code: "custom", message });
      }
    })
    .meta({ quoted: false });
}
