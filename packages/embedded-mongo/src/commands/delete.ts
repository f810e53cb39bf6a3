import type { PlainDocument } from "../bson/bson-document.js";
import { int32Of } from "../bson/number-value.js";
import { EMPTY_DOCUMENT, MISSING, type RawValue, wholeDocument } from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { CommandError } from "../errors/command-error.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import { command } from "../protocol/command.js";
import { readVariables } from "../protocol/command-context.js";
import { checkFields, type FieldRule, fields, WRITE_KINDS } from "../protocol/command-fields.js";
import { collectionName } from "../protocol/command-request.js";
import { runStatements, withWriteErrors } from "../protocol/write-errors.js";
import { compileQueryFilter } from "../query/query-filter.js";
import type { Database } from "../records/database.js";
import { onlyId } from "../records/find-by-id.js";
import type { Query } from "../records/find-records.js";
import type { Pause } from "../records/pause.js";
import { findAtOnce, writeFound } from "../records/write-found.js";
import { removeRecord } from "../records/write-records.js";

const DELETE_FIELDS = fields({ ...WRITE_KINDS, documents: "deletes", object: "let", required: "deletes" });

const limit: FieldRule = (_path, value) => {
  const most = int32Of(value);
  if (most !== 0 && most !== 1) {
    const message = `The limit field in delete objects must be 0 or 1. Got ${shellText(value)}`;
    throw new CommandError("FailedToParse", message);
  }
};

const STATEMENT_FIELDS = fields(
  { object: "q", hint: "hint", refused: "collation", required: "q limit" },
  { limit },
);

export const deleteCommand = command(DELETE_FIELDS, function* (context, request): Generator<
  Pause,
  PlainDocument
> {
  const name = collectionName(request);
  const { database } = context;
  const { db } = request;
  const variables = readVariables(context, request);
  const { outcomes, errors } = yield* runStatements(request, {
    field: "deletes",
    read: (bytes) => readStatement(bytes, variables),
    write: database.writeDeletion,
    runAtOnce: (statement) => deleteAtOnce(database, { db, name }, statement),
    runLong: (statement) =>
      writeFound(database, {
        db,
        name,
        query: statement.query(),
        write: database.writeDeletion,
        change: (collection, record) => removeRecord(database, collection, record),
      }),
  });
  return withWriteErrors({ n: outcomes.reduce((sum, { outcome }) => sum + outcome, 0) }, errors);
});

interface DeleteStatement {
  /** The value of `_id` where the statement has nothing else to find documents by. */
  readonly id: RawValue | undefined;
  query(): Query;
}

/** @param bytes of a statement of the command `delete` */
function readStatement(bytes: Buffer, { context, values }: CommandVariables): DeleteStatement {
  const fields = checkFields("delete.deletes", wholeDocument(bytes), STATEMENT_FIELDS);
  const { q: filter = EMPTY_DOCUMENT, limit = MISSING, hint } = Object.fromEntries(fields);
  return {
    id: hint === undefined ? onlyId(filter) : undefined,
    query: () => ({
      ...compileQueryFilter(filter, context)(values),
      limit: int32Of(limit) ?? 0,
      hint,
    }),
  };
}

/** @returns how many documents were removed; undefined: it takes long */
function deleteAtOnce(
  database: Database,
  { db, name }: { readonly db: string; readonly name: string },
  { id, query }: DeleteStatement,
): number | undefined {
  const collection = database.catalog.get(db, name);
  if (collection === undefined) {
    query();
    return 0;
  }
  const found = findAtOnce(database, collection, query, id);
  for (const record of found ?? []) {
    removeRecord(database, collection, record);
  }
  return found?.length;
}
