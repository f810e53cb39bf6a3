import type { AttackView } from "./attack-view.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import { findRelated, type RelatedObject } from "./find-related.js";
import { objectTypes } from "./object-types.js";

const { technique, asset } = objectTypes;

/** The assets of industrial control systems that techniques target. */
export async function findAssetsOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly RelatedObject[]> {
  const techniques = await findSubjects(view, subjects, technique);
  return findRelated(view, techniques, { from: "source", relationship_type: "targets", to: asset });
}

/** The techniques that target assets such as `A0008`. */
export async function findTechniquesTargeting(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly RelatedObject[]> {
  const assets = await findSubjects(view, subjects, asset);
  return findRelated(view, assets, { from: "target", relationship_type: "targets", to: technique });
}
