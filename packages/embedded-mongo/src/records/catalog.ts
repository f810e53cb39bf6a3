import { randomUUID } from "node:crypto";
import { type Document, deserialize, serialize, UUID } from "bson";
import { decodeTyped } from "../bson/bson-codec.js";
import { CommandError } from "../errors/command-error.js";
import { compileFilter, type Matcher } from "../query/compile-filter.js";
import { compileKeyPattern, type IndexKeys } from "../query/index-keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { afterPrefix, idPrefix, trailingRecordId } from "../storage/table-keys.js";
import { ID_INDEX_NAME, type IndexDefinition, type NewIndex } from "./index-definition.js";

/** An index, ready for use. */
export interface Index extends IndexDefinition {
  readonly keysOf: (document: Buffer) => IndexKeys;
  /** Whether a document belongs in this index. */
  readonly covers: Matcher;
}

/** A collection as it is held in memory; what changes is written with the transaction that changed it. */
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
  readonly indexes: Index[];
}

export interface Catalog {
  get(db: string, name: string): Collection | undefined;
  list(db?: string): readonly Collection[];
  create(db: string, name: string): Collection;
  /** Forgets a collection; its records and index entries are removed by the caller. */
  remove(collection: Collection): void;
  rename(collection: Collection, db: string, name: string): Collection;
  addIndex(collection: Collection, definition: NewIndex): Index;
  removeIndex(collection: Collection, index: Index): void;
  /** Notes that a collection's record in the catalog has to be written. */
  touch(collection: Collection): void;
  /** Writes what was touched. Within a transaction. */
  flush(): void;
  /** Reads everything again, after a transaction was undone. */
  reload(): void;
}

const COLLECTION_PREFIX = Buffer.from("c/");
const NEXT_ID_KEY = Buffer.from("next-id");

export function openCatalog(store: RecordStore): Catalog {
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
  const forget = (collection: Collection): void => {
    collections.delete(collection.namespace);
    touched.delete(collection);
    store.catalog.remove(catalogKey(collection.namespace));
  };
  load();

  return {
    get: (db, name) => collections.get(`${db}.${name}`),
    list: (db) =>
      [...collections.values()]
        .filter((collection) => db === undefined || collection.db === db)
        .sort((a, b) => (a.namespace < b.namespace ? -1 : 1)),
    create: (db, name) => {
      checkNamespace(db, name);
      const collection = emptyCollection(db, name, takeId(), takeId());
      collections.set(collection.namespace, collection);
      touched.add(collection);
      return collection;
    },
    remove: forget,
    rename: (collection, db, name) => {
      checkNamespace(db, name);
      forget(collection);
      const renamed: Collection = { ...collection, db, name, namespace: `${db}.${name}` };
      collections.set(renamed.namespace, renamed);
      touched.add(renamed);
      return renamed;
    },
    addIndex: (collection, definition) => {
      const index = prepareIndex({ ...definition, ...EMPTY_INDEX, id: takeId() });
      collection.indexes.push(index);
      touched.add(collection);
      return index;
    },
    removeIndex: (collection, index) => {
      collection.indexes.splice(collection.indexes.indexOf(index), 1);
      touched.add(collection);
    },
    touch: (collection) => {
      touched.add(collection);
    },
    flush: () => {
      for (const collection of touched) {
        store.catalog.put(catalogKey(collection.namespace), encodeCollection(collection));
      }
      touched.clear();
    },
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
  };
}

const EMPTY_INDEX = { multikey: false, truncated: false, isUnfinished: false } as const;
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
  const partial = definition.partialFilter && decodeTyped(definition.partialFilter);
  return {
    ...definition,
    keysOf: compileKeyPattern(definition.key, definition.sparse),
    covers: partial === undefined ? () => true : compileFilter(partial),
  };
}

function encodeIndex({ keysOf: _keysOf, covers: _covers, ...definition }: Index): Document {
  return { ...definition, key: definition.key.map(([path, direction]) => ({ path, direction })) };
}

function encodeCollection(collection: Collection): Buffer {
  const { namespace: _namespace, nextRecordId: _nextRecordId, idIndex, indexes, ...kept } = collection;
  const record = { ...kept, idIndex: encodeIndex(idIndex), indexes: indexes.map(encodeIndex) };
  return Buffer.from(serialize(record, { ignoreUndefined: true }));
}

function decodeIndex(record: Document): Index {
  const key: { path: string; direction: 1 | -1 }[] = record.key;
  return prepareIndex({
    id: record.id,
    name: record.name,
    key: key.map(({ path, direction }) => [path, direction] as const),
    unique: record.unique,
    sparse: record.sparse,
    multikey: record.multikey,
    truncated: record.truncated,
    isUnfinished: record.isUnfinished === true,
    ...(record.partialFilter === undefined ? {} : { partialFilter: record.partialFilter }),
    ...(record.expireAfterSeconds === undefined ? {} : { expireAfterSeconds: record.expireAfterSeconds }),
  });
}

function decodeCollection(bytes: Buffer, store: RecordStore): Collection {
  const record = deserialize(bytes, { promoteBuffers: true });
  const prefix = idPrefix(record.id);
  const last = store.records.lastKey(prefix, afterPrefix(prefix));
  const indexes: Document[] = record.indexes;
  return {
    db: record.db,
    name: record.name,
    namespace: `${record.db}.${record.name}`,
    id: record.id,
    uuid: record.uuid,
    count: record.count,
    dataSize: record.dataSize,
    nextRecordId: last === undefined ? 1 : trailingRecordId(last) + 1,
    idIndex: decodeIndex(record.idIndex),
    indexes: indexes.map(decodeIndex),
  };
}

/** A collection's UUID as `listCollections` shows it. */
export function uuidOf(collection: Collection): UUID {
  return new UUID(collection.uuid);
}
