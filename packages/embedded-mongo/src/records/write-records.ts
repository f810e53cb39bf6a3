import { documentBytes, fieldOf, wholeDocument } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import type { IndexKeys } from "../query/index-keys.js";
import {
  afterPrefix,
  concat,
  encodeRecordId,
  idPrefix,
  indexEntryKey,
  recordKey,
  trailingRecordId,
} from "../storage/table-keys.js";
import type { Collection, Index } from "./catalog.js";
import type { Database } from "./database.js";
import { duplicateKeyError } from "./duplicate-key.js";
import type { FoundRecord } from "./find-records.js";

/** MongoDB's limit of one document. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

const ENTRY = Buffer.from([0]);
const NO_KEYS: IndexKeys = { keys: [], tuples: [], multikeyPaths: [], truncated: false };

/** @throws CommandError BSONObjectTooLarge */
export function checkDocumentSize(document: Buffer): void {
  if (document.length > MAX_DOCUMENT_BYTES) {
    throw new CommandError(
      "BSONObjectTooLarge",
      `BSONObj size: ${document.length} (0x${document.length.toString(16).toUpperCase()}) is invalid. Size must be between 0 and ${MAX_DOCUMENT_BYTES}(16MB)`,
    );
  }
}

function indexKeys(index: Index, document: Buffer): IndexKeys {
  return index.covers(document) ? index.keysOf(document) : NO_KEYS;
}

/** Key of the index on `_id`; its value is the record id. */
export function idIndexKey(collection: Collection, part: Buffer): Buffer {
  return concat(idPrefix(collection.idIndex.id), part);
}

function checkUnique(
  database: Database,
  collection: Collection,
  index: Index,
  entries: IndexKeys,
  ownRecordId: number,
): void {
  for (const [i, part] of entries.keys.entries()) {
    const prefix = concat(idPrefix(index.id), part);
    for (const key of database.store.indexes.keys(prefix, afterPrefix(prefix))) {
      if (key.length === prefix.length + 8 && trailingRecordId(key) !== ownRecordId) {
        throw duplicateKeyError(collection, index, entries.tuples[i] ?? []);
      }
    }
  }
}

function noteShape(database: Database, collection: Collection, index: Index, keys: IndexKeys): void {
  const newPaths = keys.multikeyPaths.filter((path) => !index.multikeyPaths.includes(path));
  if (newPaths.length > 0 || (keys.truncated && !index.truncated)) {
    index.multikeyPaths = [...index.multikeyPaths, ...newPaths];
    index.truncated ||= keys.truncated;
    database.catalog.touch(collection);
  }
}

function putEntries(
  database: Database,
  collection: Collection,
  index: Index,
  keys: IndexKeys,
  recordId: number,
): void {
  noteShape(database, collection, index, keys);
  for (const part of keys.keys) {
    database.store.indexes.put(indexEntryKey(index.id, part, recordId), ENTRY);
  }
}

function removeEntries(database: Database, index: Index, keys: readonly Buffer[], recordId: number): void {
  for (const part of keys) {
    database.store.indexes.remove(indexEntryKey(index.id, part, recordId));
  }
}

/**
 * Stores a new document, which has an `_id`. Within a transaction. If it throws, nothing was written.
 *
 * @throws CommandError DuplicateKey, BSONObjectTooLarge, CannotIndexParallelArrays
 */
export function insertRecord(database: Database, collection: Collection, document: Buffer): void {
  checkDocumentSize(document);
  const ids = collection.idIndex.keysOf(document);
  const [id] = ids.keys;
  if (id === undefined) {
    throw new CommandError("InternalError", "a document without _id cannot be stored");
  }
  const idKey = idIndexKey(collection, id);
  if (database.store.indexes.get(idKey) !== undefined) {
    throw duplicateKeyError(collection, collection.idIndex, ids.tuples[0] ?? []);
  }
  const recordId = collection.nextRecordId;
  const entries = collection.indexes.map((index) => [index, indexKeys(index, document)] as const);
  for (const [index, keys] of entries) {
    if (index.unique) {
      checkUnique(database, collection, index, keys, recordId);
    }
  }
  collection.nextRecordId++;
  collection.count++;
  collection.dataSize += document.length;
  database.catalog.touch(collection);
  noteShape(database, collection, collection.idIndex, ids);
  database.store.records.put(recordKey(collection.id, recordId), document);
  database.store.indexes.put(idKey, encodeRecordId(recordId));
  for (const [index, keys] of entries) {
    putEntries(database, collection, index, keys, recordId);
  }
}

function sameFields(index: Index, before: Buffer, after: Buffer): boolean {
  return (
    index.partialFilter === undefined &&
    index.key.every(([path]) => {
      const field = path.split(".", 1)[0] ?? path;
      const a = fieldOf(wholeDocument(before), field);
      const b = fieldOf(wholeDocument(after), field);
      return a.type === b.type && documentBytes(a).equals(documentBytes(b));
    })
  );
}

/**
 * Puts a new version of a document, with the same `_id`, in the old one's place. Within a transaction.
 *
 * @throws CommandError DuplicateKey, BSONObjectTooLarge, CannotIndexParallelArrays
 */
export function replaceRecord(
  database: Database,
  collection: Collection,
  recordId: number,
  before: Buffer,
  after: Buffer,
): void {
  checkDocumentSize(after);
  const changes = collection.indexes
    .filter((index) => !sameFields(index, before, after))
    .map((index) => [index, indexKeys(index, before), indexKeys(index, after)] as const);
  for (const [index, , keys] of changes) {
    if (index.unique) {
      checkUnique(database, collection, index, keys, recordId);
    }
  }
  for (const [index, oldKeys, newKeys] of changes) {
    removeEntries(database, index, without(oldKeys.keys, newKeys.keys), recordId);
    const added = { ...newKeys, keys: without(newKeys.keys, oldKeys.keys) };
    putEntries(database, collection, index, added, recordId);
  }
  collection.dataSize += after.length - before.length;
  database.catalog.touch(collection);
  database.store.records.put(recordKey(collection.id, recordId), after);
}

function without(keys: readonly Buffer[], others: readonly Buffer[]): readonly Buffer[] {
  if (others.length === 0 || keys.length === 0) {
    return keys;
  }
  const known = new Set(others.map((key) => key.toString("latin1")));
  return keys.filter((key) => !known.has(key.toString("latin1")));
}

/** Removes a document. Within a transaction. */
export function removeRecord(
  database: Database,
  collection: Collection,
  { recordId, document }: FoundRecord,
): void {
  for (const index of collection.indexes) {
    removeEntries(database, index, indexKeys(index, document).keys, recordId);
  }
  const [id] = collection.idIndex.keysOf(document).keys;
  if (id !== undefined) {
    database.store.indexes.remove(idIndexKey(collection, id));
  }
  database.store.records.remove(recordKey(collection.id, recordId));
  collection.count--;
  collection.dataSize -= document.length;
  database.catalog.touch(collection);
}

/** Adds a stored document to a new index. Within a transaction. */
export function addToIndex(
  database: Database,
  collection: Collection,
  index: Index,
  recordId: number,
  document: Buffer,
): void {
  const keys = indexKeys(index, document);
  if (index.unique) {
    checkUnique(database, collection, index, keys, recordId);
  }
  putEntries(database, collection, index, keys, recordId);
}
