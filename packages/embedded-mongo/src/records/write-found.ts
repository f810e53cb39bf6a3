import type { RawValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import { compileQueryFilter } from "../query/query-filter.js";
import { recordKey } from "../storage/table-keys.js";
import type { Collection } from "./catalog.js";
import { type Database, MAX_TRANSACTION_MS } from "./database.js";
import { findById, onlyId } from "./find-by-id.js";
import {
  checkStillThere,
  type FoundRecord,
  findRecordIds,
  findRecords,
  matcherOf,
  type Query,
} from "./find-records.js";
import { PAUSE, type Pause, takeItems } from "./pause.js";

/** A search with more pauses (some 1,000 documents examined), or one that takes longer, runs outside of a transaction. */
const MAX_PAUSES = 32;
/** How many documents, and bytes of them, one transaction changes and holds in memory. */
const MAX_DOCUMENTS = 1_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** Which records a statement changes. */
export interface Search {
  /** The query is nothing but this `_id`. */
  readonly id?: RawValue | undefined;
  readonly query: () => Query;
}

/** @param options of the query, besides its filter */
export function searchFor(
  filter: RawValue,
  { context, values }: CommandVariables,
  options: Pick<Query, "hint" | "limit" | "sort">,
): Search {
  return {
    id: options.hint === undefined ? onlyId(filter) : undefined,
    query: () => ({ ...compileQueryFilter(filter, context)(values), ...options }),
  };
}

/** A change to each record of a search. */
export interface FoundChange extends Search {
  readonly db: string;
  readonly name: string;
  /** `Database.write` or `Database.writeDeletion`. */
  readonly write: <T>(run: () => T) => T;
  /** Within a transaction. */
  readonly change: (collection: Collection, record: FoundRecord) => void;
}

/** Changes the records of a search in one transaction, or in several if that takes long. @returns how many were changed */
export function* changeFound(database: Database, change: FoundChange): Generator<Pause, number, undefined> {
  return change.write(() => changeAtOnce(database, change)) ?? (yield* changeInParts(database, change));
}

/**
 * Changes the records of a search if they are found soon. Within a transaction.
 *
 * @returns how many were changed; undefined: none, and `changeInParts` must do it
 */
export function changeAtOnce(
  database: Database,
  { db, name, id, query, change }: FoundChange,
): number | undefined {
  const collection = database.catalog.get(db, name);
  if (collection === undefined) {
    query();
    return 0;
  }
  const found =
    id === undefined ? findAtOnce(database, collection, query()) : findById(database, collection, id);
  for (const record of found ?? []) {
    change(collection, record);
  }
  return found?.length;
}

function findAtOnce(
  database: Database,
  collection: Collection,
  query: Query,
): readonly FoundRecord[] | undefined {
  const found: FoundRecord[] = [];
  const started = performance.now();
  let pauses = 0;
  for (const record of findRecords(database, collection, query)) {
    if (record !== PAUSE) {
      found.push(record);
    } else if (++pauses > MAX_PAUSES || performance.now() - started > MAX_TRANSACTION_MS) {
      return undefined;
    }
  }
  return found;
}

/**
 * Finds the records of a search, then changes those that still match, in transactions of up to 1,000 documents, 4 MB or
 * 50 ms. Outside of a transaction. If there is a limit and others have meanwhile changed all that was found, it searches
 * again.
 *
 * @returns how many were changed
 * @throws CommandError that `change` throws, or QueryPlanKilled if the collection was dropped; earlier changes stay
 */
export function* changeInParts(database: Database, change: FoundChange): Generator<Pause, number, undefined> {
  const query = change.query();
  for (;;) {
    const collection = database.catalog.get(change.db, change.name);
    if (collection === undefined) {
      return 0;
    }
    const recordIds: number[] = [];
    yield* takeItems(findRecordIds(database, collection, query), (recordId) => recordIds.push(recordId));
    const changed = yield* changeRecords(database, change, { collection, query, recordIds });
    if (changed > 0 || recordIds.length === 0 || !query.limit) {
      return changed;
    }
    yield PAUSE;
  }
}

interface FoundIds {
  readonly collection: Collection;
  readonly query: Query;
  readonly recordIds: readonly number[];
}

function* changeRecords(
  database: Database,
  { write, change }: FoundChange,
  { collection, query, recordIds }: FoundIds,
): Generator<Pause, number, undefined> {
  const matches = matcherOf(query);
  let changed = 0;
  for (let at = 0; at < recordIds.length; ) {
    const part = write(() => {
      const current = checkStillThere(database, collection);
      return changePart(database, current, recordIds.slice(at, at + MAX_DOCUMENTS), matches, change);
    });
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
    if (bytes >= MAX_BYTES || performance.now() - started > MAX_TRANSACTION_MS) {
      return { done: i + 1, changed };
    }
  }
  return { done: recordIds.length, changed };
}
