import { decodeTyped } from "../bson/bson-codec.js";
import { firstElement, joinElements, type RawElement } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { decodeValue, type RawValue, wholeDocument } from "../bson/raw-value.js";
import { sortableBytes } from "../bson/sortable-value.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import type { KeyPattern } from "../query/index-keys.js";
import { keyPart, partLimit } from "../query/index-keys.js";
import { compileQueryFilter } from "../query/query-filter.js";
import type { Collection } from "../records/catalog.js";
import { type Database, ensureCollection } from "../records/database.js";
import type { FoundRecord, Query } from "../records/find-records.js";
import type { Pause } from "../records/pause.js";
import { findAtOnce, writeFound } from "../records/write-found.js";
import { idIndexKey, insertRecord, replaceRecord } from "../records/write-records.js";
import { recordKey, trailingRecordId } from "../storage/table-keys.js";
import { compileUpdate, idOf, withId } from "./compile-update.js";
import { upsertBase } from "./upsert-base.js";

export interface UpdateStatement {
  /** Bytes of the filter. */
  readonly filter: Buffer;
  /** Operators, a replacement, or a pipeline. */
  readonly update: RawValue;
  readonly multi: boolean;
  readonly upsert: boolean;
  readonly variables: CommandVariables;
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

interface Namespace {
  readonly db: string;
  readonly name: string;
}

/**
 * Updates what a statement matches, or inserts. Within a transaction.
 *
 * @returns undefined: it takes long, and `updateInParts` has to do it
 */
export function updateAtOnce(
  database: Database,
  { db, name }: Namespace,
  statement: UpdateStatement,
): UpdateOutcome | undefined {
  const running = startUpdate(database, statement);
  const collection =
    database.catalog.get(db, name) ?? (statement.upsert ? ensureCollection(database, db, name) : undefined);
  if (collection === undefined) {
    return running.outcome();
  }
  const id = statement.hint === undefined ? onlyId(statement.filter) : undefined;
  const found =
    id === undefined
      ? findAtOnce(database, collection, queryOf(statement))
      : one(findById(database, collection, statement.filter, id));
  if (found === undefined) {
    return undefined;
  }
  for (const record of found) {
    running.change(collection, record);
  }
  return found.length > 0 || !statement.upsert ? running.outcome() : running.upsert(collection);
}

/** The same outside of a transaction, with pauses: it finds first, and updates in one transaction or several. */
export function* updateInParts(
  database: Database,
  { db, name }: Namespace,
  statement: UpdateStatement,
): Generator<Pause, UpdateOutcome, undefined> {
  const { change, outcome, upsert } = startUpdate(database, statement);
  const query = queryOf(statement);
  const matched = yield* writeFound(database, { db, name, query, write: database.write, change });
  return matched > 0 || !statement.upsert
    ? outcome()
    : database.write(() => upsert(ensureCollection(database, db, name)));
}

function startUpdate(database: Database, statement: UpdateStatement) {
  const apply = compileUpdate(statement.update, statement.variables, statement.multi);
  let matched = 0;
  let modified = 0;
  let before: Buffer | undefined;
  let after: Buffer | undefined;
  return {
    /** Within a transaction. */
    change: (collection: Collection, record: FoundRecord): void => {
      before = record.document;
      after = apply(before, false);
      if (after !== before) {
        replaceRecord(database, collection, record.recordId, before, after);
        modified++;
      }
      matched++;
    },
    outcome: (): UpdateOutcome => ({ matched, modified, upsertedId: undefined, before, after }),
    /** Within a transaction, where nothing matched. */
    upsert: (collection: Collection): UpdateOutcome => {
      const id = onlyId(statement.filter);
      const base =
        id === undefined
          ? upsertBase(wholeDocument(statement.filter))
          : joinElements([statement.filter.subarray(id.start, id.end)]);
      const inserted = withId(apply(base, true));
      insertRecord(database, collection, inserted, id !== undefined);
      const upsertedId = decodeValue(idOf(inserted));
      return { matched: 0, modified: 0, upsertedId, before: undefined, after: inserted };
    },
  };
}

function queryOf({ filter, hint, variables, sort, multi }: UpdateStatement): Query {
  const search = compileQueryFilter(decodeTyped(filter), variables.context);
  return { ...search(variables.values), hint, sort, limit: multi ? 0 : 1 };
}

function one(record: FoundRecord | undefined): FoundRecord[] {
  return record === undefined ? [] : [record];
}
