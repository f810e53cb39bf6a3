import type { RelatedObject } from "../attack/find-related.js";
import type { AttackObject } from "../documents/attack-object.js";

/** An object of ATT&CK, without what it says at length. */
export interface AttackSummary
  extends Pick<AttackObject, "id" | "attack_id" | "name" | "type" | "url" | "tactics" | "deprecated"> {
  /** How many of the techniques, groups, … in question it is related with. */
  readonly relations: number;
  /** What ATT&CK says about the relation. Markdown, with citations as `(Citation: …)`. */
  readonly descriptions: readonly string[];
}

export function summarize({ object, relationships }: RelatedObject): AttackSummary {
  const { id, attack_id, name, type, url, tactics, deprecated } = object;
  const descriptions = relationships.flatMap(({ description }) => description ?? []);
  return {
    id,
    attack_id,
    name,
    type,
    url,
    tactics,
    deprecated,
    relations: relationships.length,
    descriptions,
  };
}

/** An object that another one refers to itself, without a relationship. */
export function summarizeObject(object: AttackObject): AttackSummary {
  return summarize({ object, relationships: [] });
}

/** What is related most comes first. */
export function mostFirst(summaries: readonly AttackSummary[]): readonly AttackSummary[] {
  return [...summaries].sort((one, other) => other.relations - one.relations);
}
