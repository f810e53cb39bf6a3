import { Aggregator } from "mingo/aggregator";
import { Context } from "mingo/core";
import type { Options } from "mingo/types";
import type { PlainDocument } from "../bson/bson-codec.js";
import { CommandError } from "../errors/command-error.js";
import { checkArgument, rewriteStage } from "./check-stage.js";
import { type FindForeign, lookupStage } from "./lookup-stage.js";
import { mingoOptions, STAGE_NAMES } from "./mingo-stages.js";

export interface StageOptions {
  /** The documents of another collection, for `$lookup`, `$unionWith` and `$graphLookup`. */
  readonly findForeign?: FindForeign;
  readonly variables?: PlainDocument | undefined;
}

/** Runs aggregation stages over plain documents. */
export function runStages(
  documents: Iterable<PlainDocument>,
  pipeline: readonly PlainDocument[],
  options: StageOptions = {},
): PlainDocument[] {
  for (const stage of pipeline) {
    checkStage(stage);
  }
  try {
    const aggregator = new Aggregator(
      pipeline.flatMap(rewriteStage),
      mingoOptions({
        ...foreignOptions(options.findForeign),
        ...(options.variables === undefined ? {} : { variables: options.variables }),
      }),
    );
    return aggregator.run<PlainDocument>(documents);
  } catch (error) {
    throw asCommandError(error);
  }
}

function foreignOptions(find: FindForeign | undefined): Partial<Options> {
  return find === undefined
    ? {}
    : {
        collectionResolver: (name) => [...find(name, {})],
        context: Context.init({ pipeline: { $lookup: lookupStage(find) } }),
      };
}

/** @throws CommandError 40323, 40324, and what else is wrong with a stage before any document is seen */
export function checkStage(stage: PlainDocument): void {
  const names = Object.keys(stage);
  const [name] = names;
  if (names.length !== 1 || name === undefined) {
    throw new CommandError(
      "Location40323",
      "A pipeline stage specification object must contain exactly one field.",
    );
  }
  if (name === "$changeStream") {
    throw new CommandError("Location40573", "The $changeStream stage is only supported on replica sets");
  }
  if (!STAGE_NAMES.has(name)) {
    throw new CommandError("Location40324", `Unrecognized pipeline stage name: '${name}'`);
  }
  checkArgument(name, stage[name]);
}

/** What mingo throws, in MongoDB's terms where they are known. */
export function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) {
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /^accumulator '(\$\w+)' is not registered\.$/.exec(message)?.[1];
  return unknown === undefined
    ? new CommandError(
        /number|numeric|resolve|expects|must be/.test(message) ? "TypeMismatch" : "BadValue",
        message,
      )
    : new CommandError("InvalidPipelineOperator", `Unrecognized expression '${unknown}'`);
}
