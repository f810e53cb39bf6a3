import { CommandError } from "../errors/command-error.js";
import type { CommandHandler } from "../protocol/command-context.js";
import { booleanField, collectionName, documentsField } from "../protocol/command-request.js";
import { runStatements, withWriteErrors } from "../protocol/write-errors.js";
import { ensureCollection } from "../records/database.js";
import { insertRecord } from "../records/write-records.js";
import { withId } from "../update/compile-update.js";

const MAX_BATCH = 100_000;

/** @throws CommandError InvalidLength */
export function checkBatch(statements: readonly unknown[]): void {
  if (statements.length === 0 || statements.length > MAX_BATCH) {
    throw new CommandError(
      "InvalidLength",
      `Write batch sizes must be between 1 and ${MAX_BATCH}. Got ${statements.length} operations.`,
    );
  }
}

export const insert: CommandHandler = (context, request) => {
  const name = collectionName(request);
  const documents = documentsField(request, "documents");
  checkBatch(documents);
  const { database } = context;
  return database.write(() => {
    const collection = ensureCollection(database, request.db, name);
    let n = 0;
    const errors = runStatements(documents, booleanField(request, "ordered") ?? true, (document) => {
      insertRecord(database, collection, withId(document));
      n++;
    });
    return withWriteErrors({ n }, errors);
  });
};
