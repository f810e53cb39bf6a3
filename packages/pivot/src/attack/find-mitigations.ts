import type { AttackView } from "./attack-view.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import { findRelated, type RelatedObject } from "./find-related.js";
import { objectTypes } from "./object-types.js";

const { technique, mitigation } = objectTypes;

/** The mitigations of techniques; the relationships say how each is applied. */
export async function findMitigationsOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly RelatedObject[]> {
  const techniques = await findSubjects(view, subjects, technique);
  return findRelated(view, techniques, { from: "target", relationship_type: "mitigates", to: mitigation });
}

/** The techniques that mitigations such as `M1038` mitigate. */
export async function findTechniquesMitigatedBy(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly RelatedObject[]> {
  const mitigations = await findSubjects(view, subjects, mitigation);
  return findRelated(view, mitigations, { from: "source", relationship_type: "mitigates", to: technique });
}
