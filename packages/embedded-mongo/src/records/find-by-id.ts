import { firstElement } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import type { RawValue } from "../bson/raw-value.js";
import { keyPart, partLimit } from "../query/index-keys.js";
import { recordKey, trailingRecordId } from "../storage/table-keys.js";
import type { Collection } from "./catalog.js";
import type { Database } from "./database.js";
import type { FoundRecord } from "./find-records.js";
import { idIndexKey } from "./write-records.js";

const ID_TYPES: ReadonlySet<number> = new Set([
  BsonType.string,
  BsonType.objectId,
  BsonType.int,
  BsonType.long,
  BsonType.double,
  BsonType.date,
  BsonType.binary,
]);

/** The value of a filter that is nothing but `{ _id: value }`. */
export function onlyId({ bytes, at, end }: RawValue): RawValue | undefined {
  const id = firstElement(bytes, at);
  return id?.name === "_id" && id.end === end - 1 && ID_TYPES.has(id.type)
    ? { bytes, type: id.type, at: id.value, end: id.end }
    : undefined;
}

const ID_LIMIT = partLimit(1);

/** The record with that `_id`, if there is one, without the query language. */
export function findById(database: Database, collection: Collection, id: RawValue): readonly FoundRecord[] {
  const part = keyPart(id, 1, ID_LIMIT);
  const entry = database.store.indexes.get(idIndexKey(collection, part));
  if (entry === undefined) {
    return [];
  }
  const recordId = trailingRecordId(entry);
  const document = database.store.records.get(recordKey(collection.id, recordId));
  return document === undefined ? [] : [{ recordId, document }];
}
