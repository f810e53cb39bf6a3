import {
  compilePipeline,
  compileStages,
  type PipelineContext,
  readStage,
} from "../aggregation/compile-pipeline.js";
import { type Documents, runStages, withPauses } from "../aggregation/stage.js";
import type { PlainDocument } from "../bson/bson-document.js";
import { BsonType, isNumberType } from "../bson/bson-type.js";
import { numberOf } from "../bson/number-value.js";
import {
  EMPTY_DOCUMENT,
  encode,
  fieldOf,
  fieldsOf,
  isNullish,
  type RawValue,
  textOf,
} from "../bson/raw-value.js";
import { badValue, CommandError } from "../errors/command-error.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import { command } from "../protocol/command.js";
import { type CommandContext, readVariables } from "../protocol/command-context.js";
import { fields } from "../protocol/command-fields.js";
import {
  type CommandRequest,
  documentsField,
  presentField,
  requiredField,
} from "../protocol/command-request.js";
import { batchSizeOf, DEFAULT_FIRST_BATCH, replyWithCursor } from "../protocol/cursor-reply.js";
import type { Collection } from "../records/catalog.js";
import { countRecords } from "../records/count-records.js";
import { type FoundRecord, findRecords, type Query } from "../records/find-records.js";
import { mapItems, type Pause } from "../records/pause.js";
import { collectionStats } from "./collections.js";
import { indexStats } from "./indexes.js";
import { checkCurrentOpOptions, currentOperations } from "./operations.js";

const AGGREGATE_FIELDS = fields({
  documents: "pipeline",
  cursor: "cursor",
  object: "let",
  hint: "hint",
  // Nothing is sorted or grouped on disk, and nothing is written.
  flag: "allowDiskUse bypassDocumentValidation",
  refused: "collation explain collectionUUID encryptionInformation",
  required: "pipeline",
});

export const aggregate = command(AGGREGATE_FIELDS, (context, request) => {
  if (presentField(request, "cursor") === undefined) {
    throw new CommandError(
      "FailedToParse",
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  }
  return replyWithCursor(context, request, {
    namespace: `${request.db}.${sourceOf(context, request).name}`,
    documents: startPipeline(context, request)[Symbol.iterator](),
    batchSize: batchSizeOf(request, DEFAULT_FIRST_BATCH),
  });
});

export interface Source {
  /** `$cmd.aggregate` where the pipeline brings its own documents. */
  readonly name: string;
  readonly collection: Collection | undefined;
}

export function sourceOf(context: CommandContext, request: CommandRequest): Source {
  const source = requiredField(request, "aggregate");
  if (numberOf(source) === 1) {
    return { name: "$cmd.aggregate", collection: undefined };
  }
  if (source.type !== BsonType.string) {
    throw badValue("the 'aggregate' field must specify a collection name or 1");
  }
  const name = textOf(source);
  if (name === "") {
    throw new CommandError("InvalidNamespace", `Invalid namespace specified '${request.db}.'`);
  }
  return { name, collection: context.database.catalog.get(request.db, name) };
}

export function pipelineContext(
  { database }: CommandContext,
  { db }: CommandRequest,
  variables: CommandVariables,
): PipelineContext {
  return {
    expressions: variables.context,
    find: (name, query) => documentsOf(findRecords(database, database.catalog.get(db, name), query)),
  };
}

/** Stages that replace a collection's documents at the start of a pipeline. */
const OWN_SOURCES: Readonly<
  Record<string, (context: CommandContext, request: CommandRequest, spec: RawValue) => PlainDocument[]>
> = {
  $collStats: (context, request, spec) => [
    collectionStats(context, request, sourceOf(context, request), spec),
  ],
  $currentOp: (context, request, spec) => {
    checkCurrentOp(sourceOf(context, request), request);
    checkCurrentOpOptions(spec);
    return currentOperations(context);
  },
  $indexStats: (context, request, spec) => indexStats(context, sourceOf(context, request).collection, spec),
};

/** @returns the documents of the result @throws CommandError at once, if the pipeline is not valid */
function startPipeline(context: CommandContext, request: CommandRequest): Documents {
  const specs = documentsField(request, "pipeline");
  const variables = readVariables(context, request);
  const stageContext = pipelineContext(context, request, variables);
  const [name = "", argument] = specs[0] === undefined ? [] : readStage(specs[0]);
  const ownSource = Object.hasOwn(OWN_SOURCES, name) ? OWN_SOURCES[name] : undefined;
  if (ownSource !== undefined && argument !== undefined) {
    const stages = compileStages(specs.slice(1), stageContext);
    const documents = ownSource(context, request, argument).map(encode);
    return runStages(documents, stages, variables.values);
  }
  const pipeline = compilePipeline(specs, stageContext);
  const query = { ...pipeline.query(variables.values), hint: presentField(request, "hint") };
  const { collection } = sourceOf(context, request);
  const found = onlyCounts(pipeline.rest[0])
    ? withPauses(countedDocuments(context, collection, query))
    : documentsOf(findRecords(context.database, collection, query));
  return runStages(found, pipeline.stages, variables.values);
}

/** Whether a stage counts documents without reading them: `$count`, or the `$group` that drivers count with. */
export function onlyCounts(spec: RawValue | undefined): boolean {
  const [name, argument] = spec === undefined ? [] : readStage(spec);
  if (name !== "$group" || argument === undefined) {
    return name === "$count";
  }
  return fieldsOf(argument).every(([field, value]) =>
    field === "_id"
      ? isNumberType(value.type) || isNullish(value)
      : isNumberType(fieldOf(value, "$sum").type),
  );
}

/** As many documents as a query finds, with nothing in them. */
function* countedDocuments(
  { database }: CommandContext,
  collection: Collection | undefined,
  query: Query,
): Generator<Buffer | Pause, void, undefined> {
  const count = yield* countRecords(database, collection, query);
  for (let i = 0; i < count; i++) {
    yield EMPTY_DOCUMENT.bytes;
  }
}

function checkCurrentOp(source: Source, request: CommandRequest): void {
  if (source.name !== "$cmd.aggregate" || request.db !== "admin") {
    throw new CommandError(
      "InvalidNamespace",
      "$currentOp must be run against the 'admin' database with {aggregate: 1}",
    );
  }
}

function documentsOf(records: Iterable<FoundRecord | Pause>): Documents {
  return mapItems(records, ({ document }) => document);
}
