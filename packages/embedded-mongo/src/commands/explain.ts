import { compilePipeline } from "../aggregation/compile-pipeline.js";
import type { PlainDocument } from "../bson/bson-document.js";
import { EMPTY_DOCUMENT, fieldsOf, type RawValue } from "../bson/raw-value.js";
import { notSupported } from "../errors/command-error.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import { checkCommand, command, type ServedCommand } from "../protocol/command.js";
import { type CommandContext, readVariables } from "../protocol/command-context.js";
import { fields, oneOf } from "../protocol/command-fields.js";
import {
  type CommandRequest,
  collectionName,
  documentsField,
  innerCommand,
  presentField,
  stringField,
} from "../protocol/command-request.js";
import type { Collection, Index } from "../records/catalog.js";
import { countRecords } from "../records/count-records.js";
import { findRecords, type Query, type ScanCounts } from "../records/find-records.js";
import { keysOfMatches } from "../records/keys-of-matches.js";
import { type Pause, takeItems } from "../records/pause.js";
import { needsSort, planQuery, type QueryPlan } from "../records/query-plan.js";
import { aggregate, onlyCounts, pipelineContext, sourceOf } from "./aggregate.js";
import { SERVER_VERSION } from "./diagnostics.js";
import { distinct } from "./distinct.js";
import { count, find, readQuery } from "./find.js";

const EXPLAINABLE: ReadonlyMap<string, ServedCommand> = new Map([
  ["aggregate", aggregate],
  ["count", count],
  ["distinct", distinct],
  ["find", find],
]);

const FIELDS = fields(
  { object: "explain", required: "explain" },
  { verbosity: oneOf("queryPlanner", "executionStats", "allPlansExecution") },
);

/** Shows which index a command would use and, with `executionStats`, at what cost. */
export const explain = command(FIELDS, function* (context, request): Generator<Pause, PlainDocument> {
  const inner = readExplained(request);
  const isAggregate = inner.name === "aggregate";
  const name = isAggregate ? sourceOf(context, inner).name : collectionName(inner);
  const collection = context.database.catalog.get(request.db, name);
  const variables = readVariables(context, inner);
  const { query, rest } = isAggregate
    ? explainedPipeline(context, inner, variables)
    : { query: readQuery(inner, variables, inner.name === "find" ? "filter" : "query"), rest: [] };
  const isCounted = inner.name === "count" || onlyCounts(rest[0]);
  const isExecuted = (stringField(request, "verbosity") ?? "allPlansExecution") !== "queryPlanner";
  const explained = {
    queryPlanner: {
      namespace: `${request.db}.${name}`,
      parsedQuery: query.filter,
      indexFilterSet: false,
      winningPlan: collection === undefined ? { stage: "EOF" } : describePlan(collection, query, isCounted),
      rejectedPlans: [],
    },
    ...(isExecuted && { executionStats: yield* measure(context, collection, query, isCounted) }),
  };
  return {
    explainVersion: "1",
    ...(rest.length === 0 ? explained : { stages: [{ $cursor: explained }, ...rest] }),
    serverInfo: { host: context.server.host, port: context.server.port(), version: SERVER_VERSION },
  };
});

function explainedPipeline(context: CommandContext, request: CommandRequest, variables: CommandVariables) {
  const pipeline = compilePipeline(
    documentsField(request, "pipeline"),
    pipelineContext(context, request, variables),
  );
  return {
    query: { ...pipeline.query(variables.values), hint: presentField(request, "hint") },
    rest: pipeline.rest,
  };
}

/** @throws CommandError CommandNotFound for a command that is not explained, and what its own fields raise */
function readExplained(request: CommandRequest): CommandRequest {
  const inner = innerCommand(request, "explain");
  const command = EXPLAINABLE.get(inner.name);
  if (command === undefined) {
    throw notSupported(`explain of '${inner.name}'`, "CommandNotFound");
  }
  checkCommand(inner, command);
  return inner;
}

function* measure(
  context: CommandContext,
  collection: Collection | undefined,
  query: Query,
  isCounted: boolean,
): Generator<Pause, PlainDocument, undefined> {
  const counts: ScanCounts = { keysExamined: 0, documentsExamined: 0 };
  const started = Date.now();
  let nReturned = 0;
  if (isCounted) {
    nReturned = yield* countRecords(context.database, collection, query, counts);
  } else {
    yield* takeItems(findRecords(context.database, collection, query, counts), () => nReturned++);
  }
  return {
    executionSuccess: true,
    nReturned,
    executionTimeMillis: Date.now() - started,
    totalKeysExamined: counts.keysExamined,
    totalDocsExamined: counts.documentsExamined,
  };
}

function describePlan(collection: Collection, query: Query, isCounted: boolean): PlainDocument {
  const plan = planQuery(collection, query);
  const counted = isCounted ? keysOfMatches(plan, query.filter) : undefined;
  if (counted !== undefined) {
    return { ...describeScan(counted.index, "forward"), stage: "COUNT_SCAN" };
  }
  const access = describeAccess(collection, plan, query.filter);
  return needsSort(plan, query.sort)
    ? { stage: "SORT", sortPattern: new Map(query.sort), inputStage: access }
    : access;
}

function describeAccess(collection: Collection, plan: QueryPlan, filter: RawValue): PlainDocument {
  switch (plan.kind) {
    case "collection-scan":
      return { stage: "COLLSCAN", filter, direction: plan.reverse ? "backward" : "forward" };
    case "nothing":
      return { stage: "EOF" };
    case "id-lookup":
      return plan.single && fieldsOf(filter).length === 1
        ? { stage: "IDHACK" }
        : { stage: "FETCH", filter, inputStage: describeScan(collection.idIndex, "forward") };
    case "index-scan": {
      const direction = plan.sorted === -1 ? "backward" : "forward";
      return { stage: "FETCH", filter, inputStage: describeScan(plan.index, direction) };
    }
    default:
      return {
        stage: "OR",
        inputStages: plan.plans.map((branch) => describeAccess(collection, branch, EMPTY_DOCUMENT)),
      };
  }
}

function describeScan(index: Index, direction: "forward" | "backward"): PlainDocument {
  return {
    stage: "IXSCAN",
    keyPattern: new Map(index.key),
    indexName: index.name,
    isMultiKey: index.multikeyPaths.length > 0,
    isUnique: index.unique,
    isSparse: index.sparse,
    isPartial: index.partialFilter !== undefined,
    direction,
  };
}
