import { decodeTyped } from "../bson/bson-codec.js";
import type { PlainDocument } from "../bson/bson-document.js";
import { joinElements } from "../bson/bson-elements.js";
import { CommandError } from "../errors/command-error.js";
import { command } from "../protocol/command.js";
import type { CommandContext } from "../protocol/command-context.js";
import { fields, refused } from "../protocol/command-fields.js";
import {
  booleanField,
  type CommandRequest,
  collectionName,
  documentField,
  rawDocumentField,
  typedField,
} from "../protocol/command-request.js";
import { sortPatternOf } from "../query/key-pattern.js";
import { compileProjection } from "../query/projection.js";
import { ensureCollection } from "../records/database.js";
import { findRecords } from "../records/find-records.js";
import { withoutPauses } from "../records/pause.js";
import { removeRecord } from "../records/write-records.js";
import { parseUpdate } from "../update/parse-update.js";
import { runUpdate } from "../update/run-update.js";
import { readQuery } from "./find.js";

const FIELDS = fields(
  {
    object: "query fields sort let",
    any: "update",
    flag: "remove upsert new bypassDocumentValidation bypassEmptyTsReplacement",
    hint: "hint",
    collation: "collation",
    refused: "collectionUUID encryptionInformation",
  },
  { arrayFilters: refused("FailedToParse") },
);

export const findAndModify = command(FIELDS, (context, request) => {
  const name = collectionName(request);
  const remove = booleanField(request, "remove") ?? false;
  const change = request.fields.get("update");
  const upsert = booleanField(request, "upsert") ?? false;
  const wantsNew = booleanField(request, "new") ?? false;
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
  return context.database.write(() =>
    remove ? removeOne(context, request, name) : updateOne(context, request, name, upsert, wantsNew),
  );
});

function projected(request: CommandRequest, document: Buffer | undefined): PlainDocument | null {
  if (document === undefined) {
    return null;
  }
  const fields = documentField(request, "fields");
  const shown =
    fields === undefined || Object.keys(fields).length === 0 ? document : compileProjection(fields)(document);
  return decodeTyped(shown);
}

function removeOne(context: CommandContext, request: CommandRequest, name: string): PlainDocument {
  const { database } = context;
  const collection = database.catalog.get(request.db, name);
  if (collection === undefined) {
    return { lastErrorObject: { n: 0 }, value: null };
  }
  const query = { ...readQuery(request, "query"), limit: 1 };
  const [record] = [...withoutPauses(findRecords(database, collection, query))];
  if (record === undefined) {
    return { lastErrorObject: { n: 0 }, value: null };
  }
  const value = projected(request, record.document);
  removeRecord(database, collection, record.recordId, record.document);
  return { lastErrorObject: { n: 1 }, value };
}

function updateOne(
  context: CommandContext,
  request: CommandRequest,
  name: string,
  upsert: boolean,
  wantsNew: boolean,
): PlainDocument {
  const { database } = context;
  const change = request.fields.get("update");
  const update = parseUpdate(request.body, change?.type ?? 0, change?.value ?? 0, change?.end ?? 0);
  const sort = documentField(request, "sort");
  const collection = upsert
    ? ensureCollection(database, request.db, name)
    : database.catalog.get(request.db, name);
  if (collection === undefined) {
    return { lastErrorObject: { n: 0, updatedExisting: false }, value: null };
  }
  const outcome = runUpdate(database, collection, {
    filter: rawDocumentField(request, "query") ?? joinElements([]),
    update,
    multi: false,
    upsert,
    variables: documentField(request, "let"),
    hint: typedField(request, "hint"),
    sort: sort === undefined ? undefined : sortPatternOf(sort),
  });
  const { upsertedId } = outcome;
  return {
    lastErrorObject: {
      n: outcome.matched + (upsertedId === undefined ? 0 : 1),
      updatedExisting: outcome.matched > 0,
      ...(upsertedId !== undefined && { upserted: upsertedId }),
    },
    value: projected(request, wantsNew ? outcome.after : outcome.before),
  };
}
