import type { PlainDocument } from "../bson/bson-document.js";
import { documentBytes } from "../bson/raw-value.js";
import { command } from "../protocol/command.js";
import { fields, WRITE_KINDS } from "../protocol/command-fields.js";
import { collectionName } from "../protocol/command-request.js";
import { runStatements, withWriteErrors } from "../protocol/run-statements.js";
import { ensureCollection } from "../records/database.js";
import type { Pause } from "../records/pause.js";
import { insertRecord } from "../records/write-records.js";
import { withId } from "../update/compile-update.js";

const INSERT_FIELDS = fields({ ...WRITE_KINDS, documents: "documents", required: "documents" });

export const insert = command(INSERT_FIELDS, function* (context, request): Generator<Pause, PlainDocument> {
  const name = collectionName(request);
  const { database } = context;
  const { outcomes, errors } = yield* runStatements(request, {
    field: "documents",
    read: documentBytes,
    write: (run) =>
      database.write(() => {
        // An invalid name fails the command; within a statement it would fail that statement only.
        ensureCollection(database, request.db, name);
        return run();
      }),
    runAtOnce: (document) => {
      insertRecord(database, ensureCollection(database, request.db, name), withId(document));
      return "inserted";
    },
  });
  return withWriteErrors({ n: outcomes.length }, errors);
});
