import type { PlainDocument } from "../bson/bson-document.js";
import { wholeDocument } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { command } from "../protocol/command.js";
import { type CommandContext, readVariables } from "../protocol/command-context.js";
import { fields, refused } from "../protocol/command-fields.js";
import {
  booleanField,
  type CommandRequest,
  collectionName,
  documentField,
  presentField,
  requiredField,
} from "../protocol/command-request.js";
import { sortPatternOf } from "../query/key-pattern.js";
import type { Pause } from "../records/pause.js";
import { changeFound } from "../records/write-found.js";
import { removeRecord } from "../records/write-records.js";
import { updateAtOnce, updateInParts } from "../update/run-update.js";
import { readProjection, readQuery } from "./find.js";

const FIELDS = fields(
  {
    object: "query fields sort let",
    any: "update",
    flag: "remove upsert new bypassDocumentValidation bypassEmptyTsReplacement",
    hint: "hint",
    refused: "collation collectionUUID encryptionInformation",
  },
  { arrayFilters: refused("FailedToParse") },
);

export const findAndModify = command(FIELDS, (context, request) => {
  const name = collectionName(request);
  const remove = booleanField(request, "remove");
  const change = request.fields.get("update");
  const upsert = booleanField(request, "upsert");
  const wantsNew = booleanField(request, "new");
  if (remove && change !== undefined) {
    throw new CommandError("FailedToParse", "Cannot specify both an update and remove=true");
  }
  if (remove && (upsert || wantsNew)) {
    throw new CommandError(
      "FailedToParse",
      upsert
        ? "Cannot specify both upsert=true and remove=true "
        : "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    );
  }
  if (!remove && change === undefined) {
    throw new CommandError("FailedToParse", "Either an update or remove=true must be specified");
  }
  return remove ? removeOne(context, request, name) : updateOne(context, request, name, upsert, wantsNew);
});

function* removeOne(
  context: CommandContext,
  request: CommandRequest,
  name: string,
): Generator<Pause, PlainDocument, undefined> {
  const { database } = context;
  const variables = readVariables(context, request);
  const query = { ...readQuery(request, variables, "query"), limit: 1 };
  const project = readProjection(request, "fields", variables);
  let removed: Buffer | undefined;
  yield* changeFound(database, {
    db: request.db,
    name,
    query: () => query,
    write: database.write,
    change: (collection, record) => {
      removed = record.document;
      removeRecord(database, collection, record);
    },
  });
  return reply({ n: removed === undefined ? 0 : 1 }, removed && project(removed));
}

function* updateOne(
  context: CommandContext,
  request: CommandRequest,
  name: string,
  upsert: boolean,
  wantsNew: boolean,
): Generator<Pause, PlainDocument, undefined> {
  const { database } = context;
  const namespace = { db: request.db, name };
  const variables = readVariables(context, request);
  const project = readProjection(request, "fields", variables);
  const statement = {
    filter: documentField(request, "query"),
    update: requiredField(request, "update"),
    multi: false,
    upsert,
    variables,
    hint: presentField(request, "hint"),
    sort: sortPatternOf(documentField(request, "sort")),
  };
  const outcome =
    database.write(() => updateAtOnce(database, namespace, statement)) ??
    (yield* updateInParts(database, namespace, statement));
  const { upsertedId } = outcome;
  const shown = wantsNew ? outcome.after : outcome.before;
  return reply(
    {
      n: outcome.matched + (upsertedId === undefined ? 0 : 1),
      updatedExisting: outcome.matched > 0,
      ...(upsertedId !== undefined && { upserted: upsertedId }),
    },
    shown && project(shown),
  );
}

/** The document stays BSON: JavaScript cannot represent every value. */
function reply(lastErrorObject: PlainDocument, document: Buffer | undefined): PlainDocument {
  return { lastErrorObject, value: document === undefined ? null : wholeDocument(document) };
}
