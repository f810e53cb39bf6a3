import { foldNames } from "@cti-connectors/core";
import type { AttackObject } from "../documents/attack-object.js";
import { type AttackView, filterOf } from "./attack-view.js";
import { byAttackId, newestById, readObjects } from "./read-objects.js";

/** What a question is about: an ATT&CK id such as `G0034`, a STIX id, or an object that was found before. */
export type AttackSubject = string | AttackObject;

/**
 * The objects with an ATT&CK id, such as `T1059.001`, `G0034`, `S0154` or `DC0021`, or with a STIX id: usually one. Some deprecated mitigations
 * have the id of a technique. Revoked and deprecated objects are found, too. An object that is in several domains comes once.
 *
 * @param ids one, or several to read together; in upper or lower case
 */
export async function findObjects(
  view: AttackView,
  ids: string | readonly string[],
): Promise<readonly AttackObject[]> {
  const all = [ids].flat();
  const stixIds = all.filter(isStixId);
  const attackIds = all.filter((id) => !isStixId(id)).map((id) => id.toUpperCase());
  return [
    ...(await readObjects(view, { field: "data.objects.id", values: stixIds }, filterOf(view))),
    ...(await readObjects(view, { field: "enriched.attack_id", values: attackIds }, filterOf(view))),
  ];
}

/**
 * The objects with a name or alias, such as `Cobalt Strike`, `sandworm team` or `APT-29`: case, marks, spaces and punctuation do not count. Of
 * all types: `Process Creation` is a data component, and some names are both a group's and a malware's. Revoked and deprecated objects are
 * found, too.
 *
 * @param names one, or several to read together
 */
export async function findObjectsByName(
  view: AttackView,
  names: string | readonly string[],
): Promise<readonly AttackObject[]> {
  const values = foldNames([names].flat());
  return readObjects(view, { field: "enriched.folded_names", values }, filterOf(view));
}

function isStixId(id: string): boolean {
  return id.includes("--");
}

/** The objects that a question is about, of the types that it can be about. Default: all types. */
export async function findSubjects(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
  types?: ReadonlySet<string>,
): Promise<readonly AttackObject[]> {
  const all = [subjects].flat();
  const ids = all.filter((subject) => typeof subject === "string");
  const objects = all.filter((subject) => typeof subject !== "string");
  const found = newestById([...objects, ...(await findObjects(view, ids))]);
  return [...found.values()].filter(({ type }) => types?.has(type) ?? true).sort(byAttackId);
}
