import { Context, ProcessingMode } from "mingo/core";
import { $avg, $count, $sum } from "mingo/operators/accumulator";
import {
  $add,
  $and,
  $arrayElemAt,
  $concat,
  $concatArrays,
  $cond,
  $dateToString,
  $dateTrunc,
  $divide,
  $filter,
  $ifNull,
  $in,
  $isArray,
  $let,
  $literal,
  $map,
  $mergeObjects,
  $multiply,
  $not,
  $or,
  $reduce,
  $regexMatch,
  $replaceAll,
  $size,
  $slice,
  $split,
  $strLenCP,
  $substrCP,
  $subtract,
  $switch,
  $toBool,
  $toDate,
  $toDouble,
  $toInt,
  $toLong,
  $trim,
} from "mingo/operators/expression";
import type { Options } from "mingo/types";
import { CommandError, notSupported } from "../errors/command-error.js";
import { accumulators } from "./accumulators.js";
import { comparisonOperators } from "./comparison-operators.js";
import { expressionOperators } from "./expression-operators.js";

const accumulator = { $avg, $count, $sum, ...accumulators };
const expression = {
  $add,
  $and,
  $arrayElemAt,
  $concat,
  $concatArrays,
  $cond,
  $dateToString,
  $dateTrunc,
  $divide,
  $filter,
  $ifNull,
  $in,
  $isArray,
  $let,
  $literal,
  $map,
  $mergeObjects,
  $multiply,
  $not,
  $or,
  $reduce,
  $regexMatch,
  $replaceAll,
  $size,
  $slice,
  $split,
  $strLenCP,
  $substrCP,
  $subtract,
  $switch,
  $toBool,
  $toDate,
  $toDouble,
  $toInt,
  $toLong,
  $trim,
  ...comparisonOperators,
  ...expressionOperators,
};

/** What expressions may be made of: nothing else of mingo is reached. */
export const EXPRESSIONS = Context.init({ accumulator, expression });

export const EXPRESSION_NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(accumulator),
  ...Object.keys(expression),
]);

export function mingoOptions(more: Partial<Options> = {}): Options {
  return {
    idKey: "_id",
    scriptEnabled: false,
    useStrictMode: true,
    failOnError: true,
    processingMode: ProcessingMode.CLONE_OFF,
    context: EXPRESSIONS,
    ...more,
  };
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
    : notSupported(`Unrecognized expression '${unknown}'`, "InvalidPipelineOperator");
}
