import { BsonType } from "../bson/bson-type.js";
import {
  arrayValue,
  dateValue,
  documentValue,
  elementValues,
  fieldsOf,
  type RawValue,
  textOf,
} from "../bson/raw-value.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { ARRAY_OPERATORS } from "./array-operators.js";
import { COMPARISON } from "./comparison.js";
import { DATE_OPERATORS } from "./date-operators.js";
import { DOCUMENT_OPERATORS } from "./document-operators.js";
import type { Expression, ExpressionContext, Operator } from "./expression.js";
import { fieldPath, valueAtPath } from "./field-path.js";
import { ACCUMULATING_OPERATORS } from "./group-accumulators.js";
import { LOGIC } from "./logic.js";
import { ARITHMETIC_OPERATORS } from "./number-operators.js";
import { TEXT_OPERATORS } from "./text-operators.js";
import { TYPE_CONVERSIONS } from "./type-conversion.js";
import { checkReadsDocument, VARIABLES, variablePath } from "./variables.js";

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [
    LOGIC,
    COMPARISON,
    VARIABLES,
    ARRAY_OPERATORS,
    DOCUMENT_OPERATORS,
    TEXT_OPERATORS,
    DATE_OPERATORS,
    ARITHMETIC_OPERATORS,
    ACCUMULATING_OPERATORS,
    TYPE_CONVERSIONS,
  ].flatMap((family) => Object.entries(family)),
);

/**
 * The context of a command's expressions. Its `$$NOW` is the current time.
 *
 * @param variables names of the command's `let`
 * @param checkTime throws when the command must stop
 */
export function expressionContext(
  variables: Iterable<string> = [],
  checkTime: () => void = () => undefined,
): ExpressionContext {
  return { variables: new Set(variables), now: dateValue(BigInt(Date.now())), checkTime };
}

/**
 * Compiles an aggregation expression.
 *
 * @throws CommandError if it is invalid or not supported; errors that depend on a document's values are thrown by the
 * compiled function
 */
export function compileExpression(
  spec: RawValue,
  context: ExpressionContext = expressionContext(),
): Expression {
  switch (spec.type) {
    case BsonType.string:
      return compileText(spec, context);
    case BsonType.document:
      return compileDocument(spec, context);
    case BsonType.array: {
      const items = elementValues(spec).map((item) => compileExpression(item, context));
      return (scope) => arrayValue(items.map((item) => item(scope)));
    }
    default:
      return () => spec;
  }
}

function compileText(spec: RawValue, context: ExpressionContext): Expression {
  const text = textOf(spec);
  if (!text.startsWith("$")) {
    return () => spec;
  }
  if (text === "$") {
    throw new CommandError("Location16872", "'$' by itself is not a valid FieldPath");
  }
  if (text.startsWith("$$")) {
    return variablePath(text.slice(2), context);
  }
  const names = fieldPath(text.slice(1));
  checkReadsDocument(context);
  return ({ root }) => valueAtPath(root, names);
}

function compileDocument(spec: RawValue, context: ExpressionContext): Expression {
  const fields = fieldsOf(spec);
  const [name = "", argument] = fields[0] ?? [];
  if (!name.startsWith("$") || argument === undefined) {
    const compiled = fields.map(([field, value]) => {
      checkFieldName(field);
      return [field, compileExpression(value, context)] as const;
    });
    return (scope) => documentValue(compiled.map(([field, value]) => [field, value(scope)] as const));
  }
  if (fields.length > 1) {
    throw new CommandError(
      "Location15983",
      "An object representing an expression must have exactly one field.",
    );
  }
  const operator = OPERATORS.get(name);
  if (operator === undefined) {
    throw notSupported(`Unrecognized expression '${name}'`, "InvalidPipelineOperator");
  }
  return operator(
    argument,
    (inner, more) => compileExpression(inner, more === undefined ? context : withNames(context, more)),
    context,
  );
}

/** Whether an operator of that name is supported. */
export function isOperator(name: string): boolean {
  return OPERATORS.has(name);
}

/** The context with more variables in scope. */
export function withNames(context: ExpressionContext, names: Iterable<string>): ExpressionContext {
  return { ...context, variables: new Set([...context.variables, ...names]) };
}

/** @throws CommandError 16412, and those of `fieldPath` */
function checkFieldName(name: string): void {
  if (name.includes(".")) {
    throw new CommandError(
      "Location16412",
      `FieldPath field names may not contain '.'. Consider using $getField or $setField.`,
    );
  }
  fieldPath(name);
}
