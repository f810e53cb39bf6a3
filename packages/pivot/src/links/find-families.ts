import { listsOfIds, type StoreReader } from "@cti-connectors/core";
import { z } from "zod";

const linkedFamily = z.object({
  _id: z.string(),
  enriched: z.object({
    name: z.string().nullish(),
    aliases: z.array(z.string()).readonly().default([]),
    folded_names: z.array(z.string()).default([]),
    software_ids: z.array(z.string()).default([]),
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
export interface FoundFamily
  extends Readonly<
    Omit<z.output<typeof linkedFamily>["enriched"], "name" | "folded_names" | "software_ids">
  > {
  /** Malpedia key. */
  readonly malware: string;
  readonly name: string;
}

/** A field of `malware_links` with an index. */
type FamilyField = "_id" | "enriched.folded_names" | "enriched.software_ids" | "enriched.state";

/** The families with one of some values in a field. */
export async function findFamilies(
  store: StoreReader,
  field: FamilyField,
  values: readonly string[],
): Promise<readonly FoundFamily[]> {
  const found: FoundFamily[] = [];
  for await (const { family } of readFamilies(store, field, values)) {
    found.push(family);
  }
  return found;
}

/** The families with each of some values in a field. A value that no family has is left out. */
export async function findFamiliesByValue(
  store: StoreReader,
  field: FamilyField,
  values: readonly string[],
): Promise<ReadonlyMap<string, readonly FoundFamily[]>> {
  const asked = new Set(values);
  const found = new Map<string, FoundFamily[]>();
  for await (const { family, keys } of readFamilies(store, field, values)) {
    for (const key of keys[field].filter((value) => asked.has(value))) {
      const others = found.get(key) ?? [];
      if (!others.some(({ malware }) => malware === family.malware)) {
        found.set(key, [...others, family]);
      }
    }
  }
  return found;
}

async function* readFamilies(store: StoreReader, field: FamilyField, values: readonly string[]) {
  for (const some of listsOfIds([...new Set(values)])) {
    const filter = { [field]: { $in: some }, removed_at: null };
    const options = { projection: { enriched: 1 }, sort: { _id: 1 } } as const;
    for await (const document of store.find("malware_links", filter, options)) {
      const { _id, enriched } = linkedFamily.parse(document);
      const { name, folded_names, software_ids, ...family } = enriched;
      yield {
        family: { ...family, malware: _id, name: name ?? _id } satisfies FoundFamily,
        keys: {
          _id: [_id],
          "enriched.folded_names": folded_names,
          "enriched.software_ids": software_ids,
          "enriched.state": [family.state],
        },
      };
    }
  }
}
