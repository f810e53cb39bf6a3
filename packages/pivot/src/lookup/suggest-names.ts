import { type AttackView, filterOf } from "../attack/attack-view.js";
import { readAttackObject } from "../documents/attack-object.js";
import type { Reading } from "../term/parse-term.js";

/** Something that has a name like the term. */
export interface Suggestion {
  readonly name: string;
  /** ATT&CK id, to look it up by. */
  readonly id: string;
  /** STIX type. */
  readonly type: string;
}

const shortestStart = 3;
const mostSuggestions = 10;

/** Objects of ATT&CK that have a name or alias which begins like the one that was looked up. */
export async function suggestNames(
  view: AttackView,
  readings: readonly Reading[],
): Promise<readonly Suggestion[]> {
  const folded = readings.flatMap((reading) => (reading.kind === "name" ? reading.folded : []))[0] ?? "";
  if (folded.length < shortestStart) {
    return [];
  }
  const found = new Map<string, Suggestion>();
  // A range would match an object with one name on either side of it. Folded names are letters and digits only.
  const filter = { "enriched.folded_names": { $regex: `^${folded}` }, ...filterOf(view) };
  // An object can be in three domains.
  for await (const document of view.store.find("objects", filter, { limit: 3 * mostSuggestions })) {
    const { attack_id, name, type } = readAttackObject(document);
    if (attack_id !== undefined && name !== undefined) {
      found.set(attack_id, { id: attack_id, name, type });
    }
  }
  return [...found.values()].slice(0, mostSuggestions);
}
