import { BsonType } from "../bson/bson-type.js";
import { fieldOf } from "../bson/raw-value.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import { command } from "../protocol/command.js";
import { type CommandResult, readVariables } from "../protocol/command-context.js";
import { fields, refused } from "../protocol/command-fields.js";
import {
  booleanField,
  type CommandRequest,
  collectionName,
  documentField,
  numberField,
  presentField,
} from "../protocol/command-request.js";
import { DEFAULT_FIRST_BATCH, replyWithCursor } from "../protocol/cursor-reply.js";
import { sortPatternOf } from "../query/key-pattern.js";
import { compileProjection } from "../query/projection.js";
import { compileQueryFilter } from "../query/query-filter.js";
import { countRecords } from "../records/count-records.js";
import { findRecords, type Query } from "../records/find-records.js";
import { mapItems, type Pause } from "../records/pause.js";

/** The query of a `find`, or of a command with the same fields. */
export function readQuery(
  request: CommandRequest,
  { context, values }: CommandVariables,
  filterField = "filter",
  limit = numberField(request, "limit") ?? 0,
): Query {
  const sort = documentField(request, "sort");
  const isNatural = fieldOf(sort, "$natural").type !== BsonType.missing;
  return {
    ...compileQueryFilter(documentField(request, filterField), context)(values),
    sort: isNatural ? undefined : sortPatternOf(sort),
    skip: numberField(request, "skip") ?? 0,
    limit,
    hint: isNatural ? sort : presentField(request, "hint"),
  };
}

const FIND_FIELDS = fields(
  {
    object: "filter projection sort let",
    count: "skip limit batchSize",
    hint: "hint",
    // The last three change nothing here: nothing is sorted on disk, and there are no shards and no oplog.
    flag: "singleBatch noCursorTimeout allowDiskUse allowPartialResults oplogReplay",
    refused:
      "collation min max returnKey showRecordId ntoreturn readOnce collectionUUID encryptionInformation",
  },
  { tailable: refused("BadValue"), awaitData: refused("FailedToParse") },
);

export const find = command(FIND_FIELDS, (context, request) => {
  const name = collectionName(request);
  const variables = readVariables(context, request);
  const query = readQuery(request, variables);
  const project = readProjection(request, "projection", variables);
  const batchSize = numberField(request, "batchSize") ?? DEFAULT_FIRST_BATCH;
  const { limit = 0 } = query;
  const collection = context.database.catalog.get(request.db, name);
  const records = findRecords(context.database, collection, query);
  return replyWithCursor(context, request, {
    namespace: `${request.db}.${name}`,
    documents: mapItems(records, ({ document }) => project(document)),
    batchSize: limit > 0 ? Math.min(batchSize, limit) : batchSize,
    single: booleanField(request, "singleBatch"),
    noTimeout: booleanField(request, "noCursorTimeout"),
  });
});

/** The projection in a field of a command; without one, documents stay as they are. */
export function readProjection(
  request: CommandRequest,
  field: string,
  { context, values }: CommandVariables,
): (document: Buffer) => Buffer {
  const project = compileProjection(documentField(request, field), "find", context);
  return (document) => project(document, values);
}

const COUNT_FIELDS = fields({
  // MongoDB ignores `fields` too: old shells send it.
  object: "query fields",
  count: "skip",
  number: "limit",
  hint: "hint",
  refused: "collation collectionUUID encryptionInformation",
});

export const count = command(COUNT_FIELDS, function* (context, request): Generator<Pause, CommandResult> {
  const collection = context.database.catalog.get(request.db, collectionName(request));
  const limit = Math.abs(numberField(request, "limit") ?? 0);
  const query = readQuery(request, readVariables(context, request), "query", limit);
  return { n: yield* countRecords(context.database, collection, query) };
});
