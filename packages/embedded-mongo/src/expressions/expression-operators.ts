import { Decimal128, Long, ObjectId } from "bson";
import { evalExpr } from "mingo/core";
import * as expression from "mingo/operators/expression";
import type { AnyObject, Options } from "mingo/types";
import { encode } from "../bson/bson-codec.js";
import { isDocument } from "../bson/bson-document.js";
import { elementsOf } from "../bson/bson-elements.js";
import { aliasOfType } from "../bson/bson-type.js";
import { CommandError } from "../errors/command-error.js";
import { accumulators } from "./accumulators.js";
import { plainNumber } from "./arithmetic.js";
import { branchOf, evaluate, isAboutGroup, isTrue, sideOf } from "./evaluate.js";

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

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

const toText: ExpressionOperator = (document, argument, options) => {
  const value: unknown = evalExpr(document, onlyArgument(argument), options);
  if (value instanceof ObjectId || value instanceof Long || value instanceof Decimal128) {
    return value.toString();
  }
  return expression.$toString(document, { $literal: value }, options);
};

const toObjectId: ExpressionOperator = (document, argument, options) => {
  const value: unknown = evalExpr(document, onlyArgument(argument), options);
  if (isNothing(value) || value instanceof ObjectId) {
    return value ?? null;
  }
  if (typeof value === "string" && /^[0-9a-fA-F]{24}$/.test(value)) {
    return new ObjectId(value);
  }
  throw new CommandError(
    "ConversionFailure",
    `Failed to parse objectId '${String(value)}' in $convert with no onError value`,
  );
};

/** mingo names types by JavaScript's classes. */
const typeName: ExpressionOperator = (document, argument, options) => {
  const value = evaluate(document, onlyArgument(argument), options);
  if (value === undefined) {
    return "missing";
  }
  const [element] = elementsOf(encode({ v: value }));
  return aliasOfType(element?.type ?? 0);
};

/** An operator whose result has a type, within one of mingo's, which takes JavaScript's numbers. */
function untyped(name: string): ExpressionOperator {
  return (document, argument, options) => plainNumber(evaluate(document, { [name]: argument }, options));
}

/** mingo asks `$first`, `$last`, `$sum` and `$avg` for both: what they make of a document, and of a group. */
function orOfGroup(ofGroup: typeof accumulators.$first, operator: ExpressionOperator): ExpressionOperator {
  return (subject, argument, options) =>
    isAboutGroup(options) && Array.isArray(subject)
      ? ofGroup(subject, argument, options)
      : operator(subject, argument, options);
}

/** The argument of an operator that has one, with or without an array about it. */
function soleArgument(operator: string, argument: unknown): unknown {
  if (Array.isArray(argument) && argument.length !== 1) {
    throw new CommandError(
      "Location16020",
      `Expression ${operator} takes exactly 1 arguments. ${argument.length} were passed in.`,
    );
  }
  return onlyArgument(argument);
}

const size: ExpressionOperator = (document, argument, options) => {
  const value: unknown = evalExpr(document, soleArgument("$size", argument), options);
  if (!Array.isArray(value)) {
    throw new CommandError("Location17124", "The argument to $size must be an array");
  }
  return value.length;
};

const mergeObjects: ExpressionOperator = (document, argument, options) => {
  const operands = operandsOf(argument).map((operand): unknown => evalExpr(document, operand, options));
  if (!operands.every((operand) => isNothing(operand) || isDocument(operand))) {
    throw new CommandError("Location40400", "$mergeObjects requires object inputs");
  }
  return expression.$mergeObjects(document, { $literal: operands }, options);
};

/** As MongoDB lists them. */
const WHITESPACE =
  "\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a";

const trim: ExpressionOperator = (document, argument, options) => {
  if (!isDocument(argument) || !("input" in argument)) {
    throw new CommandError(
      isDocument(argument) ? "Location50695" : "Location50696",
      "$trim requires an object with an 'input'",
    );
  }
  const input: unknown = evalExpr(document, argument.input, options);
  const chars: unknown = "chars" in argument ? evalExpr(document, argument.chars, options) : WHITESPACE;
  if (isNothing(input) || (isNothing(chars) && typeof input === "string")) {
    return null;
  }
  if (typeof input !== "string" || typeof chars !== "string") {
    throw new CommandError(
      typeof input === "string" ? "Location50700" : "Location50699",
      "$trim requires its 'input' and its 'chars' to be strings",
    );
  }
  const trimmed = new Set(chars);
  const points = [...input];
  const start = points.findIndex((point) => !trimmed.has(point));
  const end = points.findLastIndex((point) => !trimmed.has(point));
  return start < 0 ? "" : points.slice(start, end + 1).join("");
};

function operandsOf(argument: unknown): readonly unknown[] {
  return Array.isArray(argument) ? argument : [argument];
}

/** `$min` and `$max` of operands; a single one may be an array of values. */
function ofOperands(ofValues: typeof accumulators.$min): ExpressionOperator {
  return (document, argument, options) => {
    const operands = operandsOf(argument).map((operand): unknown => evalExpr(document, operand, options));
    const [only] = operands;
    const values: unknown[] = operands.length === 1 && Array.isArray(only) ? only : operands;
    return ofValues(
      values.filter((value) => value !== undefined),
      null,
      options,
    );
  };
}

/** Where mingo's operators and MongoDB's differ, and what mingo lacks. */
export const expressionOperators = {
  $add: untyped("$add"),
  $subtract: untyped("$subtract"),
  $multiply: untyped("$multiply"),
  $divide: untyped("$divide"),
  $toInt: untyped("$toInt"),
  $toLong: untyped("$toLong"),
  $toDouble: untyped("$toDouble"),
  $and: (document: unknown, argument: unknown, options: Options): boolean =>
    operandsOf(argument).every((operand) => isTrue(document, operand, options)),
  $or: (document: unknown, argument: unknown, options: Options): boolean =>
    operandsOf(argument).some((operand) => isTrue(document, operand, options)),
  $not: (document: unknown, argument: unknown, options: Options): boolean =>
    !isTrue(document, soleArgument("$not", argument), options),
  $min: orOfGroup(accumulators.$min, ofOperands(accumulators.$min)),
  $max: orOfGroup(accumulators.$max, ofOperands(accumulators.$max)),
  $size: size,
  $mergeObjects: mergeObjects,
  $trim: trim,
  $cond: (document: unknown, argument: unknown, options: Options): unknown =>
    evalExpr(document, sideOf(document, argument, options), options),
  $switch: (document: unknown, argument: unknown, options: Options): unknown =>
    evalExpr(document, branchOf(document, argument, options), options),
  $sum: orOfGroup(accumulators.$sum, untyped("$sum")),
  $avg: orOfGroup(accumulators.$avg, untyped("$avg")),
  $toString: toText,
  $toObjectId: toObjectId,
  $type: typeName,
  $first: orOfGroup(accumulators.$first, expression.$first),
  $last: orOfGroup(accumulators.$last, expression.$last),
  $year: nothingAs(null, expression.$year),
  $month: nothingAs(null, expression.$month),
  $dayOfMonth: nothingAs(null, expression.$dayOfMonth),
  $dayOfWeek: nothingAs(null, expression.$dayOfWeek),
  $hour: nothingAs(null, expression.$hour),
  $minute: nothingAs(null, expression.$minute),
  $toLower: nothingAs("", expression.$toLower),
  $toUpper: nothingAs("", expression.$toUpper),
};
