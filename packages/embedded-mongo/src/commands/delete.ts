import { decodePlainElement, decodeTyped, decodeTypedElement } from "../bson/bson-codec.js";
import type { PlainDocument } from "../bson/bson-document.js";
import { elementsOf } from "../bson/bson-elements.js";
import { CommandError } from "../errors/command-error.js";
import { command } from "../protocol/command.js";
import { checkFields, fields, valueRule, WRITE_KINDS } from "../protocol/command-fields.js";
import { collectionName, plainDocumentField } from "../protocol/command-request.js";
import { runStatements, withWriteErrors } from "../protocol/write-errors.js";
import { compileFilter } from "../query/compile-filter.js";
import type { Database } from "../records/database.js";
import { findRecords } from "../records/find-records.js";
import { withoutPauses } from "../records/pause.js";
import { removeRecord } from "../records/write-records.js";
import { findById, onlyId } from "../update/run-update.js";

const DELETE_FIELDS = fields({ ...WRITE_KINDS, documents: "deletes", object: "let" });

const limit = valueRule((most) => {
  if (most !== 0 && most !== 1) {
    const message = `The limit field in delete objects must be 0 or 1. Got ${String(most)}`;
    throw new CommandError("FailedToParse", message);
  }
});

const STATEMENT_FIELDS = fields(
  { object: "q", hint: "hint", collation: "collation", required: "q limit" },
  { limit },
);

export const deleteCommand = command(DELETE_FIELDS, (context, request) => {
  const name = collectionName(request);
  const { database } = context;
  const variables = plainDocumentField(request, "let");
  return database.writeDeletion(() => {
    let n = 0;
    const errors = runStatements(request, "deletes", (bytes) => {
      n += runDeleteStatement(database, { db: request.db, name }, bytes, variables);
    });
    return withWriteErrors({ n }, errors);
  });
});

/**
 * @param bytes of a statement of the command `delete`
 * @returns how many documents were removed
 */
function runDeleteStatement(
  database: Database,
  { db, name }: { readonly db: string; readonly name: string },
  bytes: Buffer,
  variables: PlainDocument | undefined,
): number {
  const fields = checkFields("delete.deletes", bytes, elementsOf(bytes), STATEMENT_FIELDS);
  const { q, limit, hint } = Object.fromEntries(fields);
  const filter = bytes.subarray(q?.value, q?.end);
  const collection = database.catalog.get(db, name);
  if (collection === undefined) {
    compileFilter(decodeTyped(filter));
    return 0;
  }
  const id = onlyId(filter);
  const found =
    id === undefined
      ? [
          ...withoutPauses(
            findRecords(database, collection, {
              filter: decodeTyped(filter),
              limit: Number(limit && decodePlainElement(bytes, limit)),
              hint: hint && decodeTypedElement(bytes, hint),
              variables,
            }),
          ),
        ]
      : [findById(database, collection, filter, id)].filter((record) => record !== undefined);
  for (const { recordId, document } of found) {
    removeRecord(database, collection, recordId, document);
  }
  return found.length;
}
