import type { PlainDocument } from "../bson/bson-document.js";
import { BsonType } from "../bson/bson-type.js";
import { EMPTY_DOCUMENT, isTrue, MISSING, type RawValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import { command } from "../protocol/command.js";
import { readVariables } from "../protocol/command-context.js";
import { checkFields, fields, refused, WRITE_KINDS } from "../protocol/command-fields.js";
import { collectionName } from "../protocol/command-request.js";
import { runStatements, withWriteErrors } from "../protocol/run-statements.js";
import { sortPatternOf } from "../query/key-pattern.js";
import type { Pause } from "../records/pause.js";
import { stageNames } from "../update/pipeline-update.js";
import { type UpdateStatement, updateAtOnce, updateInParts } from "../update/run-update.js";

const UPDATE_FIELDS = fields({ ...WRITE_KINDS, documents: "updates", object: "let", required: "updates" });

const STATEMENT_FIELDS = fields(
  {
    object: "q sort",
    any: "u",
    bool: "multi upsert",
    hint: "hint",
    refused: "collation c upsertSupplied",
    required: "q u",
  },
  { arrayFilters: refused("FailedToParse") },
);

export const update = command(UPDATE_FIELDS, function* (context, request): Generator<Pause, PlainDocument> {
  const namespace = { db: request.db, name: collectionName(request) };
  const variables = readVariables(context, request);
  const { database } = context;
  const { outcomes, errors } = yield* runStatements(request, {
    field: "updates",
    read: (statement) => readStatement(statement, variables),
    write: database.write,
    runAtOnce: (statement) => updateAtOnce(database, namespace, statement()),
    runLong: (statement) => updateInParts(database, namespace, statement()),
  });
  const upserted = outcomes
    .filter(({ outcome }) => outcome.upsertedId !== undefined)
    .map(({ index, outcome }) => ({ index, _id: outcome.upsertedId }));
  const matched = outcomes.reduce((sum, { outcome }) => sum + outcome.matched, 0);
  const nModified = outcomes.reduce((sum, { outcome }) => sum + outcome.modified, 0);
  return withWriteErrors(
    { n: matched + upserted.length, nModified, ...(upserted.length > 0 && { upserted }) },
    errors,
  );
});

/** Checks a statement's fields and the names of stages. Its update is checked when it is run. */
function readStatement(statement: RawValue, variables: CommandVariables): () => UpdateStatement {
  const fields = checkFields("update.updates", statement, STATEMENT_FIELDS);
  const {
    q: filter = EMPTY_DOCUMENT,
    u: update = MISSING,
    multi = MISSING,
    upsert = MISSING,
    hint,
    sort,
  } = Object.fromEntries(fields);
  if (sort !== undefined && isTrue(multi)) {
    throw new CommandError("FailedToParse", "Cannot specify sort with multi=true");
  }
  if (update.type === BsonType.array) {
    stageNames(update);
  }
  return () => ({
    filter,
    update,
    multi: isTrue(multi),
    upsert: isTrue(upsert),
    variables,
    hint,
    sort: sort && sortPatternOf(sort),
  });
}
