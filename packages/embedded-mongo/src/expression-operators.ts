import { evalExpr } from "mingo/core";
import * as expression from "mingo/operators/expression";
import type { AnyObject, Options } from "mingo/types";

type ExpressionOperator = (document: AnyObject, argument: unknown, options: Options) => unknown;

/** MongoDB takes `{ $op: [x] }` for `{ $op: x }` where an operator has one argument. */
function onlyArgument(argument: unknown): unknown {
  return Array.isArray(argument) && argument.length === 1 ? argument[0] : argument;
}

/** `result` where the argument is null or missing. */
function nothingAs(result: unknown, operator: ExpressionOperator): ExpressionOperator {
  return (document, argument, options) => {
    const value: unknown = evalExpr(document, onlyArgument(argument), options);
    const date = typeof value === "object" && value !== null && "date" in value ? value.date : value;
    return date === null || date === undefined ? result : operator(document, onlyArgument(argument), options);
  };
}

function unwrapped(operator: ExpressionOperator): ExpressionOperator {
  return (document, argument, options) => operator(document, onlyArgument(argument), options);
}

/** Where mingo's operators and MongoDB's differ. */
export const expressionOperators = {
  $year: nothingAs(null, expression.$year),
  $month: nothingAs(null, expression.$month),
  $week: nothingAs(null, expression.$week),
  $dayOfMonth: nothingAs(null, expression.$dayOfMonth),
  $dayOfWeek: nothingAs(null, expression.$dayOfWeek),
  $dayOfYear: nothingAs(null, expression.$dayOfYear),
  $hour: nothingAs(null, expression.$hour),
  $minute: nothingAs(null, expression.$minute),
  $second: nothingAs(null, expression.$second),
  $millisecond: nothingAs(null, expression.$millisecond),
  $toLower: nothingAs("", expression.$toLower),
  $toUpper: nothingAs("", expression.$toUpper),
  $arrayToObject: unwrapped(expression.$arrayToObject),
  $reverseArray: unwrapped(expression.$reverseArray),
};
