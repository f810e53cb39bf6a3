import type { AttackObject } from "../documents/attack-object.js";
import type { AttackView } from "./attack-view.js";
import { type Analytic, analyticRefsOf, readAnalytics, readComponentRefs } from "./find-analytics.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import { type AttackRelationship, findRelated, type RelatedObject } from "./find-related.js";
import { objectTypes } from "./object-types.js";
import { byAttackId, newestById, readByStixId } from "./read-objects.js";

const { technique, detectionStrategy, dataComponent } = objectTypes;

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
  const related = await findDetecting(view, subjects);
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
  const related = await findDetecting(view, subjects);
  const strategies = related.filter(isStrategy);
  const refs = await readComponentRefs(
    view,
    strategies.flatMap(({ object }) => analyticRefsOf(object)),
  );
  const components = newestById(await readByStixId(view, [...refs.values()].flat()));
  const componentsOf = ({ object }: RelatedObject) =>
    analyticRefsOf(object)
      .flatMap((id) => refs.get(id) ?? [])
      .flatMap((id) => components.get(id) ?? []);
  return { strategies, data_components: collectComponents(related, strategies, componentsOf) };
}

async function findDetecting(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly RelatedObject[]> {
  const techniques = await findSubjects(view, subjects, technique);
  return findRelated(view, techniques, { from: "target", relationship_type: "detects" });
}

function isStrategy({ object }: RelatedObject): boolean {
  return detectionStrategy.has(object.type);
}

/** Each data component once, with the relationships of everything that detects with it. */
function collectComponents<Strategy extends RelatedObject>(
  detecting: readonly RelatedObject[],
  strategies: readonly Strategy[],
  componentsOf: (strategy: Strategy) => Iterable<AttackObject>,
): readonly RelatedObject[] {
  const direct = detecting.filter(({ object }) => dataComponent.has(object.type));
  const found = new Map(direct.map((related) => [related.object.id, related]));
  for (const strategy of strategies) {
    for (const object of new Set(componentsOf(strategy))) {
      const known: readonly AttackRelationship[] = found.get(object.id)?.relationships ?? [];
      found.set(object.id, { object, relationships: [...known, ...strategy.relationships] });
    }
  }
  return [...found.values()].sort(({ object }, other) => byAttackId(object, other.object));
}
