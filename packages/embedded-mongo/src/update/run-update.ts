import { decodeTyped, pickElements } from "../bson/bson-codec.js";
import type { PlainDocument } from "../bson/bson-document.js";
import { findElement, firstElement, joinElements, type RawElement } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { sortableBytes } from "../bson/sortable-value.js";
import { CommandError } from "../errors/command-error.js";
import type { KeyPattern } from "../query/index-keys.js";
import { keyPart, partLimit } from "../query/index-keys.js";
import type { Collection } from "../records/catalog.js";
import type { Database } from "../records/database.js";
import { type FoundRecord, findRecords } from "../records/find-records.js";
import { withoutPauses } from "../records/pause.js";
import { idIndexKey, insertRecord, replaceRecord } from "../records/write-records.js";
import { recordKey, trailingRecordId } from "../storage/table-keys.js";
import { compileUpdate, withId } from "./compile-update.js";
import type { Update } from "./parse-update.js";
import { upsertBase } from "./upsert-base.js";

export interface UpdateStatement {
  /** Bytes of the filter. */
  readonly filter: Buffer;
  readonly update: Update;
  readonly multi: boolean;
  readonly upsert: boolean;
  readonly variables?: PlainDocument | undefined;
  readonly hint?: unknown;
  readonly sort?: KeyPattern | undefined;
}

export interface UpdateOutcome {
  readonly matched: number;
  readonly modified: number;
  /** The `_id` of the new document. */
  readonly upsertedId: unknown;
  /** The document before and after, where one was updated. */
  readonly before: Buffer | undefined;
  readonly after: Buffer | undefined;
}

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
export function onlyId(filter: Buffer): RawElement | undefined {
  const id = firstElement(filter);
  return id?.name === "_id" && id.end === filter.length - 1 && ID_TYPES.has(id.type) ? id : undefined;
}

const ID_LIMIT = partLimit(1);
const ID: ReadonlySet<string> = new Set(["_id"]);

/** The record with that `_id`, without the query language. */
export function findById(
  database: Database,
  collection: Collection,
  filter: Buffer,
  id: RawElement,
): FoundRecord | undefined {
  const part = keyPart(sortableBytes(filter, id.type, id.value, id.end), 1, ID_LIMIT);
  const entry = database.store.indexes.get(idIndexKey(collection, part));
  if (entry === undefined) {
    return undefined;
  }
  const recordId = trailingRecordId(entry);
  const document = database.store.records.get(recordKey(collection.id, recordId));
  return document === undefined ? undefined : { recordId, document };
}

/** Updates what a statement matches, or inserts. Within a transaction. */
export function runUpdate(
  database: Database,
  collection: Collection,
  statement: UpdateStatement,
): UpdateOutcome {
  const { update } = statement;
  if (statement.multi && update.kind === "replace") {
    throw new CommandError("FailedToParse", "multi update is not supported for replacement-style update");
  }
  const id = onlyId(statement.filter);
  let decoded: PlainDocument | undefined;
  const filter = (): PlainDocument => {
    decoded ??= decodeTyped(statement.filter);
    return decoded;
  };
  const apply = compileUpdate(update, statement.variables);
  const found =
    id === undefined
      ? matching(database, collection, statement, filter())
      : one(findById(database, collection, statement.filter, id));
  let matched = 0;
  let modified = 0;
  let before: Buffer | undefined;
  let after: Buffer | undefined;
  for (const record of found) {
    matched++;
    before = record.document;
    after = apply(before, false);
    if (after !== before) {
      replaceRecord(database, collection, record.recordId, before, after);
      modified++;
    }
  }
  if (matched > 0 || !statement.upsert) {
    return { matched, modified, upsertedId: undefined, before, after };
  }
  const base =
    id === undefined ? upsertBase(filter()) : joinElements([statement.filter.subarray(id.start, id.end)]);
  const inserted = withId(apply(base, true));
  checkUpsertedId(base, inserted);
  insertRecord(database, collection, inserted, id !== undefined);
  return {
    matched: 0,
    modified: 0,
    upsertedId: decodeTyped(pickElements(inserted, ID))._id,
    before: undefined,
    after: inserted,
  };
}

function checkUpsertedId(base: Buffer, inserted: Buffer): void {
  const wanted = findElement(base, "_id");
  const actual = findElement(inserted, "_id");
  if (wanted === undefined || actual === undefined) {
    return;
  }
  if (inserted.compare(base, wanted.start, wanted.end, actual.start, actual.end) !== 0) {
    throw new CommandError(
      "ImmutableField",
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    );
  }
}

function one(record: FoundRecord | undefined): FoundRecord[] {
  return record === undefined ? [] : [record];
}

/** All are found before the first is changed, so a changed document is not met again. */
function matching(
  database: Database,
  collection: Collection,
  statement: UpdateStatement,
  filter: PlainDocument,
): FoundRecord[] {
  return [
    ...withoutPauses(
      findRecords(database, collection, {
        filter,
        hint: statement.hint,
        variables: statement.variables,
        sort: statement.sort,
        limit: statement.multi ? 0 : 1,
      }),
    ),
  ];
}
