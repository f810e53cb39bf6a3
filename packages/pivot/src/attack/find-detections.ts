import type { AttackView } from "./attack-view.js";
import { type Analytic, analyticRefsOf, readAnalytics } from "./find-analytics.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import { type AttackRelationship, findRelated, type RelatedObject } from "./find-related.js";
import { objectTypes } from "./object-types.js";
import { byAttackId } from "./read-objects.js";

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

/**
 * The detection strategies of techniques with their analytics, and the data components to collect. Five reads for up to 200 objects of a type.
 */
export async function findDetectionsOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<Detections> {
  const techniques = await findSubjects(view, subjects, technique);
  const related = await findRelated(view, techniques, { from: "target", relationship_type: "detects" });
  const found = related.filter(({ object }) => detectionStrategy.has(object.type));
  const analytics = await readAnalytics(
    view,
    found.flatMap(({ object }) => analyticRefsOf(object)),
  );
  const strategies = found.map((strategy) => ({
    ...strategy,
    analytics: analyticRefsOf(strategy.object).flatMap((id) => analytics.get(id) ?? []),
  }));
  const direct = related.filter(({ object }) => dataComponent.has(object.type));
  return {
    strategies,
    data_components: [...collectComponents(direct, strategies)].sort(({ object }, other) =>
      byAttackId(object, other.object),
    ),
  };
}

/** Each data component once, with the relationships of everything that detects with it. */
function collectComponents(
  direct: readonly RelatedObject[],
  strategies: readonly DetectionStrategy[],
): Iterable<RelatedObject> {
  const found = new Map(direct.map((related) => [related.object.id, related]));
  for (const { relationships, analytics } of strategies) {
    const components = analytics.flatMap(({ log_sources }) =>
      log_sources.map(({ data_component }) => data_component),
    );
    for (const object of new Set(components)) {
      const known: readonly AttackRelationship[] = found.get(object.id)?.relationships ?? [];
      found.set(object.id, { object, relationships: [...known, ...relationships] });
    }
  }
  return found.values();
}
