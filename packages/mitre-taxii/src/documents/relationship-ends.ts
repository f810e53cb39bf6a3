import { z } from "zod";
import type { StixObject } from "../taxii/stix-object.js";
import { attackIdOf } from "./attack-reference.js";

/** A property of another type than STIX says counts as absent. */
const text = z.string().optional().catch(undefined);

const end = z.object({ attack_id: text, name: text, type: z.string() });

/** What a relationship says of the objects that it joins, beside their ids. What is not known of them is absent. */
export const relationshipEnds = z.object({
  source: end.optional(),
  target: end.optional(),
  /** Of a detection: the data components that it reads. */
  data_components: z.array(z.object({ attack_id: text, name: text })).optional(),
});
export type RelationshipEnds = z.output<typeof relationshipEnds>;

/** An object that relationships join. */
export interface RelationshipEnd extends z.output<typeof end> {
  /** Ids of what leads from a detection to its data components: of a strategy, its analytics; of an analytic, its components. */
  readonly refs: readonly string[];
}

const relationship = z.object({
  type: z.literal("relationship"),
  relationship_type: text,
  source_ref: z.string(),
  target_ref: z.string(),
});
export type Relationship = z.output<typeof relationship>;

/** @returns undefined for an object that is no relationship */
export function asRelationship(object: StixObject): Relationship | undefined {
  return object.type === "relationship" ? relationship.safeParse(object).data : undefined;
}

const detection = z.object({
  x_mitre_analytic_refs: z.array(z.string()).default([]).catch([]),
  x_mitre_log_source_references: z
    .array(z.object({ x_mitre_data_component_ref: z.string() }).nullable().catch(null))
    .default([])
    .catch([]),
});

/** Ids of what leads from a detection to its data components; none for any other object. */
export function detectionRefs(object: unknown): readonly string[] {
  const { data } = detection.safeParse(object);
  const components = data?.x_mitre_log_source_references.flatMap((source) =>
    source === null ? [] : [source.x_mitre_data_component_ref],
  );
  return [...new Set([...(data?.x_mitre_analytic_refs ?? []), ...(components ?? [])])];
}

export function endOf(object: StixObject): RelationshipEnd {
  return {
    attack_id: attackIdOf(object),
    name: text.parse(object.name),
    type: object.type,
    refs: detectionRefs(object),
  };
}

/**
 * The ends of a relationship.
 *
 * @param find the object with an id; undefined where it is not known
 * @returns undefined where neither end is known
 */
export function describeEnds(
  { relationship_type, source_ref, target_ref }: Relationship,
  find: (id: string) => RelationshipEnd | undefined,
): RelationshipEnds | undefined {
  const [source, target] = [find(source_ref), find(target_ref)];
  if (source === undefined && target === undefined) {
    return undefined;
  }
  const components =
    relationship_type === "detects" && source !== undefined ? componentsOf(source, find) : [];
  return {
    ...(source && { source: labelOf(source) }),
    ...(target && { target: labelOf(target) }),
    ...(components.length > 0 && {
      data_components: components.map(({ attack_id, name }) => ({ attack_id, name })),
    }),
  };
}

function labelOf({ attack_id, name, type }: RelationshipEnd) {
  return { attack_id, name, type };
}

const componentType = "x-mitre-data-component";

/** Whether an object stands between a detection and the data components that it reads, or is one of these. */
export function leadsToComponents({ type }: Pick<RelationshipEnd, "type">): boolean {
  return type === "x-mitre-analytic" || type === componentType;
}

/** Since release 18, strategies detect, by analytics that read components; before, components did. */
function componentsOf(
  source: RelationshipEnd,
  find: (id: string) => RelationshipEnd | undefined,
): readonly RelationshipEnd[] {
  if (source.type === componentType) {
    return [source];
  }
  const ids = source.refs.flatMap((analytic) => find(analytic)?.refs ?? []);
  return [...new Set(ids)].flatMap((id) => {
    const found = find(id);
    return found?.type === componentType ? [found] : [];
  });
}
