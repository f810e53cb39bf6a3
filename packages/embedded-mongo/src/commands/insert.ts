import { command } from "../protocol/command.js";
import { fields, WRITE_KINDS } from "../protocol/command-fields.js";
import { collectionName } from "../protocol/command-request.js";
import { runStatements, withWriteErrors } from "../protocol/write-errors.js";
import { ensureCollection } from "../records/database.js";
import { insertRecord } from "../records/write-records.js";
import { withId } from "../update/compile-update.js";

const INSERT_FIELDS = fields({ ...WRITE_KINDS, documents: "documents" });

export const insert = command(INSERT_FIELDS, (context, request) => {
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
});
