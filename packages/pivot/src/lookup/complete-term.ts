import { foldName, foldNames } from "@cti-connectors/core";
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
    folded_names: z.array(z.string()).default([]),
    revoked: z.boolean().default(false),
  }),
});
const projection = {
  "enriched.attack_id": 1,
  "enriched.name": 1,
  "enriched.type": 1,
  "enriched.folded_names": 1,
  "enriched.revoked": 1,
} as const;

/**
 * What somebody may mean who has typed the beginning of a term: objects of ATT&CK with such an id, name or alias, and malware families with such a
 * name. First comes what is called exactly so, then what has exactly such an alias, then names and ids that begin so, then such aliases; of
 * these, groups and software come before the rest. One letter is too little.
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
  const found = [...objects, ...(await findFamilies(view, folded, limit))].sort(
    (one, other) =>
      distanceOf(one, folded) - distanceOf(other, folded) ||
      Number(!firstTypes.has(one.type)) - Number(!firstTypes.has(other.type)) ||
      (one.id < other.id ? -1 : 1),
  );
  const suggestions = new Map(found.map(({ folded_names: _, ...suggestion }) => [suggestion.id, suggestion]));
  return [...suggestions.values()].slice(0, limit);
}

interface FoundName extends Suggestion {
  /** With aliases. */
  readonly folded_names: readonly string[];
}

async function findObjects(
  view: AttackView,
  field: string,
  start: string,
  limit: number,
): Promise<readonly FoundName[]> {
  const filter = {
    [field]: { $regex: `^${start}` },
    ...filterOf(view),
    "enriched.type": { $in: shownTypes },
  };
  const found: FoundName[] = [];
  // An object can be in three domains.
  for await (const stored of view.store.find("objects", filter, { projection, limit: 3 * limit })) {
    const object = document.safeParse(stored).data?.enriched;
    if (object !== undefined && !object.revoked) {
      const { attack_id: id, name, type, folded_names } = object;
      found.push({ id, name, type, folded_names });
    }
  }
  return found;
}

const firstTypes: ReadonlySet<string> = new Set(["intrusion-set", "malware", "tool", "campaign", familyType]);

/** How far a name is from what was typed. */
function distanceOf({ id, name, folded_names }: FoundName, folded: string): number {
  const own = [id, name].map(foldName);
  const tests = [
    own.includes(folded),
    folded_names.includes(folded),
    own.some((text) => text.startsWith(folded)),
  ];
  const first = tests.indexOf(true);
  return first === -1 ? tests.length : first;
}

async function findFamilies(
  { store }: AttackView,
  folded: string,
  limit: number,
): Promise<readonly FoundName[]> {
  const filter = { "enriched.folded_names": { $regex: `^${folded}` }, removed_at: null };
  const found: FoundName[] = [];
  for await (const stored of store.find("malware_links", filter, { limit })) {
    const { family } = readStoredLinks(stored);
    const folded_names = foldNames([family.name, ...family.aliases]);
    found.push({ id: family.malware, name: family.name, type: familyType, folded_names });
  }
  return found;
}
