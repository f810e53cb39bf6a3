import { CommandError } from "../errors/command-error.js";
import type { IndexKeys } from "../query/index-keys.js";
import { hasSameFields, type IndexedField } from "../query/indexed-fields.js";
import {
  afterPrefix,
  concat,
  encodeRecordId,
  idPrefix,
  RECORD_ID_BYTES,
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

/** Key of the index on `_id`; its value is the record id. */
export function idIndexKey(collection: Collection, part: Buffer): Buffer {
  return concat(idPrefix(collection.idIndex.id), part);
}

/** What an index has of a document: the keys are those of its entries. */
interface IndexEntries {
  readonly index: Index;
  readonly keys: IndexKeys;
}

function entriesOf(
  index: Index,
  document: Buffer,
  fields: readonly IndexedField[],
  recordId: Buffer,
): IndexEntries {
  return { index, keys: index.covers(document) ? index.keysOf(fields, recordId) : NO_KEYS };
}

/** Those of all indexes but the one on `_id`. */
function allEntriesOf(
  { indexes, fieldsOfIndexes }: Collection,
  document: Buffer,
  recordId: number,
): readonly IndexEntries[] {
  const suffix = encodeRecordId(recordId);
  const fields = fieldsOfIndexes(document);
  return indexes.map((index, i) => entriesOf(index, document, fields[i] ?? [], suffix));
}

function checkUnique(
  database: Database,
  collection: Collection,
  { index, keys: { keys, tuples } }: IndexEntries,
  ownRecordId: number,
): void {
  if (!index.unique) {
    return;
  }
  for (const [i, own] of keys.entries()) {
    const prefix = own.subarray(0, -RECORD_ID_BYTES);
    for (const key of database.store.indexes.keys(prefix, afterPrefix(prefix))) {
      if (key.length === own.length && trailingRecordId(key) !== ownRecordId) {
        throw duplicateKeyError(collection, index, tuples[i] ?? []);
      }
    }
  }
}

/** Notes what keys tell of an index: where it is multikey, and whether one was cut. Within a transaction. */
export function noteShape(
  database: Database,
  collection: Collection,
  index: Index,
  keys: Pick<IndexKeys, "multikeyPaths" | "truncated">,
): void {
  const newPaths = keys.multikeyPaths.filter((path) => !index.multikeyPaths.includes(path));
  if (newPaths.length > 0 || (keys.truncated && !index.truncated)) {
    index.multikeyPaths = [...index.multikeyPaths, ...newPaths];
    index.truncated ||= keys.truncated;
    database.catalog.touch(collection);
  }
}

function putEntries(database: Database, collection: Collection, { index, keys }: IndexEntries): void {
  noteShape(database, collection, index, keys);
  for (const key of keys.keys) {
    putEntry(database, key);
  }
}

/** Within a transaction. */
export function putEntry(database: Database, key: Buffer): void {
  database.store.indexes.put(key, ENTRY);
}

function removeEntries(database: Database, keys: readonly Buffer[]): void {
  for (const key of keys) {
    database.store.indexes.remove(key);
  }
}

/** The key of the index on `_id`, whose value is the record id. */
function idKeysOf({ idIndex }: Collection, document: Buffer): IndexKeys {
  return idIndex.keysOf(idIndex.fieldsOf(document));
}

/**
 * Stores a new document, which has an `_id`. Within a transaction. If it throws, nothing was written.
 *
 * @throws CommandError DuplicateKey, BSONObjectTooLarge, CannotIndexParallelArrays
 */
export function insertRecord(database: Database, collection: Collection, document: Buffer): void {
  checkDocumentSize(document);
  const ids = idKeysOf(collection, document);
  const [idKey] = ids.keys;
  if (idKey === undefined) {
    throw new CommandError("InternalError", "a document without _id cannot be stored");
  }
  if (database.store.indexes.get(idKey) !== undefined) {
    throw duplicateKeyError(collection, collection.idIndex, ids.tuples[0] ?? []);
  }
  const recordId = collection.nextRecordId;
  const entries = allEntriesOf(collection, document, recordId);
  for (const ofIndex of entries) {
    checkUnique(database, collection, ofIndex, recordId);
  }
  collection.nextRecordId++;
  collection.count++;
  collection.dataSize += document.length;
  database.catalog.touch(collection);
  noteShape(database, collection, collection.idIndex, ids);
  database.store.records.put(recordKey(collection.id, recordId), document);
  database.store.indexes.put(idKey, encodeRecordId(recordId));
  for (const ofIndex of entries) {
    putEntries(database, collection, ofIndex);
  }
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
  const changes = changedEntries(collection, recordId, before, after);
  for (const { entries } of changes) {
    checkUnique(database, collection, entries, recordId);
  }
  for (const {
    entries: { index, keys },
    removed,
  } of changes) {
    database.changedInBuild.get(index.id)?.add(recordId);
    removeEntries(database, without(removed, keys.keys));
    putEntries(database, collection, { index, keys: { ...keys, keys: without(keys.keys, removed) } });
  }
  collection.dataSize += after.length - before.length;
  database.catalog.touch(collection);
  database.store.records.put(recordKey(collection.id, recordId), after);
}

/** What indexes have of two versions of a document, without those that have the same. */
function changedEntries(collection: Collection, recordId: number, before: Buffer, after: Buffer) {
  const suffix = encodeRecordId(recordId);
  const fieldsBefore = collection.fieldsOfIndexes(before);
  const fieldsAfter = collection.fieldsOfIndexes(after);
  return collection.indexes.flatMap((index, i) => {
    const [old = [], fresh = []] = [fieldsBefore[i], fieldsAfter[i]];
    return index.partialFilter === undefined && hasSameFields(old, fresh)
      ? []
      : {
          removed: entriesOf(index, before, old, suffix).keys.keys,
          entries: entriesOf(index, after, fresh, suffix),
        };
  });
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
  for (const { index, keys } of allEntriesOf(collection, document, recordId)) {
    database.changedInBuild.get(index.id)?.add(recordId);
    removeEntries(database, keys.keys);
  }
  removeEntries(database, idKeysOf(collection, document).keys);
  database.store.records.remove(recordKey(collection.id, recordId));
  collection.count--;
  collection.dataSize -= document.length;
  database.catalog.touch(collection);
}

/** The keys of a stored document's entries in an index. */
export function entryKeys(index: Index, recordId: number, document: Buffer): IndexKeys {
  return entriesOf(index, document, index.fieldsOf(document), encodeRecordId(recordId)).keys;
}

/** Adds a stored document to a new index. Within a transaction. */
export function addToIndex(
  database: Database,
  collection: Collection,
  index: Index,
  recordId: number,
  document: Buffer,
): void {
  const entries = { index, keys: entryKeys(index, recordId, document) };
  checkUnique(database, collection, entries, recordId);
  putEntries(database, collection, entries);
}
