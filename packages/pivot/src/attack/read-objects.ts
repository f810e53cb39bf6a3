import { listsOfIds } from "@cti-connectors/core";
import { type AttackObject, briefObjectProjection, readAttackObject } from "../documents/attack-object.js";
import { type AttackView, answerFilterOf } from "./attack-view.js";

/** A field of `objects` with an index, and the values to find in it. */
export interface IndexedValues {
  readonly field: string;
  readonly values: readonly string[];
}

/**
 * Documents of `objects` that have one of some values in a field with an index. Reads 200 values at a time.
 *
 * @param projection default: whole documents
 */
export async function* findDocuments(
  { store }: AttackView,
  { field, values }: IndexedValues,
  filter: Readonly<Record<string, unknown>>,
  projection?: Readonly<Record<string, 1>>,
): AsyncIterable<unknown> {
  for (const some of listsOfIds([...new Set(values)])) {
    const found = { [field]: some.length === 1 ? some[0] : { $in: some }, ...filter };
    yield* store.find("objects", found, projection && { projection });
  }
}

/** Objects that an answer may contain, by STIX id, in the order of their ATT&CK ids. */
export function readByStixId(view: AttackView, ids: readonly string[]): Promise<readonly AttackObject[]> {
  return readObjects(view, { field: "data.objects.id", values: ids }, answerFilterOf(view));
}

/**
 * Objects that have one of some values in a field with an index, in the order of their ATT&CK ids. One that is in several domains comes
 * once.
 */
export async function readObjects(
  view: AttackView,
  values: IndexedValues,
  filter: Readonly<Record<string, unknown>>,
): Promise<readonly AttackObject[]> {
  const found: AttackObject[] = [];
  const projection = view.brief === true ? briefObjectProjection : undefined;
  for await (const document of findDocuments(view, values, filter, projection)) {
    found.push(readAttackObject(document));
  }
  return [...newestById(found).values()].sort(byAttackId);
}

/** Each object in its newest version: a domain may hold an older one than another. */
export function newestById<Item extends { readonly id: string; readonly modified?: Date | undefined }>(
  items: Iterable<Item>,
): ReadonlyMap<string, Item> {
  const newest = new Map<string, Item>();
  for (const item of items) {
    const known = newest.get(item.id);
    if (known === undefined || timeOf(item) > timeOf(known)) {
      newest.set(item.id, item);
    }
  }
  return newest;
}

function timeOf({ modified }: { readonly modified?: Date | undefined }): number {
  return modified?.getTime() ?? 0;
}

export function byAttackId(one: AttackObject, other: AttackObject): number {
  return compare(one.attack_id ?? "", other.attack_id ?? "") || compare(one.id, other.id);
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
