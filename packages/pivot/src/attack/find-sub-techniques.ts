import type { AttackObject } from "../documents/attack-object.js";
import type { AttackView } from "./attack-view.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import { findRelated } from "./find-related.js";
import { objectTypes } from "./object-types.js";

const { technique } = objectTypes;

/** The sub-techniques of techniques, such as `T1059.001` of `T1059`. */
export async function findSubTechniquesOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly AttackObject[]> {
  const techniques = await findSubjects(view, subjects, technique);
  const path = { from: "target", relationship_type: "subtechnique-of", to: technique } as const;
  return (await findRelated(view, techniques, path)).map(({ object }) => object);
}

/** The technique that a sub-technique belongs to; undefined for any other object. */
export async function findParentOf(
  view: AttackView,
  subject: AttackSubject,
): Promise<AttackObject | undefined> {
  const techniques = await findSubjects(view, subject, technique);
  const path = { from: "source", relationship_type: "subtechnique-of", to: technique } as const;
  return (await findRelated(view, techniques, path))[0]?.object;
}
