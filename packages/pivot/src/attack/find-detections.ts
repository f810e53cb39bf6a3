import { z } from "zod";
import type { AttackObject } from "../documents/attack-object.js";
import type { AttackView } from "./attack-view.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import { type AttackRelationship, findRelated, type RelatedObject } from "./find-related.js";
import { objectTypes } from "./object-types.js";
import { byAttackId, readByStixId } from "./read-objects.js";

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

/** An analytic of a detection strategy, for one platform or several. */
export interface Analytic {
  readonly object: AttackObject;
  readonly log_sources: readonly LogSource[];
}

/** What an analytic reads. */
export interface LogSource {
  /** Such as `WinEventLog:Sysmon`. */
  readonly name?: string | undefined;
  /** Such as `EventCode=1`. */
  readonly channel?: string | undefined;
  readonly data_component: AttackObject;
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
  const analytics = await readMap(
    view,
    found.flatMap(({ object }) => analyticRefsOf(object)),
  );
  const components = await readMap(
    view,
    [...analytics.values()].flatMap((analytic) =>
      logSourcesOf(analytic).map((source) => source.x_mitre_data_component_ref),
    ),
  );
  const strategies = found.map((strategy) => ({
    ...strategy,
    analytics: pick(analytics, analyticRefsOf(strategy.object)).map((object) => ({
      object,
      log_sources: readLogSources(object, components),
    })),
  }));
  const direct = related.filter(({ object }) => dataComponent.has(object.type));
  return {
    strategies,
    data_components: [...collectComponents(direct, strategies)].sort(({ object }, other) =>
      byAttackId(object, other.object),
    ),
  };
}

const strategyRefs = z.object({ x_mitre_analytic_refs: z.array(z.string()).default([]).catch([]) });

function analyticRefsOf({ stix }: AttackObject): readonly string[] {
  return strategyRefs.parse(stix).x_mitre_analytic_refs;
}

const text = z.string().optional().catch(undefined);
const analyticRefs = z.object({
  x_mitre_log_source_references: z
    .array(
      z.object({ x_mitre_data_component_ref: z.string(), name: text, channel: text }).nullable().catch(null),
    )
    .default([])
    .catch([]),
});

function logSourcesOf({ stix }: AttackObject) {
  return analyticRefs.parse(stix).x_mitre_log_source_references.filter((source) => source !== null);
}

function readLogSources(
  analytic: AttackObject,
  components: ReadonlyMap<string, AttackObject>,
): readonly LogSource[] {
  return logSourcesOf(analytic).flatMap(({ x_mitre_data_component_ref, name, channel }) => {
    const data_component = components.get(x_mitre_data_component_ref);
    return data_component === undefined ? [] : [{ name, channel, data_component }];
  });
}

async function readMap(view: AttackView, ids: readonly string[]): Promise<ReadonlyMap<string, AttackObject>> {
  return new Map((await readByStixId(view, ids)).map((object) => [object.id, object]));
}

function pick(objects: ReadonlyMap<string, AttackObject>, ids: readonly string[]): readonly AttackObject[] {
  return ids.map((id) => objects.get(id)).filter((object) => object !== undefined);
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
