import type { RawValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { recordKey } from "../storage/table-keys.js";
import type { Collection } from "./catalog.js";
import type { Database } from "./database.js";
import { findById } from "./find-by-id.js";
import { type FoundRecord, findRecords, matcherOf, type Query } from "./find-records.js";
import { PAUSE, type Pause, takeItems } from "./pause.js";

/** What is found with more pauses than this, some 1,000 documents examined, or later, is found outside of a transaction. */
const MAX_PAUSES = 32;
/** Neither takes longer, but for what a single document takes. */
const MAX_MS = 50;
/** One of the transactions of a statement changes as many documents, and holds them in memory. */
const MAX_DOCUMENTS = 1_000;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * The records of a query, where there are not many and they are found soon. Within a transaction.
 *
 * @param id their query is nothing but this `_id`
 * @returns undefined: `writeFound` has to do it
 */
export function findAtOnce(
  database: Database,
  collection: Collection,
  query: () => Query,
  id?: RawValue,
): readonly FoundRecord[] | undefined {
  if (id !== undefined) {
    const record = findById(database, collection, id);
    return record === undefined ? [] : [record];
  }
  const found: FoundRecord[] = [];
  const started = performance.now();
  let pauses = 0;
  for (const record of findRecords(database, collection, query())) {
    if (record !== PAUSE) {
      found.push(record);
    } else if (++pauses > MAX_PAUSES || performance.now() - started > MAX_MS) {
      return undefined;
    }
  }
  return found;
}

/** A change to each record of a query. */
export interface FoundChange {
  readonly db: string;
  readonly name: string;
  readonly query: Query;
  /** `Database.write` or `Database.writeDeletion`. */
  readonly write: <T>(run: () => T) => T;
  /** Within a transaction. */
  readonly change: (collection: Collection, record: FoundRecord) => void;
}

/**
 * Finds the records of a query, then changes those that still match: up to 1,000 documents, 4 MB
 * or 50 ms in a transaction, and more in several. Outside of a transaction.
 *
 * @returns how many were changed
 * @throws CommandError that `change` throws; what was changed before it stays changed
 */
export function* writeFound(database: Database, change: FoundChange): Generator<Pause, number, undefined> {
  const collection = database.catalog.get(change.db, change.name);
  const recordIds: number[] = [];
  const found = collection === undefined ? [] : findRecords(database, collection, change.query);
  yield* takeItems(found, ({ recordId }) => recordIds.push(recordId));
  const matches = matcherOf(change.query);
  let changed = 0;
  for (let at = 0; at < recordIds.length; ) {
    const part = change.write(() => {
      const current = database.catalog.get(change.db, change.name);
      return current === undefined || current.id !== collection?.id
        ? undefined
        : changePart(database, current, recordIds.slice(at, at + MAX_DOCUMENTS), matches, change.change);
    });
    if (part === undefined) {
      break;
    }
    if (part.error !== undefined) {
      throw part.error;
    }
    changed += part.changed;
    at += part.done;
    if (at < recordIds.length) {
      yield PAUSE;
    }
  }
  return changed;
}

interface Part {
  /** How many record ids were looked at. */
  readonly done: number;
  readonly changed: number;
  readonly error?: CommandError;
}

function changePart(
  database: Database,
  collection: Collection,
  recordIds: readonly number[],
  matches: (document: Buffer) => boolean,
  change: FoundChange["change"],
): Part {
  const started = performance.now();
  let changed = 0;
  let bytes = 0;
  for (const [i, recordId] of recordIds.entries()) {
    const document = database.store.records.get(recordKey(collection.id, recordId));
    if (document !== undefined && matches(document)) {
      try {
        change(collection, { recordId, document });
      } catch (error) {
        if (error instanceof CommandError) {
          return { done: i, changed, error };
        }
        throw error;
      }
      changed++;
      bytes += document.length;
    }
    if (bytes >= MAX_BYTES || performance.now() - started > MAX_MS) {
      return { done: i + 1, changed };
    }
  }
  return { done: recordIds.length, changed };
}
