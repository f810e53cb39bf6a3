import { foldName } from "@cti-connectors/core";
import { z } from "zod";
import { type AttackView, answerFilterOf } from "./attack-view.js";

/** Something that has a name like another one. */
export interface Suggestion {
  readonly name: string;
  /** ATT&CK id, to look it up by. */
  readonly id: string;
  /** STIX type. */
  readonly type: string;
}

export interface SimilarNamesOptions {
  /** STIX types of what is suggested. Default: all. */
  readonly types?: ReadonlySet<string>;
  /** How many. */
  readonly limit: number;
}

/** How many letters must match at the start. */
const sharedLetters = 3;

const namedObject = z.object({
  enriched: z.object({
    attack_id: z.string().optional(),
    name: z.string().optional(),
    aliases: z.array(z.string()).default([]),
    type: z.string(),
  }),
});
const projection = {
  _id: 0,
  "enriched.attack_id": 1,
  "enriched.name": 1,
  "enriched.aliases": 1,
  "enriched.type": 1,
} as const;

/** Objects of ATT&CK with a name or alias that begins like a name, the most alike first. */
export async function findSimilarNames(
  view: AttackView,
  name: string,
  { types, limit }: SimilarNamesOptions,
): Promise<readonly Suggestion[]> {
  const folded = foldName(name);
  const start = [...folded].slice(0, sharedLetters);
  if (start.length < sharedLetters) {
    return [];
  }
  const found = new Map<string, Suggestion & { readonly shared: number }>();
  // A range would match an object with one name on either side of it. Folded names are letters and digits only.
  const filter = { "enriched.folded_names": { $regex: `^${start.join("")}` }, ...answerFilterOf(view) };
  for await (const document of view.store.find("objects", filter, { projection })) {
    const { attack_id: id, name: own, aliases, type } = namedObject.parse(document).enriched;
    if (id !== undefined && own !== undefined && (types?.has(type) ?? true)) {
      const shared = Math.max(...[own, ...aliases].map((each) => sharedStart(foldName(each), folded)));
      found.set(id, { id, name: own, type, shared });
    }
  }
  return [...found.values()]
    .sort((one, other) => other.shared - one.shared)
    .slice(0, limit)
    .map(({ shared: _, ...suggestion }) => suggestion);
}

function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) {
    length += 1;
  }
  return length;
}
