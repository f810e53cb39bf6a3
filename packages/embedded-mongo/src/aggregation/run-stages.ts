import { Aggregator } from "mingo/aggregator";
import { Context } from "mingo/core";
import { $skip } from "mingo/operators/pipeline";
import type { PlainDocument } from "../bson/bson-document.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { asCommandError, EXPRESSIONS, mingoOptions } from "../expressions/mingo-expressions.js";
import { type FindForeign, lookupStage } from "./lookup-stage.js";
import {
  addFieldsStage,
  countStage,
  groupStage,
  limitStage,
  matchStage,
  projectStage,
  replaceRootStage,
  replaceWithStage,
  sampleStage,
  sortByCountStage,
  sortStage,
  unsetStage,
} from "./pipeline-stages.js";
import { unwindStage } from "./unwind-stage.js";

const pipeline = {
  $addFields: addFieldsStage,
  $count: countStage,
  $group: groupStage,
  $limit: limitStage,
  $match: matchStage,
  $project: projectStage,
  $replaceRoot: replaceRootStage,
  $replaceWith: replaceWithStage,
  $sample: sampleStage,
  $set: addFieldsStage,
  $skip,
  $sort: sortStage,
  $sortByCount: sortByCountStage,
  $unset: unsetStage,
  $unwind: unwindStage,
};
const STAGES = Context.from(EXPRESSIONS, Context.init({ pipeline }));

export interface StageOptions {
  /** The documents of another collection, for `$lookup`. */
  readonly findForeign?: FindForeign;
  readonly variables?: PlainDocument | undefined;
}

/** Runs aggregation stages over plain documents. */
export function runStages(
  documents: Iterable<PlainDocument>,
  stages: readonly PlainDocument[],
  { findForeign, variables }: StageOptions = {},
): PlainDocument[] {
  stages.forEach(checkStage);
  try {
    const options = mingoOptions({
      context: findForeign === undefined ? STAGES : withLookup(findForeign),
      ...(variables === undefined ? {} : { variables }),
    });
    return new Aggregator([...stages], options).run<PlainDocument>(documents);
  } catch (error) {
    throw asCommandError(error);
  }
}

function withLookup(findForeign: FindForeign): Context {
  const $lookup = lookupStage(findForeign, (joined, stages, variables) =>
    runStages(joined, stages, { findForeign, variables }),
  );
  return Context.from(Context.init({ pipeline: { $lookup } }), STAGES);
}

/** @throws CommandError 40323, 40324 */
export function checkStage(stage: PlainDocument): void {
  const [name, more] = Object.keys(stage);
  if (name === undefined || more !== undefined) {
    throw new CommandError(
      "Location40323",
      "A pipeline stage specification object must contain exactly one field.",
    );
  }
  if (name === "$changeStream") {
    throw new CommandError("Location40573", "The $changeStream stage is only supported on replica sets");
  }
  if (name !== "$lookup" && !Object.hasOwn(pipeline, name)) {
    throw notSupported(`Unrecognized pipeline stage name: '${name}'`, "Location40324");
  }
}
