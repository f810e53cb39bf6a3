import { type AttackObject, readAttackObject } from "../documents/attack-object.js";
import { type AttackView, filterOf } from "./attack-view.js";

/**
 * The objects with an ATT&CK id, such as `T1059.001`, `G0034`, `S0154` or `DC0021`: usually one. Some deprecated mitigations have the id of a
 * technique. An object that is in several domains comes once.
 */
export async function findObjects(view: AttackView, attackId: string): Promise<readonly AttackObject[]> {
  const found = new Map<string, AttackObject>();
  for await (const document of view.store.find("objects", {
    "enriched.attack_id": attackId,
    ...filterOf(view),
  })) {
    const object = readAttackObject(document);
    if (!found.has(object.id)) {
      found.set(object.id, object);
    }
  }
  return [...found.values()];
}
