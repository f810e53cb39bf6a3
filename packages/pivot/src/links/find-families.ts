import { foldNames, listsOfIds, type StoreReader } from "@cti-connectors/core";
import type { MalwareFamily } from "../documents/stored-family.js";
import { type FamilyLinks, readStoredLinks } from "../documents/stored-links.js";

/** A malware family of ThreatFox, and the software of ATT&CK that it is. */
export interface FoundFamily extends MalwareFamily, Pick<FamilyLinks, "state" | "links"> {}

/** The families with one of some values in a field that has an index. */
export async function findFamilies(
  store: StoreReader,
  field: "_id" | "enriched.folded_names" | "enriched.software_ids" | "enriched.state",
  values: readonly string[],
): Promise<readonly FoundFamily[]> {
  const found: FoundFamily[] = [];
  for (const some of listsOfIds([...new Set(values)])) {
    const filter = { [field]: { $in: some }, removed_at: null };
    for await (const document of store.find("malware_links", filter, { sort: { _id: 1 } })) {
      const { family, state, links } = readStoredLinks(document);
      found.push({ ...family, state, links });
    }
  }
  return found;
}

/** The families with each of some folded names, or ATT&CK ids of software. A value that no family has is left out. */
export async function findFamiliesByValue(
  store: StoreReader,
  field: "enriched.folded_names" | "enriched.software_ids",
  values: readonly string[],
): Promise<ReadonlyMap<string, readonly FoundFamily[]>> {
  const asked = new Set(values);
  const found = new Map<string, FoundFamily[]>();
  for (const family of await findFamilies(store, field, values)) {
    const { name, aliases, links } = family;
    const keys =
      field === "enriched.software_ids"
        ? links.map(({ attack_id }) => attack_id)
        : foldNames([name, ...aliases]);
    for (const key of keys.filter((value) => asked.has(value))) {
      const others = found.get(key) ?? [];
      if (!others.some(({ malware }) => malware === family.malware)) {
        found.set(key, [...others, family]);
      }
    }
  }
  return found;
}
