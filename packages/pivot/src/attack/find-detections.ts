import type { AttackObject } from "../documents/attack-object.js";
import type { StoredRelationship } from "../documents/attack-relationship.js";
import { type AttackView, answerFilterOf } from "./attack-view.js";
import { type Analytic, analyticRefsOf, readAnalytics, readComponentRefs } from "./find-analytics.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import {
  type AttackRelationship,
  findRelated,
  groupBy,
  type Path,
  type RelatedObject,
  readRelated,
  readRelationshipsOf,
} from "./find-related.js";
import { objectTypes } from "./object-types.js";
import { byAttackId, newestById, readByStixId, readObjects } from "./read-objects.js";

const { technique, detectionStrategy, dataComponent } = objectTypes;
const detecting: Path = { from: "target", relationship_type: "detects" };

/** How techniques are detected. */
export interface Detections {
  /** Since release 18. */
  readonly strategies: readonly DetectionStrategy[];
  /** What the analytics of the strategies read. In releases before 18, what detects the techniques directly; the relationships say how. */
  readonly data_components: readonly RelatedObject[];
}

/** A detection strategy, and the relationships that say which of the techniques it detects. */
export interface DetectionStrategy extends RelatedObject {
  readonly analytics: readonly Analytic[];
}

/** How techniques are detected, in short: strategies without their analytics. */
export interface BriefDetections {
  readonly strategies: readonly RelatedObject[];
  readonly data_components: readonly RelatedObject[];
}

/**
 * The detection strategies of techniques with their analytics, and the data components to collect. Five reads for up to 200 objects of a type.
 */
export async function findDetectionsOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<Detections> {
  const techniques = await findSubjects(view, subjects, technique);
  const related = await findRelated(view, techniques, detecting);
  const found = related.filter(isStrategy);
  const analytics = await readAnalytics(
    view,
    found.flatMap(({ object }) => analyticRefsOf(object)),
  );
  const strategies = found.map((strategy) => ({
    ...strategy,
    analytics: analyticRefsOf(strategy.object).flatMap((id) => analytics.get(id) ?? []),
  }));
  const componentsOf = (strategy: DetectionStrategy) =>
    strategy.analytics.flatMap(({ log_sources }) => log_sources.map(({ data_component }) => data_component));
  return { strategies, data_components: collectComponents(related, strategies, componentsOf) };
}

/** The detection strategies of techniques, and the data components to collect. */
export async function findDetectionsInShort(
  view: AttackView,
  subjects: readonly AttackSubject[],
): Promise<BriefDetections> {
  const techniques = await findSubjects(view, subjects, technique);
  const detects = await readRelationshipsOf(view, techniques, detecting);
  const [related, named] = await Promise.all([
    readRelated(view, techniques, detecting, detects),
    view.release === undefined ? readNamedComponents(view, detects) : undefined,
  ]);
  const strategies = related.filter(isStrategy);
  const componentsOf = named ?? (await readComponentsOf(view, strategies));
  return { strategies, data_components: collectComponents(related, strategies, componentsOf) };
}

/** The data components that a strategy reads. */
type ComponentsOf = (strategy: RelatedObject) => readonly AttackObject[];

/** As the relationships name them: those of the newest analytics, whatever the release. */
async function readNamedComponents(
  view: AttackView,
  detects: readonly StoredRelationship[],
): Promise<ComponentsOf> {
  const idsOf = ({ data_components }: StoredRelationship) =>
    data_components.flatMap(({ attack_id }) => attack_id ?? []);
  const values = { field: "enriched.attack_id", values: detects.flatMap(idsOf) };
  const objects = await readObjects(view, values, answerFilterOf(view));
  const components = groupBy(
    objects.filter(({ type }) => dataComponent.has(type)),
    ({ attack_id = "" }) => attack_id,
  );
  const ids = new Map(detects.map((relationship) => [relationship.id, idsOf(relationship)]));
  return ({ relationships }) =>
    relationships.flatMap(({ id }) => ids.get(id) ?? []).flatMap((id) => components.get(id) ?? []);
}

/** Those of the analytics in the view. */
async function readComponentsOf(
  view: AttackView,
  strategies: readonly RelatedObject[],
): Promise<ComponentsOf> {
  const refs = await readComponentRefs(
    view,
    strategies.flatMap(({ object }) => analyticRefsOf(object)),
  );
  const components = newestById(await readByStixId(view, [...refs.values()].flat()));
  return ({ object }) =>
    analyticRefsOf(object)
      .flatMap((id) => refs.get(id) ?? [])
      .flatMap((id) => components.get(id) ?? []);
}

function isStrategy({ object }: RelatedObject): boolean {
  return detectionStrategy.has(object.type);
}

/** Each data component once, with the relationships of everything that detects with it. */
function collectComponents<Strategy extends RelatedObject>(
  related: readonly RelatedObject[],
  strategies: readonly Strategy[],
  componentsOf: (strategy: Strategy) => Iterable<AttackObject>,
): readonly RelatedObject[] {
  const direct = related.filter(({ object }) => dataComponent.has(object.type));
  const found = new Map(direct.map((component) => [component.object.id, component]));
  for (const strategy of strategies) {
    for (const object of new Set(componentsOf(strategy))) {
      const known: readonly AttackRelationship[] = found.get(object.id)?.relationships ?? [];
      found.set(object.id, { object, relationships: [...known, ...strategy.relationships] });
    }
  }
  return [...found.values()].sort(({ object }, other) => byAttackId(object, other.object));
}
