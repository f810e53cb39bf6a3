import type { RawValue } from "../bson/raw-value.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import type { KeyPattern } from "../query/index-keys.js";
import { type Database, ensureCollection } from "../records/database.js";
import type { Pause } from "../records/pause.js";
import { changeAtOnce, changeInParts, type FoundChange, searchFor } from "../records/write-found.js";
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
  /** The last updated document, before and after. */
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
 * @returns undefined: it would take long; nothing was done, and `updateInParts` must do it
 */
export function updateAtOnce(
  database: Database,
  namespace: Namespace,
  statement: UpdateStatement,
): UpdateOutcome | undefined {
  const { change, end } = startUpdate(database, namespace, statement);
  return changeAtOnce(database, change) === undefined ? undefined : end();
}

/** The same outside of a transaction, with pauses: first it finds the documents, then it updates them in one or several transactions. */
export function* updateInParts(
  database: Database,
  namespace: Namespace,
  statement: UpdateStatement,
): Generator<Pause, UpdateOutcome, undefined> {
  const { change, end } = startUpdate(database, namespace, statement);
  yield* changeInParts(database, change);
  return database.write(end);
}

function startUpdate(database: Database, namespace: Namespace, statement: UpdateStatement) {
  const { filter, update, multi, upsert, variables, hint, sort } = statement;
  const apply = compileUpdate(update, variables, multi);
  let matched = 0;
  let modified = 0;
  let before: Buffer | undefined;
  let after: Buffer | undefined;
  const change: FoundChange = {
    ...namespace,
    ...searchFor(filter, variables, { hint, sort, limit: multi ? 0 : 1 }),
    write: database.write,
    change: (collection, record) => {
      before = record.document;
      after = apply(before, false);
      if (after !== before) {
        replaceRecord(database, collection, record.recordId, before, after);
        modified++;
      }
      matched++;
    },
  };
  return {
    change,
    /** Inserts if nothing matched. Within a transaction. */
    end: (): UpdateOutcome => {
      if (matched > 0 || !upsert) {
        return { matched, modified, upsertedId: undefined, before, after };
      }
      const inserted = withId(apply(upsertBase(filter, isReplacement(update)), true));
      insertRecord(database, ensureCollection(database, namespace.db, namespace.name), inserted);
      return { matched: 0, modified: 0, upsertedId: idOf(inserted), before: undefined, after: inserted };
    },
  };
}
