import { z } from "zod";

const longestNameBytes = 190;

/** A setting that holds the name of a MongoDB collection (MongoDB manual, "Naming Restrictions"). */
export function collectionSetting() {
  return z
    .string({ error: "must be the name of a collection" })
    .refine((name) => !/[$\0]|^\.|\.$|\.\.|^system\.|\.system\.|^$/u.test(name), {
      error: "must be the name of a collection: no $, no dot at its start or end, and not system.*",
      abort: true,
    })
    .refine((name) => Buffer.byteLength(name) <= longestNameBytes, {
      error: `must be the name of a collection: ${longestNameBytes} bytes at most`,
    });
}
