import { mingoOptions } from "../expressions/mingo-expressions.js";
import { command } from "../protocol/command.js";
import type { CommandResult } from "../protocol/command-context.js";
import { fields, refused } from "../protocol/command-fields.js";
import {
  booleanField,
  type CommandRequest,
  collectionName,
  documentField,
  numberField,
  plainDocumentField,
  typedField,
} from "../protocol/command-request.js";
import { DEFAULT_FIRST_BATCH, replyWithCursor } from "../protocol/cursor-reply.js";
import { compileFilter } from "../query/compile-filter.js";
import { sortPatternOf } from "../query/key-pattern.js";
import { compileProjection, type Projection } from "../query/projection.js";
import { type FoundRecord, findRecords, type Query } from "../records/find-records.js";
import { PAUSE, type Pause } from "../records/pause.js";

/** The query of a `find`, and of what has the same fields. */
export function readQuery(
  request: CommandRequest,
  filterField = "filter",
  limit = numberField(request, "limit") ?? 0,
): Query {
  const sort = documentField(request, "sort");
  const natural = sort !== undefined && "$natural" in sort;
  return {
    filter: documentField(request, filterField) ?? {},
    sort: sort === undefined || natural ? undefined : sortPatternOf(sort),
    skip: numberField(request, "skip") ?? 0,
    limit,
    hint: natural ? sort : typedField(request, "hint"),
    variables: plainDocumentField(request, "let"),
  };
}

const FIND_FIELDS = fields(
  {
    object: "filter projection sort let",
    count: "skip limit batchSize",
    hint: "hint",
    collation: "collation",
    // The last three change nothing here: no memory is limited, and there are no shards and no oplog.
    flag: "singleBatch noCursorTimeout allowDiskUse allowPartialResults oplogReplay",
    refused: "min max returnKey showRecordId ntoreturn readOnce collectionUUID encryptionInformation",
  },
  { tailable: refused("BadValue"), awaitData: refused("FailedToParse") },
);

export const find = command(FIND_FIELDS, (context, request) => {
  const name = collectionName(request);
  const query = readQuery(request);
  compileFilter(query.filter);
  const project = readProjection(request);
  const batchSize = numberField(request, "batchSize") ?? DEFAULT_FIRST_BATCH;
  const limit = numberField(request, "limit") ?? 0;
  const collection = context.database.catalog.get(request.db, name);
  const records = collection === undefined ? [] : findRecords(context.database, collection, query);
  return replyWithCursor(context, request, {
    namespace: `${request.db}.${name}`,
    documents: projected(records, project),
    batchSize: limit > 0 ? Math.min(batchSize, limit) : batchSize,
    single: booleanField(request, "singleBatch") ?? false,
    noTimeout: booleanField(request, "noCursorTimeout") ?? false,
  });
});

function readProjection(request: CommandRequest): Projection | undefined {
  const spec = documentField(request, "projection");
  const options = mingoOptions({ variables: plainDocumentField(request, "let") ?? {} });
  return spec === undefined || Object.keys(spec).length === 0 ? undefined : compileProjection(spec, options);
}

function* projected(
  records: Iterable<FoundRecord | Pause>,
  project: Projection | undefined,
): Generator<Buffer | Pause, void, undefined> {
  for (const record of records) {
    if (record === PAUSE) {
      yield PAUSE;
    } else {
      yield project === undefined ? record.document : project(record.document);
    }
  }
}

const COUNT_FIELDS = fields({
  // MongoDB ignores `fields`, too: old shells send it.
  object: "query fields",
  count: "skip",
  number: "limit",
  hint: "hint",
  collation: "collation",
  refused: "collectionUUID encryptionInformation",
});

export const count = command(COUNT_FIELDS, (context, request) => {
  const collection = context.database.catalog.get(request.db, collectionName(request));
  const limit = Math.abs(numberField(request, "limit") ?? 0);
  const query = readQuery(request, "query", limit);
  compileFilter(query.filter);
  if (collection === undefined) {
    return { n: 0 };
  }
  if (Object.keys(query.filter).length === 0) {
    const rest = Math.max(0, collection.count - (query.skip ?? 0));
    return { n: limit === 0 ? rest : Math.min(limit, rest) };
  }
  return countFound(findRecords(context.database, collection, query));
});

function* countFound(records: Iterable<FoundRecord | Pause>): Generator<Pause, CommandResult, undefined> {
  let n = 0;
  for (const record of records) {
    if (record === PAUSE) {
      yield PAUSE;
    } else {
      n++;
    }
  }
  return { n };
}
