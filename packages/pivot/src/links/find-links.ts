import { foldNames, type StoreReader } from "@cti-connectors/core";
import { type FamilyLinks, type LinkState, readStoredLinks } from "../documents/stored-links.js";

/** Which links are asked for. */
export interface LinkSelection {
  /** Malpedia keys, names or aliases of families, or ATT&CK ids of software. Default: all families. */
  readonly names?: readonly string[];
  /** Default: every state. */
  readonly state?: LinkState;
}

/** The stored links of malware families, by Malpedia key. Answers from indexes where names or a state are given. */
export async function findLinks(
  store: StoreReader,
  { names = [], state }: LinkSelection = {},
): Promise<readonly FamilyLinks[]> {
  const filter = {
    removed_at: null,
    ...(state !== undefined && { "enriched.state": state }),
    ...(names.length > 0 && {
      $or: [
        { _id: { $in: names } },
        { "enriched.folded_names": { $in: foldNames(names) } },
        { "enriched.software_ids": { $in: names.map((name) => name.toUpperCase()) } },
      ],
    }),
  };
  const found: FamilyLinks[] = [];
  for await (const document of store.find("malware_links", filter, { sort: { _id: 1 } })) {
    found.push(readStoredLinks(document));
  }
  return found;
}
