import { listsOfIds, type StoreReader } from "@cti-connectors/core";
import { z } from "zod";

const linkedFamily = z.object({
  _id: z.string(),
  enriched: z.object({
    name: z.string().nullish(),
    aliases: z.array(z.string()).readonly().default([]),
    state: z.enum(["linked", "ambiguous", "unlinked"]),
    links: z
      .array(
        z.object({
          attack_id: z.string(),
          stix_id: z.string(),
          name: z.string(),
          found_by: z.string(),
          confidence: z.number(),
        }),
      )
      .readonly()
      .default([]),
  }),
});

/** A malware family of ThreatFox, and the software of ATT&CK that it is. */
export interface FoundFamily extends Readonly<Omit<z.output<typeof linkedFamily>["enriched"], "name">> {
  /** Malpedia key. */
  readonly malware: string;
  readonly name: string;
}

/** The families with one of some values in a field with an index. */
export async function findFamilies(
  store: StoreReader,
  field: "_id" | "enriched.folded_names" | "enriched.software_ids" | "enriched.state",
  values: readonly string[],
): Promise<readonly FoundFamily[]> {
  const found: FoundFamily[] = [];
  for (const some of listsOfIds([...new Set(values)])) {
    const options = { projection: { enriched: 1 }, sort: { _id: 1 } } as const;
    for await (const document of store.find(
      "malware_links",
      { [field]: { $in: some }, removed_at: null },
      options,
    )) {
      const { _id, enriched } = linkedFamily.parse(document);
      found.push({ ...enriched, malware: _id, name: enriched.name ?? _id });
    }
  }
  return found;
}
