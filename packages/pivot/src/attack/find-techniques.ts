import type { AttackObject } from "../documents/attack-object.js";
import { type AttackView, answerFilterOf, inCollection } from "./attack-view.js";
import { findDetectionsInShort } from "./find-detections.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import { findRelated, groupBy, type RelatedObject, readRelationships } from "./find-related.js";
import { shortNameOf } from "./find-tactics.js";
import { objectTypes } from "./object-types.js";
import { type IndexedValues, readByStixId, readObjects } from "./read-objects.js";

/**
 * The techniques and sub-techniques of a tactic.
 *
 * @param tactic its id such as `TA0002`, which belongs to one domain; or its name or short name, `Defense Evasion` or `defense-evasion`, which
 *   several domains can have
 */
export async function findTechniquesByTactic(
  view: AttackView,
  tactic: AttackSubject,
): Promise<readonly AttackObject[]> {
  const [found] = await findSubjects(view, tactic, objectTypes.tactic);
  if (found !== undefined) {
    const values = [shortNameOf(found) ?? []].flat();
    return readTechniques(view, { field: "enriched.tactics", values }, inCollection(found.collection_id));
  }
  return typeof tactic === "string"
    ? readTechniques(view, { field: "enriched.tactics", values: [toShortName(tactic)] })
    : [];
}

/** `defense-evasion` for `Defense Evasion`. */
function toShortName(name: string): string {
  return name.toLowerCase().replaceAll(" ", "-");
}

/**
 * The techniques and sub-techniques of a platform.
 *
 * @param platform as ATT&CK spells it: `Windows`, `macOS`, `Network Devices`, …
 */
export function findTechniquesByPlatform(
  view: AttackView,
  platform: string,
): Promise<readonly AttackObject[]> {
  return readTechniques(view, { field: "enriched.platforms", values: [platform] });
}

/**
 * The techniques that are detected with data components: by the analytics of detection strategies, in releases before 18 directly. The
 * relationships lead from the strategy or the component to the technique. In a view of a release, a technique is missing if its detection no longer
 * reads the component.
 *
 * @param subjects one or several, such as `DC0032`; before release 18 they have no ATT&CK id: `findObjectsByName` finds them
 */
export async function findTechniquesByDataComponent(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly RelatedObject[]> {
  const components = await findSubjects(view, subjects, objectTypes.dataComponent);
  const attackIds = components.flatMap(({ attack_id }) => attack_id ?? []);
  const ids = components.map(({ id }) => id);
  const detects = [
    ...(await readRelationships(
      view,
      { field: "enriched.data_components.attack_id", values: attackIds },
      "detects",
    )),
    ...(await readRelationships(view, { field: "enriched.source_ref", values: ids }, "detects")),
  ];
  const techniques = await readByStixId(
    view,
    detects.map(({ target_ref }) => target_ref),
  );
  const { data_components } = await findDetectionsInShort(view, techniques);
  const found = data_components
    .filter(({ object }) => ids.includes(object.id))
    .flatMap(({ relationships }) => relationships);
  const byTechnique = groupBy(new Set(found), ({ target }) => target.id);
  return techniques.flatMap((object) => {
    const relationships = byTechnique.get(object.id);
    return relationships === undefined ? [] : [{ object, relationships }];
  });
}

/** The techniques that detection strategies such as `DET0103` detect. */
export async function findTechniquesDetectedBy(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly RelatedObject[]> {
  const { detectionStrategy, technique } = objectTypes;
  const strategies = await findSubjects(view, subjects, detectionStrategy);
  return findRelated(view, strategies, { from: "source", relationship_type: "detects", to: technique });
}

function readTechniques(
  view: AttackView,
  values: IndexedValues,
  filter: Readonly<Record<string, unknown>> = {},
): Promise<readonly AttackObject[]> {
  const techniques = { "enriched.technique_id": { $exists: true }, ...answerFilterOf(view), ...filter };
  return readObjects(view, values, techniques);
}
