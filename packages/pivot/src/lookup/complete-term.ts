import { foldName } from "@cti-connectors/core";
import { z } from "zod";
import { type AttackView, filterOf } from "../attack/attack-view.js";
import type { Suggestion } from "../attack/find-similar-names.js";
import { readStoredLinks } from "../documents/stored-links.js";

export interface CompleteTermOptions {
  readonly limit: number;
}

/** What is said of a malware family in place of a STIX type. */
const familyType = "malware-family";

const fewestLetters = 2;
const shownTypes = [
  "attack-pattern",
  "campaign",
  "course-of-action",
  "intrusion-set",
  "malware",
  "tool",
  "x-mitre-asset",
  "x-mitre-data-component",
  "x-mitre-tactic",
];

const document = z.object({
  enriched: z.object({
    attack_id: z.string(),
    name: z.string(),
    type: z.string(),
    revoked: z.boolean().default(false),
  }),
});
const projection = {
  "enriched.attack_id": 1,
  "enriched.name": 1,
  "enriched.type": 1,
  "enriched.revoked": 1,
} as const;

/**
 * What somebody may mean who has typed the beginning of a term: objects of ATT&CK with such an id, name or alias, and malware families with such a
 * name. What begins so itself comes before what has such an alias, and groups and software come before the rest. One letter is too little.
 */
export async function completeTerm(
  view: AttackView,
  prefix: string,
  { limit }: CompleteTermOptions,
): Promise<readonly Suggestion[]> {
  const folded = foldName(prefix);
  if (folded.length < fewestLetters) {
    return [];
  }
  const id = /^[a-z]{1,3}\d{1,4}(?:\.\d{0,3})?$/i.test(prefix.trim())
    ? prefix.trim().toUpperCase()
    : undefined;
  const objects = [
    ...(id === undefined ? [] : await findObjects(view, "enriched.attack_id", id.replace(".", "\\."), limit)),
    // Folded names are letters and digits only.
    ...(await findObjects(view, "enriched.folded_names", folded, limit)),
  ];
  const rank = rankOf(folded);
  const found = [...objects, ...(await findFamilies(view, folded, limit))].sort(
    (one, other) => rank(one) - rank(other) || (one.id < other.id ? -1 : 1),
  );
  return [...new Map(found.map((suggestion) => [suggestion.id, suggestion])).values()].slice(0, limit);
}

async function findObjects(
  view: AttackView,
  field: string,
  start: string,
  limit: number,
): Promise<readonly Suggestion[]> {
  const filter = {
    [field]: { $regex: `^${start}` },
    ...filterOf(view),
    "enriched.type": { $in: shownTypes },
  };
  const found: Suggestion[] = [];
  // An object can be in three domains.
  for await (const stored of view.store.find("objects", filter, { projection, limit: 3 * limit })) {
    const object = document.safeParse(stored).data?.enriched;
    if (object !== undefined && !object.revoked) {
      found.push({ id: object.attack_id, name: object.name, type: object.type });
    }
  }
  return found;
}

const firstTypes: ReadonlySet<string> = new Set(["intrusion-set", "malware", "tool", "campaign", familyType]);

function rankOf(folded: string): (suggestion: Suggestion) => number {
  return ({ id, name, type }) => {
    const begins = [id, name].some((text) => foldName(text).startsWith(folded));
    return Number(!begins) * 2 + Number(!firstTypes.has(type));
  };
}

async function findFamilies(
  { store }: AttackView,
  folded: string,
  limit: number,
): Promise<readonly Suggestion[]> {
  const filter = { "enriched.folded_names": { $regex: `^${folded}` }, removed_at: null };
  const found: Suggestion[] = [];
  for await (const stored of store.find("malware_links", filter, { limit })) {
    const { family } = readStoredLinks(stored);
    found.push({ id: family.malware, name: family.name, type: familyType });
  }
  return found;
}
