import { z } from "zod";
import type { AttackObject } from "../documents/attack-object.js";
import {
  briefRelationshipProjection,
  type Citation,
  readStoredRelationship,
  type StoredRelationship,
} from "../documents/attack-relationship.js";
import { type AttackView, answerFilterOf } from "./attack-view.js";
import { findDocuments, type IndexedValues, newestById, readByStixId } from "./read-objects.js";

/** Names an object. */
export interface AttackName extends Pick<AttackObject, "id" | "attack_id" | "name" | "type"> {}

/** What ATT&CK says of two objects, such as “APT29 uses PowerShell”, with its sources. */
export interface AttackRelationship {
  /** STIX id. */
  readonly id: string;
  /** `uses`, `mitigates`, `detects`, `attributed-to`, … */
  readonly relationship_type: string;
  readonly source: AttackName;
  readonly target: AttackName;
  /** Markdown, with citations as `(Citation: …)`, where ATT&CK describes it. */
  readonly description?: string | undefined;
  /** What the description cites. */
  readonly references: readonly Citation[];
}

/** An object, and the relationships that make it part of the answer. */
export interface RelatedObject {
  readonly object: AttackObject;
  readonly relationships: readonly AttackRelationship[];
}

/** Which relationships of an object a question follows. */
export interface Path {
  /** Where the objects are that it starts from. */
  readonly from: "source" | "target";
  readonly relationship_type: string;
  /** Types of the objects that it leads to. Default: all. */
  readonly to?: ReadonlySet<string>;
}

const refs = { source: "source_ref", target: "target_ref" } as const;

/**
 * The objects that are related with some objects, in the order of their ATT&CK ids, each once. Two reads for up to 200 objects on either side.
 */
export async function findRelated(
  view: AttackView,
  subjects: readonly AttackObject[],
  path: Path,
): Promise<readonly RelatedObject[]> {
  return readRelated(view, subjects, path, await readRelationshipsOf(view, subjects, path));
}

/** The relationships that a question follows, in the order of their ids. */
export function readRelationshipsOf(
  view: AttackView,
  subjects: readonly AttackObject[],
  { from, relationship_type }: Path,
): Promise<readonly StoredRelationship[]> {
  const values = subjects.map(({ id }) => id);
  return readRelationships(view, { field: `enriched.${refs[from]}`, values }, relationship_type);
}

/** The objects that relationships of some objects lead to, in the order of their ATT&CK ids. */
export async function readRelated(
  view: AttackView,
  subjects: readonly AttackObject[],
  path: Path,
  relationships: readonly StoredRelationship[],
): Promise<readonly RelatedObject[]> {
  const far = path.from === "source" ? refs.target : refs.source;
  const ids = relationships
    .map((relationship) => relationship[far])
    .filter((id) => path.to?.has(stixTypeOf(id)) ?? true);
  const objects = await readByStixId(view, ids);
  const named = newestById([...subjects, ...objects]);
  const related = groupBy(relationships, (relationship) => relationship[far]);
  return objects.map((object) => ({
    object,
    relationships: (related.get(object.id) ?? []).flatMap((relationship) => nameEnds(relationship, named)),
  }));
}

/** Relationships of one type, in the order of their ids. */
export async function readRelationships(
  view: AttackView,
  values: IndexedValues,
  relationship_type: string,
): Promise<readonly StoredRelationship[]> {
  const found: StoredRelationship[] = [];
  const filter = { "enriched.relationship_type": relationship_type, ...answerFilterOf(view) };
  const projection = view.brief === true ? briefRelationshipProjection : undefined;
  for await (const document of findDocuments(view, values, filter, projection)) {
    found.push(readStoredRelationship(document));
  }
  return [...newestById(found).values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** What a relationship joins: STIX ids. */
export interface AttackEdge {
  readonly source: string;
  readonly target: string;
}

const edgeDocument = z.object({ enriched: z.object({ source_ref: z.string(), target_ref: z.string() }) });
const edgeProjection = { "enriched.source_ref": 1, "enriched.target_ref": 1 } as const;

/**
 * What relationships of one type join: without what they say, thousands are read quickly.
 *
 * @param end which of their ends is among `ids`
 */
export async function findEdges(
  view: AttackView,
  end: keyof AttackEdge,
  relationship_type: string,
  ids: readonly string[],
): Promise<readonly AttackEdge[]> {
  const filter = { "enriched.relationship_type": relationship_type, ...answerFilterOf(view) };
  const edges: AttackEdge[] = [];
  const values = { field: `enriched.${end}_ref`, values: ids };
  for await (const stored of findDocuments(view, values, filter, edgeProjection)) {
    const { source_ref, target_ref } = edgeDocument.parse(stored).enriched;
    edges.push({ source: source_ref, target: target_ref });
  }
  return edges;
}

export function groupBy<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) {
      groups.set(keyOf(item), [item]);
    } else {
      group.push(item);
    }
  }
  return groups;
}

export function stixTypeOf(id: string): string {
  return id.slice(0, id.indexOf("--"));
}

/** @returns nothing where an end is not stored */
function nameEnds(
  { id, relationship_type, source_ref, target_ref, description, references }: StoredRelationship,
  named: ReadonlyMap<string, AttackObject>,
): readonly AttackRelationship[] {
  const [source, target] = [named.get(source_ref), named.get(target_ref)];
  return source === undefined || target === undefined
    ? []
    : [{ id, relationship_type, source: nameOf(source), target: nameOf(target), description, references }];
}

export function nameOf({ id, attack_id, name, type }: AttackObject): AttackName {
  return { id, attack_id, name, type };
}
