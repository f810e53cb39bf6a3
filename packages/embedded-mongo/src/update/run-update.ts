import type { RawValue } from "../bson/raw-value.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import type { KeyPattern } from "../query/index-keys.js";
import { compileQueryFilter } from "../query/query-filter.js";
import type { Collection } from "../records/catalog.js";
import { type Database, ensureCollection } from "../records/database.js";
import { onlyId } from "../records/find-by-id.js";
import type { FoundRecord, Query } from "../records/find-records.js";
import type { Pause } from "../records/pause.js";
import { findAtOnce, writeFound } from "../records/write-found.js";
import { insertRecord, replaceRecord } from "../records/write-records.js";
import { compileUpdate, idOf, isReplacement, withId } from "./compile-update.js";
import { upsertBase } from "./upsert-base.js";

export interface UpdateStatement {
  readonly filter: RawValue;
  /** Operators, a replacement, or a pipeline. */
  readonly update: RawValue;
  readonly multi: boolean;
  readonly upsert: boolean;
  readonly variables: CommandVariables;
  readonly hint?: RawValue | undefined;
  readonly sort?: KeyPattern | undefined;
}

export interface UpdateOutcome {
  readonly matched: number;
  readonly modified: number;
  /** The `_id` of the new document. */
  readonly upsertedId: RawValue | undefined;
  /** The document before and after, where one was updated. */
  readonly before: Buffer | undefined;
  readonly after: Buffer | undefined;
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
  const { filter, hint } = statement;
  const id = hint === undefined ? onlyId(filter) : undefined;
  const found = findAtOnce(database, collection, () => queryOf(statement), id);
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
      const base = upsertBase(statement.filter, isReplacement(statement.update));
      const inserted = withId(apply(base, true));
      insertRecord(database, collection, inserted);
      const upsertedId = idOf(inserted);
      return { matched: 0, modified: 0, upsertedId, before: undefined, after: inserted };
    },
  };
}

function queryOf({ filter, hint, variables, sort, multi }: UpdateStatement): Query {
  const search = compileQueryFilter(filter, variables.context);
  return { ...search(variables.values), hint, sort, limit: multi ? 0 : 1 };
}
