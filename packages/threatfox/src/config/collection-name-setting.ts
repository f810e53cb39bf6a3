import { z } from "zod";
import { typesCollection } from "../steps/ioc-types.js";
import { malwareCollection } from "../steps/malware-list.js";

const longestNameBytes = 190;
const ours: ReadonlySet<string> = new Set([
  "collections",
  "manifest",
  "objects",
  "versions",
  malwareCollection,
  typesCollection,
]);

/**
 * A setting that holds the name of a MongoDB collection (MongoDB manual, "Naming Restrictions") that nothing else of
 * this product loads into.
 */
export function collectionNameSetting() {
  return z
    .string({ error: "must be the name of a collection" })
    .refine((name) => !/[$\0]|^\.|\.$|\.\.|^system\.|\.system\.|^$/u.test(name), {
      error:
        "must be the name of a collection: without $, not starting or ending with a dot, none of system.*",
      abort: true,
    })
    .refine((name) => Buffer.byteLength(name) <= longestNameBytes, {
      error: `must be the name of a collection: ${longestNameBytes} bytes at most`,
      abort: true,
    })
    .refine((name) => !ours.has(name) && !name.startsWith("etl_"), {
      error: `must not be etl_… or one of ${[...ours].join(", ")}: these hold other data, choose another name`,
    });
}
