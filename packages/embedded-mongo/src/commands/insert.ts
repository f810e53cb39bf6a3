import type { CommandHandler } from "../protocol/command-context.js";
import { collectionName } from "../protocol/command-request.js";
import { runStatements, withWriteErrors } from "../protocol/write-errors.js";
import { ensureCollection } from "../records/database.js";
import { insertRecord } from "../records/write-records.js";
import { withId } from "../update/compile-update.js";

export const insert: CommandHandler = (context, request) => {
  const name = collectionName(request);
  const { database } = context;
  return database.write(() => {
    const collection = ensureCollection(database, request.db, name);
    let n = 0;
    const errors = runStatements(request, "documents", (document) => {
      insertRecord(database, collection, withId(document));
      n++;
    });
    return withWriteErrors({ n }, errors);
  });
};
