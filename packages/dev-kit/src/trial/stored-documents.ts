import type { Store } from "@cti-connectors/core/host";
import { listSome } from "./conformance-error.js";

/** A document as it is stored. */
export type FoundDocument = Readonly<Record<string, unknown>>;

/** `collection/_id` → document. */
export type StoredDocuments = ReadonlyMap<string, FoundDocument>;

/** Reads whole collections. */
export async function readDocuments(store: Store, collections: readonly string[]): Promise<StoredDocuments> {
  const documents = new Map<string, FoundDocument>();
  for (const name of new Set(collections)) {
    for (const document of await store.database.collection(name).find().sort({ _id: 1 }).toArray()) {
      documents.set(`${name}/${String(document._id)}`, document);
    }
  }
  return documents;
}

/** Reads everything in the database, core's own collections too. */
export async function readDatabase(store: Store): Promise<StoredDocuments> {
  const collections = await store.database.listCollections({}, { nameOnly: true }).toArray();
  return readDocuments(
    store,
    collections.map(({ name }) => name),
  );
}

/** Pure. What a run that loads the same must bring about: neither times nor ids of runs. */
export function repeatableOf({ data, enriched, content_hash, altered, ...envelope }: FoundDocument): unknown {
  const { removed_at, removed_reason } = envelope;
  return { data, enriched, content_hash, altered, removed: removed_at !== null, removed_reason };
}

/** Pure. Everything, byte for byte. */
export function bytesOf(document: FoundDocument): unknown {
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
  aspect: (document: FoundDocument) => unknown,
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
