import type { Store } from "@cti-connectors/core/host";
import { type FoundDocument, readDatabase, storedIn } from "@cti-connectors/core/testing";
import { listSome } from "./conformance-error.js";

/** `collection/_id` → document. */
export type StoredDocuments = ReadonlyMap<string, FoundDocument>;

/** Reads whole collections. */
export async function readDocuments(store: Store, collections: readonly string[]): Promise<StoredDocuments> {
  const names = [...new Set(collections)];
  return withKeys(await Promise.all(names.map(async (name) => [name, await storedIn(store, name)])));
}

/** Reads everything in the database, core's own collections too. */
export async function readEverything(store: Store): Promise<StoredDocuments> {
  return withKeys(Object.entries(await readDatabase(store)));
}

function withKeys(
  collections: readonly (readonly [name: string, documents: readonly FoundDocument[]])[],
): StoredDocuments {
  return new Map(
    collections.flatMap(([name, documents]) =>
      documents.map((document) => [`${name}/${document._id}`, document] as const),
    ),
  );
}

/** Pure. What a run that loads the same must bring about: neither times nor ids of runs. */
export function repeatableOf({
  data,
  enriched,
  content_hash,
  altered,
  ...envelope
}: Partial<FoundDocument>): unknown {
  const { removed_at, removed_reason } = envelope;
  return { data, enriched, content_hash, altered, removed: removed_at !== null, removed_reason };
}

/** Pure. Everything, byte for byte. */
export function bytesOf(document: Partial<FoundDocument>): unknown {
  return document;
}

export interface Difference {
  /** Only in the first, only in the second, and in both but not the same. */
  readonly missing: readonly string[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
  /** The first field that differs in the first of `changed`, such as `enriched.loaded_at`. */
  readonly field?: string;
}

/** Pure. Compares documents by `aspect`: `repeatableOf` or `bytesOf`. */
export function compareDocuments(
  before: StoredDocuments,
  after: StoredDocuments,
  aspect: (document: Partial<FoundDocument>) => unknown,
): Difference {
  const changed = [...before].flatMap(([key, document]) => {
    const other = after.get(key);
    return other === undefined || writtenForm(aspect(document)) === writtenForm(aspect(other)) ? [] : [key];
  });
  const [first = ""] = changed;
  const field = findChangedField(aspect(before.get(first) ?? {}), aspect(after.get(first) ?? {}));
  return {
    missing: [...before.keys()].filter((key) => !after.has(key)),
    added: [...after.keys()].filter((key) => !before.has(key)),
    changed,
    ...(field !== undefined && { field }),
  };
}

/** Pure. In words, for a message; undefined where nothing differs. */
export function describeDifference({ missing, added, changed, field }: Difference): string | undefined {
  const parts = [
    ...(missing.length > 0 ? [`missing: ${listSome(missing)}`] : []),
    ...(added.length > 0 ? [`added: ${listSome(added)}`] : []),
    ...(changed.length > 0
      ? [`different: ${listSome(changed)}${field === undefined ? "" : ` in ${field}`}`]
      : []),
  ];
  return parts.length === 0 ? undefined : parts.join("; ");
}

function findChangedField(before: unknown, after: unknown, path = ""): string | undefined {
  if (writtenForm(before) === writtenForm(after)) {
    return undefined;
  }
  if (isPlain(before) && isPlain(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const name = names.find((field) => writtenForm(before[field]) !== writtenForm(after[field]));
    return name === undefined ? path : findChangedField(before[name], after[name], join(path, name));
  }
  return path;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** JSON, with undefined as a text of its own. */
export function writtenForm(value: unknown): string {
  return JSON.stringify(value) ?? "undefined";
}
