import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { z } from "zod";

const names = z.array(z.string()).default([]);

const stixObject = z.object({
  id: z.string(),
  type: z.string(),
  modified: z.string().optional(),
  name: z.string().optional(),
  revoked: z.boolean().default(false),
  x_mitre_deprecated: z.boolean().default(false),
  aliases: names,
  x_mitre_aliases: names,
  x_mitre_platforms: z.array(z.string()).default([]),
  kill_chain_phases: z.array(z.object({ phase_name: z.string() })).default([]),
  x_mitre_shortname: z.string().optional(),
  relationship_type: z.string().optional(),
  source_ref: z.string().default(""),
  target_ref: z.string().default(""),
  x_mitre_analytic_refs: z.array(z.string()).default([]),
  x_mitre_log_source_references: z.array(z.object({ x_mitre_data_component_ref: z.string() })).default([]),
  x_mitre_data_source_ref: z.string().optional(),
  tactic_refs: z.array(z.string()).default([]),
  external_references: z
    .array(z.object({ source_name: z.string(), external_id: z.string().optional() }))
    .default([]),
});
type StixObject = z.output<typeof stixObject>;

type Relationships = ReadonlyMap<string, readonly StixObject[]>;

/** A STIX bundle as it lies in its file. Questions about it are answered by walking its relationships, so plainly that they are seen to be right. */
export interface Bundle {
  readonly objects: readonly StixObject[];
  readonly byId: ReadonlyMap<string, StixObject>;
  /** The valid ones, by `source_ref`. */
  readonly bySource: Relationships;
  /** The valid ones, by `target_ref`. */
  readonly byTarget: Relationships;
}

export async function readBundle(file: string): Promise<Bundle> {
  const content: unknown = JSON.parse(gunzipSync(await readFile(file)).toString("utf8"));
  const { objects } = z.object({ objects: z.array(stixObject) }).parse(content);
  const valid = objects.filter((object) => object.type === "relationship" && isValid(object));
  return {
    objects,
    byId: new Map(objects.map((object) => [object.id, object])),
    bySource: groupBy(valid, "source_ref"),
    byTarget: groupBy(valid, "target_ref"),
  };
}

function groupBy(relationships: readonly StixObject[], end: "source_ref" | "target_ref"): Relationships {
  const groups = new Map<string, StixObject[]>();
  for (const relationship of relationships) {
    const group = groups.get(relationship[end]) ?? [];
    groups.set(relationship[end], group);
    group.push(relationship);
  }
  return groups;
}

/** Neither revoked nor deprecated. */
function isValid({ revoked, x_mitre_deprecated }: StixObject): boolean {
  return !(revoked || x_mitre_deprecated);
}

/** STIX ids of the valid objects of some types that valid relationships lead to from some objects. */
export function walkFrom(
  bundle: Bundle,
  ids: readonly string[],
  relationship: string,
  types: readonly string[],
): readonly string[] {
  const found = ids.flatMap((id) => bundle.bySource.get(id) ?? []);
  const ends = found.filter(({ relationship_type }) => relationship_type === relationship);
  return validOf(
    bundle.byId,
    ends.map(({ target_ref }) => target_ref),
    types,
  );
}

/** The same against the direction of the relationships. */
export function walkTo(
  bundle: Bundle,
  ids: readonly string[],
  relationship: string,
  types: readonly string[],
): readonly string[] {
  const found = ids.flatMap((id) => bundle.byTarget.get(id) ?? []);
  const ends = found.filter(({ relationship_type }) => relationship_type === relationship);
  return validOf(
    bundle.byId,
    ends.map(({ source_ref }) => source_ref),
    types,
  );
}

/** STIX ids of the valid techniques that a test holds for. */
export function techniquesWhere(
  { objects }: Bundle,
  holds: (technique: StixObject) => boolean,
): readonly string[] {
  return objects
    .filter((object) => object.type === "attack-pattern" && isValid(object) && holds(object))
    .map(({ id }) => id)
    .sort();
}

/** STIX ids of the valid analytics of some detection strategies. */
export function analyticsOf({ byId }: Bundle, strategies: readonly string[]): readonly string[] {
  return validOf(
    byId,
    strategies.flatMap((id) => byId.get(id)?.x_mitre_analytic_refs ?? []),
  );
}

/** STIX ids of the valid data components whose logs some analytics read. */
export function componentsOf({ byId }: Bundle, analytics: readonly string[]): readonly string[] {
  const sources = analytics.flatMap((id) => byId.get(id)?.x_mitre_log_source_references ?? []);
  return validOf(
    byId,
    sources.map((source) => source.x_mitre_data_component_ref),
  );
}

/** STIX ids of the valid detection strategies that some analytics belong to. */
export function strategiesOf(bundle: Bundle, analytics: readonly string[]): readonly string[] {
  return referring(bundle, ({ x_mitre_analytic_refs }) => x_mitre_analytic_refs, analytics);
}

/** STIX ids of the valid data components of some data sources. */
export function componentsIn(bundle: Bundle, sources: readonly string[]): readonly string[] {
  return referring(bundle, ({ x_mitre_data_source_ref }) => [x_mitre_data_source_ref ?? ""], sources);
}

function referring(
  { objects, byId }: Bundle,
  refsOf: (object: StixObject) => readonly string[],
  ids: readonly string[],
): readonly string[] {
  const found = objects.filter((object) => refsOf(object).some((ref) => ids.includes(ref)));
  return validOf(
    byId,
    found.map(({ id }) => id),
  );
}

/** Whether a bundle says more of an object than its head: by a relationship or a reference to or from a valid object. */
export function isConnected(bundle: Bundle, id: string): boolean {
  const object = bundle.byId.get(id);
  const ends = [
    ...(bundle.bySource.get(id) ?? []).map(({ target_ref }) => target_ref),
    ...(bundle.byTarget.get(id) ?? []).map(({ source_ref }) => source_ref),
  ];
  const techniques = techniquesWhere(bundle, ({ kill_chain_phases }) =>
    kill_chain_phases.some(({ phase_name }) => phase_name === object?.x_mitre_shortname),
  );
  const readersOf = referring(
    bundle,
    ({ x_mitre_log_source_references }) =>
      x_mitre_log_source_references.map((source) => source.x_mitre_data_component_ref),
    [id],
  );
  const all = [
    ...[...ends, ...techniques, ...readersOf, ...strategiesOf(bundle, [id]), ...componentsIn(bundle, [id])],
    ...[...analyticsOf(bundle, [id]), ...componentsOf(bundle, [id]), ...(object?.tactic_refs ?? [])],
  ];
  return validOf(bundle.byId, all).length > 0 || object?.type === "x-mitre-collection";
}

/** @param types Absent: any */
function validOf(byId: Bundle["byId"], ids: readonly string[], types?: readonly string[]): readonly string[] {
  const valid = ids.filter((id) => {
    const object = byId.get(id);
    return object !== undefined && isValid(object) && (types?.includes(object.type) ?? true);
  });
  return [...new Set(valid)].sort();
}

/**
 * How many of some groups, campaigns and software use each technique, by ATT&CK id. What the campaigns of a group use counts as used by it.
 *
 * @param users STIX ids
 */
export function countUsers(bundle: Bundle, users: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const id of users) {
    const actors = [id, ...walkTo(bundle, [id], "attributed-to", ["campaign"])];
    for (const used of walkFrom(bundle, actors, "uses", ["attack-pattern"])) {
      const attackId = attackIdOf(bundle, used);
      counts[attackId] = (counts[attackId] ?? 0) + 1;
    }
  }
  return counts;
}

/** The ATT&CK ids of the techniques that have another `modified` date in a newer bundle, in order. */
export function findModifiedTechniques(older: Bundle, newer: Bundle): readonly string[] {
  return techniquesWhere(newer, ({ id, modified }) => older.byId.get(id)?.modified !== modified)
    .map((id) => attackIdOf(newer, id))
    .sort();
}

function attackIdOf({ byId }: Bundle, id: string): string {
  const references = byId.get(id)?.external_references ?? [];
  return references.find(({ source_name }) => source_name.startsWith("mitre-"))?.external_id ?? "";
}
