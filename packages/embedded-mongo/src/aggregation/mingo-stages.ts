import { Context, ProcessingMode } from "mingo/core";
import * as accumulator from "mingo/operators/accumulator";
import * as expression from "mingo/operators/expression";
import * as pipeline from "mingo/operators/pipeline";
import * as projection from "mingo/operators/projection";
import * as query from "mingo/operators/query";
import * as window from "mingo/operators/window";
import type { Options } from "mingo/types";
import { accumulators } from "../expressions/accumulators.js";
import { comparisonOperators } from "../expressions/comparison-operators.js";
import { expressionOperators } from "../expressions/expression-operators.js";
import {
  addFieldsStage,
  countStage,
  groupStage,
  matchStage,
  projectStage,
  replaceRootStage,
  replaceWithStage,
  sampleStage,
  sortStage,
  unsetStage,
} from "./pipeline-stages.js";
import { unwindStage } from "./unwind-stage.js";

/** Everything that mingo has, except what depends on MongoDB's order of values. */
const CONTEXT = Context.init({
  accumulator: { ...accumulator, ...accumulators },
  expression: { ...expression, ...comparisonOperators, ...expressionOperators },
  pipeline: {
    ...pipeline,
    $count: countStage,
    $match: matchStage,
    $sort: sortStage,
    $sample: sampleStage,
    $project: projectStage,
    $unset: unsetStage,
    $addFields: addFieldsStage,
    $set: addFieldsStage,
    $unwind: unwindStage,
    $group: groupStage,
    $replaceRoot: replaceRootStage,
    $replaceWith: replaceWithStage,
  },
  projection,
  query,
  window,
});

export const STAGE_NAMES: ReadonlySet<string> = new Set(Object.keys(pipeline));
export const EXPRESSION_NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(expression),
  ...Object.keys(expressionOperators),
  ...Object.keys(accumulator),
]);

export function mingoOptions(more: Partial<Options> = {}): Options {
  return {
    idKey: "_id",
    scriptEnabled: false,
    useStrictMode: true,
    failOnError: true,
    processingMode: ProcessingMode.CLONE_OFF,
    ...more,
    context: more.context === undefined ? CONTEXT : Context.from(more.context, CONTEXT),
  };
}
