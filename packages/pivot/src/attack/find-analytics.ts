import { z } from "zod";
import type { AttackObject } from "../documents/attack-object.js";
import { type AttackView, answerFilterOf } from "./attack-view.js";
import { type AttackSubject, findSubjects } from "./find-objects.js";
import { objectTypes } from "./object-types.js";
import { findDocuments, newestById, readByStixId, readObjects } from "./read-objects.js";

const { detectionStrategy, analytic } = objectTypes;

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
 * The analytics of detection strategies such as `DET0103`, and those that are named themselves, such as `AN0110`, with what they read. Since
 * release 18.
 */
export async function findAnalyticsOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly Analytic[]> {
  const found = await findSubjects(view, subjects);
  const strategies = found.filter(({ type }) => detectionStrategy.has(type));
  const named = found.filter(({ type }) => analytic.has(type));
  const analytics = await readByStixId(view, strategies.flatMap(analyticRefsOf));
  return [...(await addLogSources(view, [...named, ...analytics])).values()];
}

/** The detection strategies that analytics such as `AN0110` belong to. */
export async function findStrategiesOf(
  view: AttackView,
  subjects: AttackSubject | readonly AttackSubject[],
): Promise<readonly AttackObject[]> {
  const values = (await findSubjects(view, subjects, analytic)).map(({ id }) => id);
  const filter = answerFilterOf(view);
  return readObjects(view, { field: "data.objects.x_mitre_analytic_refs", values }, filter);
}

const strategyRefs = z.object({ x_mitre_analytic_refs: z.array(z.string()).default([]).catch([]) });

/** STIX ids of the analytics of a detection strategy. */
export function analyticRefsOf({ stix }: AttackObject): readonly string[] {
  return strategyRefs.parse(stix).x_mitre_analytic_refs;
}

/** Analytics with what they read, by STIX id. Two reads for up to 200. */
export async function readAnalytics(
  view: AttackView,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Analytic>> {
  return addLogSources(view, await readByStixId(view, ids));
}

const readingAnalytic = z.object({
  data: z.object({ objects: z.tuple([z.looseObject({ id: z.string() })]) }),
  enriched: z.object({ modified: z.date().optional() }),
});
const readingProjection = {
  "data.objects.id": 1,
  "data.objects.x_mitre_log_source_references.x_mitre_data_component_ref": 1,
  "enriched.modified": 1,
} as const;

/** STIX ids of the data components that analytics read, by STIX id of the analytic. Reads little else of them: software can have hundreds. */
export async function readComponentRefs(
  view: AttackView,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = [];
  const values = { field: "data.objects.id", values: ids };
  for await (const stored of findDocuments(view, values, answerFilterOf(view), readingProjection)) {
    const { data, enriched } = readingAnalytic.parse(stored);
    const [stix] = data.objects;
    found.push({ id: stix.id, modified: enriched.modified, refs: componentRefsOf(stix) });
  }
  return new Map([...newestById(found)].map(([id, { refs }]) => [id, refs]));
}

async function addLogSources(
  view: AttackView,
  analytics: readonly AttackObject[],
): Promise<ReadonlyMap<string, Analytic>> {
  const refs = analytics.flatMap(({ stix }) => componentRefsOf(stix));
  const components = new Map((await readByStixId(view, refs)).map((object) => [object.id, object]));
  return new Map(
    analytics.map((object) => [object.id, { object, log_sources: readLogSources(object, components) }]),
  );
}

const text = z.string().optional().catch(undefined);
const logSources = z.object({
  x_mitre_log_source_references: z
    .array(
      z.object({ x_mitre_data_component_ref: z.string(), name: text, channel: text }).nullable().catch(null),
    )
    .default([])
    .catch([]),
});

function logSourcesOf(analytic: unknown) {
  return logSources.parse(analytic).x_mitre_log_source_references.filter((source) => source !== null);
}

function componentRefsOf(analytic: unknown): readonly string[] {
  return logSourcesOf(analytic).map((source) => source.x_mitre_data_component_ref);
}

function readLogSources(
  { stix }: AttackObject,
  components: ReadonlyMap<string, AttackObject>,
): readonly LogSource[] {
  return logSourcesOf(stix).flatMap(({ x_mitre_data_component_ref, name, channel }) => {
    const data_component = components.get(x_mitre_data_component_ref);
    return data_component === undefined ? [] : [{ name, channel, data_component }];
  });
}
