import { listsOfIds } from "@cti-connectors/core";
import { z } from "zod";
import type { LookupPlace } from "./lookup-place.js";

const stored = z.object({
  _id: z.string(),
  removed_at: z.date().nullable(),
  data: z.looseObject({
    shortDescription: z.string().optional().catch(undefined),
    requiredAction: z.string().optional().catch(undefined),
  }),
  enriched: z.object({
    name: z.string().nullish(),
    vendor: z.string().nullish(),
    product: z.string().nullish(),
    added_at: z.date(),
    due_at: z.date().nullish(),
    ransomware: z.boolean().nullish(),
  }),
});

/** A vulnerability that is known to be exploited, from CISA's catalogue. */
export interface FoundVulnerability extends Readonly<z.output<typeof stored>["enriched"]> {
  /** CVE id. */
  readonly id: string;
  readonly description?: string | undefined;
  readonly action?: string | undefined;
  /** Since when it is no longer in the catalogue; null while it is. */
  readonly removed_at: Date | null;
}

/** The vulnerabilities that the catalogue has or had, by CVE id. */
export async function findVulnerabilities(
  { store, vulnerabilities = "kev" }: LookupPlace,
  ids: readonly string[],
): Promise<ReadonlyMap<string, FoundVulnerability>> {
  const found = new Map<string, FoundVulnerability>();
  for (const some of listsOfIds([...new Set(ids)])) {
    for await (const document of store.find(vulnerabilities, { _id: { $in: some } })) {
      const { _id, removed_at, data, enriched } = stored.parse(document);
      const { shortDescription: description, requiredAction: action } = data;
      found.set(_id, { id: _id, ...enriched, description, action, removed_at });
    }
  }
  return found;
}
