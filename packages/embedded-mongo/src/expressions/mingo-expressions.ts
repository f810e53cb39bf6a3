import { Context, evalExpr, ProcessingMode } from "mingo/core";
import { $count } from "mingo/operators/accumulator";
import * as mingo from "mingo/operators/expression";
import type { Options } from "mingo/types";
import type { PlainDocument } from "../bson/bson-document.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { accumulators } from "./accumulators.js";
import { comparisonOperators } from "./comparison-operators.js";
import { expressionOperators } from "./expression-operators.js";

const accumulator = { $count, ...accumulators };
/** Nothing else of mingo is reached. */
const FROM_MINGO = new Set(
  [
    "$ifNull $let $literal",
    "$concat $split $substrCP $strLenCP $replaceAll $regexMatch",
    "$arrayElemAt $concatArrays $filter $in $isArray $map $reduce $slice",
    "$toBool $toDate $dateToString $dateTrunc",
  ].flatMap((names) => names.split(" ")),
);
const expression = {
  ...Object.fromEntries(Object.entries(mingo).filter(([name]) => FROM_MINGO.has(name))),
  ...comparisonOperators,
  ...expressionOperators,
};

/** The operators that expressions may be made of. */
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

/** An aggregation expression (`$expr`) as a function over a plain document. */
export function compileExpression(
  expression: unknown,
  variables: PlainDocument = {},
): (document: PlainDocument) => unknown {
  const options = mingoOptions({ variables });
  return (document) => {
    try {
      return evalExpr(document, expression, options);
    } catch (error) {
      throw asCommandError(error);
    }
  };
}

/** An error that mingo threw, in MongoDB's terms where they are known. */
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
