import { decodeTyped } from "../bson-codec.js";
import { findElement } from "../bson-elements.js";
import { BsonType } from "../bson-type.js";
import type { CommandHandler } from "../command-context.js";
import { CommandError } from "../command-error.js";
import { booleanField, collectionName, documentsField } from "../command-request.js";
import { compileFilter, numberOf } from "../compile-filter.js";
import { findRecords } from "../find-records.js";
import { findById, onlyId } from "../update/run-update.js";
import { runStatements, withWriteErrors } from "../write-errors.js";
import { removeRecord } from "../write-records.js";
import { refuseCollation } from "./find.js";
import { checkBatch } from "./insert.js";

export const deleteCommand: CommandHandler = (context, request) => {
  const name = collectionName(request);
  const statements = documentsField(request, "deletes");
  checkBatch(statements);
  const { database } = context;
  return database.write(() => {
    const collection = database.catalog.get(request.db, name);
    let n = 0;
    const errors = runStatements(statements, booleanField(request, "ordered") ?? true, (bytes) => {
      const { limit, hint, collation } = decodeTyped(bytes);
      const element = findElement(bytes, "q");
      if (element?.type !== BsonType.document) {
        throw new CommandError(
          "Location40414",
          "BSON field 'delete.deletes.q' is missing but a required field",
        );
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
      const id = onlyId(filter);
      if (collection === undefined) {
        compileFilter(decodeTyped(filter));
        return;
      }
      const single = id === undefined ? undefined : findById(database, collection, filter, id);
      const found =
        id !== undefined
          ? single === undefined
            ? []
            : [single]
          : [...findRecords(database, collection, { filter: decodeTyped(filter), limit: most, hint })];
      for (const { recordId, document } of found) {
        removeRecord(database, collection, recordId, document);
        n++;
      }
    });
    return withWriteErrors({ n }, errors);
  });
};
