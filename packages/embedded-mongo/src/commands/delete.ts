import { decodeTyped } from "../bson/bson-codec.js";
import type { PlainDocument } from "../bson/bson-document.js";
import { findElement } from "../bson/bson-elements.js";
import { numberOf } from "../bson/bson-number.js";
import { BsonType } from "../bson/bson-type.js";
import { CommandError } from "../errors/command-error.js";
import type { CommandHandler } from "../protocol/command-context.js";
import { collectionName, plainDocumentField } from "../protocol/command-request.js";
import { runStatements, withWriteErrors } from "../protocol/write-errors.js";
import { compileFilter } from "../query/compile-filter.js";
import type { Database } from "../records/database.js";
import { findRecords } from "../records/find-records.js";
import { withoutPauses } from "../records/pause.js";
import { removeRecord } from "../records/write-records.js";
import { findById, onlyId } from "../update/run-update.js";
import { refuseCollation } from "./find.js";

export const deleteCommand: CommandHandler = (context, request) => {
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
};

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
  const { limit, hint, collation } = decodeTyped(bytes);
  const element = findElement(bytes, "q");
  if (element?.type !== BsonType.document) {
    throw new CommandError("Location40414", "BSON field 'delete.deletes.q' is missing but a required field");
  }
  const most = numberOf(limit);
  if (most !== 0 && most !== 1) {
    throw new CommandError(
      "FailedToParse",
      `The limit field in delete objects must be 0 or 1. Got ${String(limit)}`,
    );
  }
  refuseCollation(collation);
  const filter = bytes.subarray(element.value, element.end);
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
            findRecords(database, collection, { filter: decodeTyped(filter), limit: most, hint, variables }),
          ),
        ]
      : [findById(database, collection, filter, id)].filter((record) => record !== undefined);
  for (const { recordId, document } of found) {
    removeRecord(database, collection, recordId, document);
  }
  return found.length;
}
