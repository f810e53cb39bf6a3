import { Double } from "bson";
import { fieldsOfStages } from "../aggregation/fields-of-stages.js";
import { checkStage, runStages } from "../aggregation/run-stages.js";
import { decodePlain, decodeTyped, encode, pickElements } from "../bson/bson-codec.js";
import { isDocument, type PlainDocument } from "../bson/bson-document.js";
import { numberOf } from "../bson/bson-number.js";
import { decodeWithTypes, typedOf } from "../bson/typed-document.js";
import { CommandError } from "../errors/command-error.js";
import { command } from "../protocol/command.js";
import type { CommandContext } from "../protocol/command-context.js";
import { fields } from "../protocol/command-fields.js";
import {
  type CommandRequest,
  documentField,
  documentsField,
  plainDocumentField,
  typedField,
} from "../protocol/command-request.js";
import { DEFAULT_FIRST_BATCH, replyWithCursor } from "../protocol/cursor-reply.js";
import { sortPatternOf } from "../query/key-pattern.js";
import type { Collection } from "../records/catalog.js";
import { type FoundRecord, findRecords, type Query } from "../records/find-records.js";
import { PAUSE, type Pause, withoutPauses } from "../records/pause.js";
import { collectionStats } from "./collections.js";
import { currentOperations } from "./operations.js";

const AGGREGATE_FIELDS = fields({
  documents: "pipeline",
  cursor: "cursor",
  object: "let",
  hint: "hint",
  collation: "collation",
  // No memory is limited, and nothing is written.
  flag: "allowDiskUse bypassDocumentValidation",
  refused: "explain collectionUUID encryptionInformation",
});

export const aggregate = command(AGGREGATE_FIELDS, (context, request) => {
  const pipeline = documentsField(request, "pipeline").map((stage) => decodeTyped(stage));
  const cursorOptions = documentField(request, "cursor");
  if (cursorOptions === undefined) {
    throw new CommandError(
      "FailedToParse",
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  }
  checkPipeline(pipeline);
  const source = sourceOf(context, request);
  return replyWithCursor(context, request, {
    namespace: `${request.db}.${source.name}`,
    documents: runPipeline(context, request, source, pipeline),
    batchSize: numberOf(cursorOptions.batchSize) ?? DEFAULT_FIRST_BATCH,
  });
});

const OWN_STAGES = new Set(["$collStats", "$currentOp", "$indexStats"]);

function checkPipeline(pipeline: readonly PlainDocument[]): void {
  for (const stage of pipeline) {
    const [name, more] = Object.keys(stage);
    if (name === undefined || more !== undefined || !OWN_STAGES.has(name)) {
      checkStage(stage);
    }
  }
}

export interface Source {
  /** `$cmd.aggregate` where the pipeline brings its own documents. */
  readonly name: string;
  readonly collection: Collection | undefined;
}

export function sourceOf(context: CommandContext, request: CommandRequest): Source {
  const name = typedField(request, "aggregate");
  if (typeof name !== "string") {
    return { name: "$cmd.aggregate", collection: undefined };
  }
  if (name === "") {
    throw new CommandError("InvalidNamespace", `Invalid namespace specified '${request.db}.'`);
  }
  return { name, collection: context.database.catalog.get(request.db, name) };
}

/** The stages at a pipeline's start that a query does, by index where there is one; and the rest. */
export function splitPipeline(
  pipeline: readonly PlainDocument[],
  hint?: unknown,
  variables?: PlainDocument,
): { readonly query: Query; readonly rest: readonly PlainDocument[] } {
  let filter: PlainDocument = {};
  let sort: Query["sort"];
  let skip = 0;
  let limit = 0;
  let used = 0;
  for (const stage of pipeline) {
    const [name, argument] = Object.entries(stage)[0] ?? [];
    if (name === "$match" && isDocument(argument) && sort === undefined && skip === 0 && limit === 0) {
      filter = Object.keys(filter).length === 0 ? argument : { $and: [filter, argument] };
    } else if (
      name === "$sort" &&
      isDocument(argument) &&
      Object.keys(argument).length > 0 &&
      skip === 0 &&
      limit === 0
    ) {
      sort = sortPatternOf(argument);
    } else if (name === "$skip" && limit === 0 && isCount(argument)) {
      skip += numberOf(argument) ?? 0;
    } else if (name === "$limit" && isCount(argument) && numberOf(argument) !== 0) {
      const most = numberOf(argument) ?? 0;
      limit = limit === 0 ? most : Math.min(limit, most);
    } else {
      break;
    }
    used++;
  }
  return { query: { filter, sort, skip, limit, hint, variables }, rest: pipeline.slice(used) };
}

function isCount(value: unknown): boolean {
  const number = numberOf(value);
  return number !== undefined && number >= 0 && Number.isInteger(number);
}

function runPipeline(
  context: CommandContext,
  request: CommandRequest,
  source: Source,
  pipeline: readonly PlainDocument[],
): Iterator<Buffer | Pause, void, undefined> {
  const [first] = pipeline;
  if (first !== undefined && "$collStats" in first) {
    return computed(
      [collectionStats(context, request, source, first.$collStats)],
      context,
      request,
      pipeline.slice(1),
    );
  }
  if (first !== undefined && "$currentOp" in first) {
    checkCurrentOp(source, request);
    return computed(currentOperations(context), context, request, pipeline.slice(1));
  }
  if (first !== undefined && "$indexStats" in first) {
    return computed(indexStats(context, source.collection), context, request, pipeline.slice(1));
  }
  const { query, rest } = splitPipeline(
    pipeline,
    typedField(request, "hint"),
    plainDocumentField(request, "let"),
  );
  const records =
    source.collection === undefined ? [] : findRecords(context.database, source.collection, query);
  const [stage] = rest;
  if (stage === undefined) {
    return documentsOf(records);
  }
  const counted = countField(rest);
  if (counted !== undefined) {
    return countRecords(records, counted, source.collection, query);
  }
  return computed(plainDocuments(withoutPauses(records), fieldsOfStages(rest)), context, request, rest);
}

function checkCurrentOp(source: Source, request: CommandRequest): void {
  if (source.name !== "$cmd.aggregate" || request.db !== "admin") {
    throw new CommandError(
      "InvalidNamespace",
      "$currentOp must be run against the 'admin' database with {aggregate: 1}",
    );
  }
}

function* documentsOf(records: Iterable<FoundRecord | Pause>): Generator<Buffer | Pause, void, undefined> {
  for (const record of records) {
    yield record === PAUSE ? PAUSE : record.document;
  }
}

function* plainDocuments(
  records: Iterable<FoundRecord>,
  fields?: ReadonlySet<string>,
): Generator<PlainDocument, void, undefined> {
  for (const { document } of records) {
    yield decodeWithTypes(fields === undefined ? document : pickElements(document, fields));
  }
}

interface CountStage {
  readonly field: string;
  readonly id: PlainDocument;
}

/** `$count`, or the `$group` that drivers count documents with. */
function countField(rest: readonly PlainDocument[]): CountStage | undefined {
  const [stage, more] = rest;
  if (stage === undefined || more !== undefined) {
    return undefined;
  }
  if (typeof stage.$count === "string" && /^[^$.\0][^.\0]*$/.test(stage.$count)) {
    return { field: stage.$count, id: {} };
  }
  const group = stage.$group;
  if (!isDocument(group)) {
    return undefined;
  }
  const [, sum, third] = Object.entries(group);
  const accumulator = sum?.[1];
  const constantId = group._id === null || numberOf(group._id) !== undefined;
  return third === undefined &&
    sum !== undefined &&
    constantId &&
    isDocument(accumulator) &&
    Object.keys(accumulator).length === 1 &&
    numberOf(accumulator.$sum) === 1
    ? { field: sum[0], id: { _id: group._id } }
    : undefined;
}

function* countRecords(
  records: Iterable<FoundRecord | Pause>,
  { field, id }: CountStage,
  collection: Collection | undefined,
  query: Query,
): Generator<Buffer | Pause, void, undefined> {
  let n = 0;
  if (collection !== undefined && Object.keys(query.filter).length === 0 && !query.skip && !query.limit) {
    n = collection.count;
  } else {
    for (const record of records) {
      if (record === PAUSE) {
        yield PAUSE;
      } else {
        n++;
      }
    }
  }
  if (n > 0) {
    yield encode({ ...id, [field]: n });
  }
}

function* computed(
  documents: Iterable<PlainDocument>,
  context: CommandContext,
  request: CommandRequest,
  pipeline: readonly PlainDocument[],
): Generator<Buffer, void, undefined> {
  const stages = pipeline.map((stage) => decodePlain(encode(stage)));
  const results = runStages(documents, stages, {
    findForeign: (name, filter) => foreignDocuments(context, request.db, name, filter),
    variables: plainDocumentField(request, "let"),
  });
  for (const result of results) {
    yield encode(typedOf(result));
  }
}

/** The matching documents of another collection, for a stage that joins it. */
function foreignDocuments(
  context: CommandContext,
  db: string,
  name: string,
  filter: PlainDocument,
): PlainDocument[] {
  const collection = context.database.catalog.get(db, name);
  return collection === undefined
    ? []
    : [...plainDocuments(withoutPauses(findRecords(context.database, collection, { filter })))];
}

function indexStats(context: CommandContext, collection: Collection | undefined): PlainDocument[] {
  if (collection === undefined) {
    return [];
  }
  const since = context.server.startedAt;
  return [collection.idIndex, ...collection.indexes].map((index) => ({
    name: index.name,
    key: Object.fromEntries(index.key),
    host: context.server.host,
    accesses: { ops: new Double(0), since },
  }));
}
