import { listsOfIds } from "@cti-connectors/core";
import { z } from "zod";
import { anyValueFilterOf } from "./ioc-key.js";
import type { LookupPlace } from "./lookup-place.js";

/** A field that many IOCs have the same value in. */
export type SharedField = "malware" | "folded_tags";

const sharedFields = z.object({
  enriched: z.object({
    malware: z.string().nullish(),
    folded_tags: z.array(z.string()).optional(),
  }),
});
const readAtOnce = 100;

/** Which of some values any IOC has. Reads a hundred IOCs at a time, until each value is found or known to be missing. */
export async function findStored(
  { store, iocs = "threatfox_raw" }: LookupPlace,
  field: SharedField,
  values: readonly string[],
): Promise<readonly string[]> {
  const options = { projection: { [`enriched.${field}`]: 1 }, limit: readAtOnce } as const;
  const stored = new Set<string>();
  for (const some of listsOfIds(values)) {
    let missing: readonly string[] = some;
    for (let read = readAtOnce; read === readAtOnce && missing.length > 0; ) {
      read = 0;
      for await (const document of store.find(iocs, anyValueFilterOf(field, missing), options)) {
        read += 1;
        for (const value of [sharedFields.parse(document).enriched[field] ?? []].flat()) {
          stored.add(value);
        }
      }
      missing = missing.filter((value) => !stored.has(value));
    }
  }
  return values.filter((value) => stored.has(value));
}
