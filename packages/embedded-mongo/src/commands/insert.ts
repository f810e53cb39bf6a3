import type { CommandHandler } from "../command-context.js";
import { CommandError } from "../command-error.js";
import { booleanField, collectionName, documentsField } from "../command-request.js";
import { ensureCollection } from "../database.js";
import { withId } from "../update/compile-update.js";
import { runStatements, withWriteErrors } from "../write-errors.js";
import { insertRecord } from "../write-records.js";

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
