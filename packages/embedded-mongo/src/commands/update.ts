import { decodeTyped, decodeTypedElement } from "../bson/bson-codec.js";
import type { PlainDocument } from "../bson/bson-document.js";
import { elementsOf, type RawElement } from "../bson/bson-elements.js";
import { CommandError } from "../errors/command-error.js";
import { command } from "../protocol/command.js";
import { checkFields, fields, refused, WRITE_KINDS } from "../protocol/command-fields.js";
import { collectionName, documentField } from "../protocol/command-request.js";
import { runStatements, withWriteErrors } from "../protocol/write-errors.js";
import { sortPatternOf } from "../query/key-pattern.js";
import { type Database, ensureCollection } from "../records/database.js";
import { parseUpdate } from "../update/parse-update.js";
import { runUpdate, type UpdateOutcome, type UpdateStatement } from "../update/run-update.js";

const UPDATE_FIELDS = fields({ ...WRITE_KINDS, documents: "updates", object: "let" });

const STATEMENT_FIELDS = fields(
  {
    object: "q sort",
    any: "u",
    bool: "multi upsert",
    hint: "hint",
    collation: "collation",
    refused: "c upsertSupplied",
    required: "q u",
  },
  { arrayFilters: refused("FailedToParse") },
);

export const update = command(UPDATE_FIELDS, (context, request) => {
  const name = collectionName(request);
  const variables = documentField(request, "let");
  const { database } = context;
  return database.write(() => {
    let n = 0;
    let nModified = 0;
    const upserted: PlainDocument[] = [];
    const errors = runStatements(request, "updates", (bytes, index) => {
      const outcome = runUpdateStatement(database, { db: request.db, name }, bytes, variables);
      n += outcome.matched;
      nModified += outcome.modified;
      if (outcome.upsertedId !== undefined) {
        n++;
        upserted.push({ index, _id: outcome.upsertedId });
      }
    });
    return withWriteErrors({ n, nModified, ...(upserted.length > 0 && { upserted }) }, errors);
  });
});

/** @param bytes of a statement of the command `update` */
function runUpdateStatement(
  database: Database,
  { db, name }: { readonly db: string; readonly name: string },
  bytes: Buffer,
  variables: PlainDocument | undefined,
): UpdateOutcome {
  const statement = readStatement(bytes, variables);
  const collection =
    database.catalog.get(db, name) ?? (statement.upsert ? ensureCollection(database, db, name) : undefined);
  return collection === undefined ? NOTHING_MATCHED : runUpdate(database, collection, statement);
}

const NOTHING_MATCHED: UpdateOutcome = {
  matched: 0,
  modified: 0,
  upsertedId: undefined,
  before: undefined,
  after: undefined,
};

function readStatement(bytes: Buffer, variables: PlainDocument | undefined): UpdateStatement {
  const fields = checkFields("update.updates", bytes, elementsOf(bytes), STATEMENT_FIELDS);
  const { q, u, multi, upsert, hint, sort } = Object.fromEntries(fields);
  const isTrue = (field: RawElement | undefined): boolean => field !== undefined && bytes[field.value] === 1;
  if (sort !== undefined && isTrue(multi)) {
    throw new CommandError("FailedToParse", "Cannot specify sort with multi=true");
  }
  return {
    filter: bytes.subarray(q?.value, q?.end),
    update: parseUpdate(bytes, u?.type ?? 0, u?.value ?? 0, u?.end ?? 0),
    multi: isTrue(multi),
    upsert: isTrue(upsert),
    variables,
    hint: hint && decodeTypedElement(bytes, hint),
    sort: sort && sortPatternOf(decodeTyped(bytes.subarray(sort.value, sort.end))),
  };
}
