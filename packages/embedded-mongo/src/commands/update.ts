import { decodeTyped } from "../bson/bson-codec.js";
import { isDocument, type PlainDocument } from "../bson/bson-document.js";
import { elementsOf, joinElements, type RawElement } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { CommandError } from "../errors/command-error.js";
import type { CommandHandler } from "../protocol/command-context.js";
import { collectionName, documentField } from "../protocol/command-request.js";
import { runStatements, withWriteErrors } from "../protocol/write-errors.js";
import { sortPatternOf } from "../query/key-pattern.js";
import { type Database, ensureCollection } from "../records/database.js";
import { parseUpdate, refuseArrayFilters } from "../update/parse-update.js";
import { runUpdate, type UpdateOutcome, type UpdateStatement } from "../update/run-update.js";
import { refuseCollation } from "./find.js";

export const update: CommandHandler = (context, request) => {
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
};

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
  const fields = new Map<string, RawElement>(elementsOf(bytes).map((element) => [element.name, element]));
  const filter = fields.get("q");
  const change = fields.get("u");
  if (filter?.type !== BsonType.document || change === undefined) {
    throw new CommandError(
      "Location40414",
      `BSON field 'update.updates.${filter === undefined ? "q" : "u"}' is missing but a required field`,
    );
  }
  const options = readOptions(bytes, fields);
  refuseCollation(options.collation);
  refuseArrayFilters(options.arrayFilters);
  return {
    filter: bytes.subarray(filter.value, filter.end),
    update: parseUpdate(bytes, change.type, change.value, change.end),
    multi: flag(bytes, fields.get("multi")),
    upsert: flag(bytes, fields.get("upsert")),
    variables,
    hint: options.hint,
    sort: isDocument(options.sort) ? sortPatternOf(options.sort) : undefined,
  };
}

function flag(bytes: Buffer, field: RawElement | undefined): boolean {
  return field?.type === BsonType.boolean && bytes[field.value] === 1;
}

const PLAIN_FIELDS = new Set(["q", "u", "multi", "upsert"]);

/** The rest of a statement, which is seldom there. */
function readOptions(bytes: Buffer, fields: ReadonlyMap<string, RawElement>): PlainDocument {
  const rest = [...fields.values()].filter(({ name }) => !PLAIN_FIELDS.has(name));
  return rest.length === 0
    ? {}
    : decodeTyped(joinElements(rest.map(({ start, end }) => bytes.subarray(start, end))));
}
