import { BsonType } from "../bson/bson-type.js";
import { EMPTY_DOCUMENT, fieldsOf, isEmpty, type RawValue } from "../bson/raw-value.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { compileQueryFilter, conjunction } from "../query/query-filter.js";
import type { Query } from "../records/find-records.js";
import { groupStage, sortByCountStage } from "./group-stage.js";
import { lookupStage } from "./lookup-stage.js";
import { readLimit, readMatch, readSkip, readSort, SELECTION_STAGES, sortStage } from "./selection-stages.js";
import { SHAPE_STAGES } from "./shape-stages.js";
import type { Pipeline, Stage, StageCompiler, StageContext } from "./stage.js";
import { unwindStage } from "./unwind-stage.js";

/** All stages but `$sort`, which depends on the stages after it. */
const STAGES: ReadonlyMap<string, StageCompiler> = new Map(
  Object.entries({
    ...SELECTION_STAGES,
    ...SHAPE_STAGES,
    $group: groupStage,
    $lookup: lookupStage,
    $sortByCount: sortByCountStage,
    $unwind: unwindStage,
  }),
);

/** Stages that `aggregate` serves itself, at the start of a pipeline. */
const FIRST_STAGES = new Set(["$collStats", "$currentOp", "$indexStats"]);

const MAX_STAGES = 1_000;

export type PipelineContext = Omit<StageContext, "compilePipeline">;

/**
 * Compiles a pipeline over a collection: a query for the stages that a search can run, and the other stages.
 *
 * @param specs one document per stage
 * @throws CommandError if a stage is invalid or not supported
 */
export function compilePipeline(specs: readonly RawValue[], context: PipelineContext): Pipeline {
  checkLength(specs);
  const head = readHead(specs);
  const filter = compileQueryFilter(head.filter, context.expressions);
  const rest = specs.slice(head.stages);
  const { sort, skip, limit } = head;
  return {
    query: (variables) => ({ ...filter(variables), sort, skip, limit }),
    rest,
    stages: compileStages(rest, context),
  };
}

function checkLength(specs: readonly RawValue[]): void {
  if (specs.length > MAX_STAGES) {
    throw new CommandError("Location7749501", `Pipeline length must be no longer than ${MAX_STAGES} stages`);
  }
}

interface Head {
  readonly filter: RawValue;
  readonly sort: Query["sort"];
  readonly skip: number;
  readonly limit: number;
  /** The number of stages it replaces. */
  readonly stages: number;
}

/** `$match`, then `$sort`, then `$skip`, then `$limit`, at the pipeline's start. */
function readHead(specs: readonly RawValue[]): Head {
  let filter = EMPTY_DOCUMENT;
  let sort: Query["sort"];
  let skip = 0;
  let limit = 0;
  let stages = 0;
  for (const spec of specs) {
    const [name, argument] = readStage(spec);
    if (name === "$match" && sort === undefined && skip === 0 && limit === 0) {
      const more = readMatch(argument);
      filter = isEmpty(filter) ? more : conjunction([filter, more]);
    } else if (name === "$sort" && skip === 0 && limit === 0) {
      sort = readSort(argument);
    } else if (name === "$skip" && limit === 0) {
      skip += readSkip(argument);
    } else if (name === "$limit") {
      const most = readLimit(argument);
      limit = limit === 0 ? most : Math.min(limit, most);
    } else {
      break;
    }
    stages++;
  }
  return { filter, sort, skip, limit, stages };
}

/** Compiles every stage of a pipeline on its own. */
export function compileStages(specs: readonly RawValue[], context: PipelineContext): Stage[] {
  checkLength(specs);
  const stageContext: StageContext = {
    ...context,
    compilePipeline: (inner, expressions) => compilePipeline(inner, { ...context, expressions }),
  };
  return specs.map((spec, i) => {
    const [name, argument] = readStage(spec);
    if (name === "$sort") {
      return sortStage(argument, wantedOf(specs.slice(i + 1)));
    }
    return stageNamed(name)(argument, stageContext);
  });
}

/** @throws CommandError 40324 if there is no stage of that name, 40602 if it must be the first one */
export function stageNamed(name: string): StageCompiler {
  const compile = STAGES.get(name);
  if (FIRST_STAGES.has(name)) {
    const message = `${name} is only valid as the first stage of a command's pipeline`;
    throw new CommandError("Location40602", message);
  }
  if (compile === undefined) {
    throw notSupported(`Unrecognized pipeline stage name: '${name}'`, "Location40324");
  }
  return compile;
}

/** The number of documents that `$skip` and `$limit` at the start of these stages need; 0: all. */
function wantedOf(specs: readonly RawValue[]): number {
  const { filter, sort, skip, limit } = readHead(specs);
  return limit === 0 || sort !== undefined || !isEmpty(filter) ? 0 : skip + limit;
}

/** @throws CommandError 40323, 40573 */
export function readStage(spec: RawValue): readonly [name: string, argument: RawValue] {
  const [stage, more] = spec.type === BsonType.document ? fieldsOf(spec) : [];
  if (stage === undefined || more !== undefined) {
    throw new CommandError(
      "Location40323",
      "A pipeline stage specification object must contain exactly one field.",
    );
  }
  if (stage[0] === "$changeStream") {
    throw new CommandError("Location40573", "The $changeStream stage is only supported on replica sets");
  }
  return stage;
}
