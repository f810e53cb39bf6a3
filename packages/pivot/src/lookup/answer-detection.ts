import type { AttackView } from "../attack/attack-view.js";
import {
  type Analytic,
  findAnalyticsOf,
  findStrategiesOf,
  type LogSource,
} from "../attack/find-analytics.js";
import { findDataComponentsOf, findDataSourcesOf } from "../attack/find-data-components.js";
import type { BriefDetections } from "../attack/find-detections.js";
import { findObjects } from "../attack/find-objects.js";
import { type AttackName, nameOf, type RelatedObject } from "../attack/find-related.js";
import { findTechniquesByDataComponent, findTechniquesDetectedBy } from "../attack/find-techniques.js";
import { objectTypes } from "../attack/object-types.js";
import type { AttackObject } from "../documents/attack-object.js";
import { type AttackSummary, mostFirst, summarize, summarizeObject } from "./attack-summary.js";

/** An analytic, and what it reads where. */
export interface AnalyticSummary extends AttackSummary, Pick<AttackObject, "platforms"> {
  readonly log_sources: readonly (Omit<LogSource, "data_component"> & {
    readonly data_component: AttackName;
  })[];
}

/** How something is detected, or what something detects. A list is empty where nothing is known, or the question makes no sense. */
export interface DetectionAnswer {
  readonly detection_strategies: readonly AttackSummary[];
  /** Of a detection strategy; an analytic itself. */
  readonly analytics: readonly AnalyticSummary[];
  readonly data_components: readonly AttackSummary[];
  /** Of a data component, before release 18. */
  readonly data_sources: readonly AttackSummary[];
}

const { detectionStrategy, dataComponent } = objectTypes;

/** The techniques that an analytic, a detection strategy, a data component or a data source detects. None for any other object. */
export async function findTechniquesDetectedWith(
  view: AttackView,
  object: AttackObject,
): Promise<readonly RelatedObject[]> {
  const strategies = detectionStrategy.has(object.type) ? [object] : await findStrategiesOf(view, object);
  const components = dataComponent.has(object.type) ? [object] : await findDataComponentsOf(view, object);
  return [
    ...(await findTechniquesDetectedBy(view, strategies)),
    ...(await findTechniquesByDataComponent(view, components)),
  ];
}

/**
 * What stands on the way between a technique and the data that detects it.
 *
 * @param techniques that the object uses, or detects
 * @param detections of the technique, or of those that the object uses
 */
export async function answerDetection(
  view: AttackView,
  object: AttackObject,
  techniques: readonly RelatedObject[],
  { strategies, data_components }: BriefDetections,
): Promise<DetectionAnswer> {
  const analytics = await findAnalyticsOf(view, object);
  const detecting = [
    ...(await findStrategiesOf(view, object)),
    ...(dataComponent.has(object.type) ? await findSources(view, techniques) : []),
  ];
  const components = [
    ...data_components.map(summarize),
    ...componentsOf(analytics),
    ...(await findDataComponentsOf(view, object)).map(summarizeObject),
  ];
  return {
    detection_strategies: mostFirst([...strategies.map(summarize), ...detecting.map(summarizeObject)]),
    analytics: analytics.map(summarizeAnalytic),
    data_components: mostFirst(components),
    data_sources: (await findDataSourcesOf(view, object)).map(summarizeObject),
  };
}

/** The detection strategies in the relationships that led to techniques. */
async function findSources(
  view: AttackView,
  techniques: readonly RelatedObject[],
): Promise<readonly AttackObject[]> {
  const sources = techniques.flatMap(({ relationships }) => relationships.map(({ source }) => source));
  const strategies = sources.filter(({ type }) => detectionStrategy.has(type));
  return findObjects(
    view,
    strategies.map(({ id }) => id),
  );
}

function summarizeAnalytic({ object, log_sources }: Analytic): AnalyticSummary {
  return {
    ...summarizeObject(object),
    platforms: object.platforms,
    log_sources: log_sources.map(({ name, channel, data_component }) => ({
      name,
      channel,
      data_component: nameOf(data_component),
    })),
  };
}

/** Each data component once, with the number of analytics that read it. */
function componentsOf(analytics: readonly Analytic[]): readonly AttackSummary[] {
  const found = new Map<string, AttackSummary>();
  for (const { log_sources } of analytics) {
    for (const component of new Set(log_sources.map(({ data_component }) => data_component))) {
      const relations = (found.get(component.id)?.relations ?? 0) + 1;
      found.set(component.id, { ...summarizeObject(component), relations });
    }
  }
  return [...found.values()];
}
