import { randomUUID } from "node:crypto";
import { type Document, deserialize, serialize } from "bson";
import { BsonType } from "../bson/bson-type.js";
import { int32Of } from "../bson/number-value.js";
import { fieldsOf, type RawValue, textOf, wholeDocument } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { compileFilter, type Matcher } from "../query/compile-filter.js";
import { compileKeyPattern, type KeysOf } from "../query/index-keys.js";
import { compileFieldReader, type IndexedField } from "../query/indexed-fields.js";
import type { RecordStore } from "../storage/record-store.js";
import { afterPrefix, idPrefix, trailingRecordId } from "../storage/table-keys.js";
import { ID_INDEX_NAME, type IndexDefinition, isSameKey, type NewIndex } from "./index-definition.js";

/** An index, ready for use. */
export interface Index extends IndexDefinition {
  /** What a document has at the paths of the key pattern. */
  readonly fieldsOf: (document: Buffer) => readonly IndexedField[];
  readonly keysOf: KeysOf;
  /** Whether a document belongs in this index. */
  readonly covers: Matcher;
}

/** A collection in memory. Its changes are written with the transaction that made them. */
export interface Collection {
  readonly db: string;
  readonly name: string;
  readonly namespace: string;
  /** First part of the keys of its records. */
  readonly id: number;
  readonly uuid: string;
  count: number;
  dataSize: number;
  nextRecordId: number;
  readonly idIndex: Index;
  /** Without the index on `_id`. */
  indexes: readonly Index[];
  /** For each index, what a document has at the paths of its key pattern: one pass over the document for all. */
  fieldsOfIndexes: (document: Buffer) => readonly (readonly IndexedField[])[];
}

function setIndexes(collection: Collection, indexes: readonly Index[]): void {
  collection.indexes = indexes;
  collection.fieldsOfIndexes = fieldReaderOf(indexes);
}

function withoutIndex({ indexes }: Collection, index: Index): readonly Index[] {
  return indexes.filter((one) => one !== index);
}

function fieldReaderOf(indexes: readonly IndexDefinition[]): Collection["fieldsOfIndexes"] {
  return compileFieldReader(indexes.map(({ key }) => key.map(([path]) => path)));
}

/** All indexes, the one on `_id` first. */
export function indexesOf({ idIndex, indexes }: Collection): readonly Index[] {
  return [idIndex, ...indexes];
}

/** @param which the name of an index, or its key pattern */
export function findIndex(collection: Collection, which: RawValue): Index | undefined {
  const name = which.type === BsonType.string ? textOf(which) : undefined;
  const key = which.type === BsonType.document ? fieldsOf(which) : [];
  const pattern = key.map(([path, direction]) => [path, int32Of(direction)] as const);
  return indexesOf(collection).find((index) =>
    name === undefined ? isSameKey(index.key, pattern) : index.name === name,
  );
}

export type Catalog = ReturnType<typeof openCatalog>;

const COLLECTION_PREFIX = Buffer.from("c/");
const NEXT_ID_KEY = Buffer.from("next-id");

export function openCatalog(store: RecordStore) {
  const collections = new Map<string, Collection>();
  const touched = new Set<Collection>();
  let nextId = 1;

  const load = (): void => {
    collections.clear();
    touched.clear();
    nextId = store.catalog.get(NEXT_ID_KEY)?.readUInt32BE(0) ?? 1;
    for (const { value } of store.catalog.entries(COLLECTION_PREFIX, afterPrefix(COLLECTION_PREFIX))) {
      const collection = decodeCollection(value, store);
      collections.set(collection.namespace, collection);
    }
  };
  const takeId = (): number => {
    const id = nextId++;
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeUInt32BE(nextId, 0);
    store.catalog.put(NEXT_ID_KEY, bytes);
    return id;
  };
  const add = (collection: Collection): Collection => {
    collections.set(collection.namespace, collection);
    touched.add(collection);
    return collection;
  };
  const forget = (collection: Collection): void => {
    collections.delete(collection.namespace);
    touched.delete(collection);
    store.catalog.remove(catalogKey(collection.namespace));
  };
  load();

  return {
    get: (db: string, name: string) => collections.get(`${db}.${name}`),
    list: (db?: string): readonly Collection[] =>
      [...collections.values()]
        .filter((collection) => db === undefined || collection.db === db)
        .sort((a, b) => (a.namespace < b.namespace ? -1 : 1)),
    create: (db: string, name: string): Collection => {
      checkNamespace(db, name);
      return add(emptyCollection(db, name, takeId(), takeId()));
    },
    /** Forgets a collection; its records and index entries are removed by the caller. */
    remove: forget,
    rename: (collection: Collection, db: string, name: string): void => {
      checkNamespace(db, name);
      forget(collection);
      add({ ...collection, db, name, namespace: `${db}.${name}` });
    },
    addIndex: (collection: Collection, definition: NewIndex): Index => {
      const index = prepareIndex({ ...definition, ...EMPTY_INDEX, id: takeId() });
      setIndexes(collection, [...collection.indexes, index]);
      touched.add(collection);
      return index;
    },
    removeIndex: (collection: Collection, index: Index): void => {
      setIndexes(collection, withoutIndex(collection, index));
      touched.add(collection);
    },
    /** Notes that a collection's record in the catalog has to be written. */
    touch: (collection: Collection): void => {
      touched.add(collection);
    },
    /** Writes what was touched. Within a transaction. */
    flush: (): void => {
      for (const collection of touched) {
        store.catalog.put(catalogKey(collection.namespace), encodeCollection(collection));
      }
      touched.clear();
    },
    /** Reads everything again, after a transaction was undone. */
    reload: load,
  };
}

function emptyCollection(db: string, name: string, id: number, idIndexId: number): Collection {
  return {
    db,
    name,
    namespace: `${db}.${name}`,
    id,
    uuid: randomUUID(),
    count: 0,
    dataSize: 0,
    nextRecordId: 1,
    idIndex: prepareIndex({ ...ID_INDEX, ...EMPTY_INDEX, id: idIndexId }),
    indexes: [],
    fieldsOfIndexes: fieldReaderOf([]),
  };
}

const EMPTY_INDEX = { multikeyPaths: [], truncated: false, isUnfinished: false } as const;
const ID_INDEX = { name: ID_INDEX_NAME, key: [["_id", 1]], unique: true, sparse: false } as const;

function catalogKey(namespace: string): Buffer {
  return Buffer.concat([COLLECTION_PREFIX, Buffer.from(namespace)]);
}

/** @throws CommandError InvalidNamespace */
function checkNamespace(db: string, name: string): void {
  const invalid = (reason: string): CommandError =>
    new CommandError("InvalidNamespace", `Invalid namespace specified '${db}.${name}'${reason}`);
  if (db === "" || db.length > 63 || /[\0/\\ "$.]/.test(db)) {
    throw invalid(": the database name is not valid");
  }
  if (name === "" || name.startsWith(".") || name.endsWith(".") || name.includes("\0")) {
    throw invalid("");
  }
  if (name.startsWith("system.")) {
    throw invalid(": the name of a system collection");
  }
  if (name.includes("$")) {
    throw new CommandError("InvalidNamespace", `Invalid collection name: ${name}`);
  }
  if (Buffer.byteLength(`${db}.${name}`) > 255) {
    throw invalid(": it is longer than 255 bytes");
  }
}

function prepareIndex(definition: IndexDefinition): Index {
  const { id, key, sparse, partialFilter } = definition;
  const readFields = fieldReaderOf([definition]);
  return {
    ...definition,
    fieldsOf: (document) => readFields(document)[0] ?? [],
    keysOf: compileKeyPattern(key, { sparse, prefix: idPrefix(id) }),
    covers: partialFilter === undefined ? () => true : compileFilter(wholeDocument(partialFilter)),
  };
}

function encodeIndex({ fieldsOf: _fields, keysOf: _keys, covers: _covers, ...definition }: Index): Document {
  return { ...definition, key: definition.key.map(([path, direction]) => ({ path, direction })) };
}

function encodeCollection(collection: Collection): Buffer {
  const { db, name, id, uuid, count, dataSize, idIndex, indexes } = collection;
  const kept = { db, name, id, uuid, count, dataSize };
  const record = { ...kept, idIndex: encodeIndex(idIndex), indexes: indexes.map(encodeIndex) };
  return Buffer.from(serialize(record, { ignoreUndefined: true }));
}

interface StoredIndex extends Omit<IndexDefinition, "key"> {
  readonly key: readonly { readonly path: string; readonly direction: 1 | -1 }[];
  /** In place of `multikeyPaths`, as earlier versions wrote it. */
  readonly multikey?: boolean;
}

function decodeIndex({ key, multikey = false, ...definition }: StoredIndex): Index {
  return prepareIndex({
    ...EMPTY_INDEX,
    ...(multikey && { multikeyPaths: key.map(({ path }) => path) }),
    ...definition,
    key: key.map(({ path, direction }) => [path, direction]),
  });
}

function decodeCollection(bytes: Buffer, store: RecordStore): Collection {
  const { db, name, id, uuid, count, dataSize, idIndex, indexes } = deserialize(bytes, {
    promoteBuffers: true,
  });
  const prefix = idPrefix(id);
  const last = store.records.lastKey(prefix, afterPrefix(prefix));
  const prepared: Index[] = indexes.map(decodeIndex);
  return {
    db,
    name,
    namespace: `${db}.${name}`,
    id,
    uuid,
    count,
    dataSize,
    nextRecordId: last === undefined ? 1 : trailingRecordId(last) + 1,
    idIndex: decodeIndex(idIndex),
    indexes: prepared,
    fieldsOfIndexes: fieldReaderOf(prepared),
  };
}
