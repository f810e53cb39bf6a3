import type { PlainDocument } from "../bson/bson-document.js";
import { int32Of } from "../bson/number-value.js";
import { EMPTY_DOCUMENT, MISSING, type RawValue } from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { CommandError } from "../errors/command-error.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import { command } from "../protocol/command.js";
import { readVariables } from "../protocol/command-context.js";
import { checkFields, type FieldRule, fields, WRITE_KINDS } from "../protocol/command-fields.js";
import { collectionName } from "../protocol/command-request.js";
import { runStatements, withWriteErrors } from "../protocol/run-statements.js";
import type { Collection } from "../records/catalog.js";
import type { FoundRecord } from "../records/find-records.js";
import type { Pause } from "../records/pause.js";
import {
  changeAtOnce,
  changeInParts,
  type FoundChange,
  type Search,
  searchFor,
} from "../records/write-found.js";
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
  const { database } = context;
  const variables = readVariables(context, request);
  const shared = {
    db: request.db,
    name: collectionName(request),
    write: database.writeDeletion,
    change: (collection: Collection, record: FoundRecord) => removeRecord(database, collection, record),
  };
  const { outcomes, errors } = yield* runStatements(request, {
    field: "deletes",
    read: (statement): FoundChange => ({ ...shared, ...readSearch(statement, variables) }),
    write: database.writeDeletion,
    runAtOnce: (deletion) => changeAtOnce(database, deletion),
    runLong: (deletion) => changeInParts(database, deletion),
  });
  return withWriteErrors({ n: outcomes.reduce((sum, { outcome }) => sum + outcome, 0) }, errors);
});

function readSearch(statement: RawValue, variables: CommandVariables): Search {
  const fields = checkFields("delete.deletes", statement, STATEMENT_FIELDS);
  const { q: filter = EMPTY_DOCUMENT, limit = MISSING, hint } = Object.fromEntries(fields);
  return searchFor(filter, variables, { limit: int32Of(limit) ?? 0, hint });
}
