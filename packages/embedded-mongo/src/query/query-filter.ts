import { BsonType } from "../bson/bson-type.js";
import {
  arrayValue,
  documentValue,
  elementValues,
  fieldsOf,
  isNullish,
  MISSING,
  type RawValue,
  textOf,
} from "../bson/raw-value.js";
import { compileExpression } from "../expressions/compile-expression.js";
import type { Expression, ExpressionContext, Variable } from "../expressions/expression.js";
import { compileFilter } from "./compile-filter.js";

/** A filter with the values of its variables. */
export interface QueryFilter {
  /** For the query plan. Every document that matches satisfies it. */
  readonly filter: RawValue;
  readonly matches: (document: Buffer) => boolean;
}

/**
 * Compiles a filter once for many sets of variables. Where `$expr` demands that a field equals a value, be it a
 * variable's, the plan may use an index on the field.
 */
export function compileQueryFilter(
  filter: RawValue,
  context?: ExpressionContext,
): (variables?: Variable) => QueryFilter {
  const matcher = compileFilter(filter, context);
  const equalities = context === undefined ? [] : equalitiesOf(filter, context);
  return (variables) => {
    const conditions = equalities.flatMap(({ path, value }) =>
      conditionOf(path, value({ root: MISSING, variables })),
    );
    return {
      filter: conditions.length === 0 ? filter : conjunction([filter, ...conditions]),
      matches: (document) => matcher(document, variables),
    };
  };
}

/** A filter that demands all of these. */
export function conjunction(filters: readonly RawValue[]): RawValue {
  return documentValue([["$and", arrayValue(filters)]]);
}

/** A filter with one condition: `{ path: { operator: value } }`. */
export function fieldFilter(path: string, operator: string, value: RawValue): RawValue {
  return documentValue([[path, documentValue([[operator, value]])]]);
}

/** A path that `$expr` compares with a value that depends on no document. */
interface Equality {
  readonly path: string;
  readonly value: Expression;
}

function equalitiesOf(filter: RawValue, context: ExpressionContext): Equality[] {
  return fieldsOf(filter).flatMap(([key, condition]) => {
    if (key === "$expr") {
      return equalitiesIn(condition, context);
    }
    return key === "$and" ? elementValues(condition).flatMap((clause) => equalitiesOf(clause, context)) : [];
  });
}

function equalitiesIn(expression: RawValue, context: ExpressionContext): Equality[] {
  const [operator, argument] =
    (expression.type === BsonType.document ? fieldsOf(expression)[0] : undefined) ?? [];
  if (argument?.type !== BsonType.array) {
    return [];
  }
  const operands = elementValues(argument);
  if (operator === "$and") {
    return operands.flatMap((operand) => equalitiesIn(operand, context));
  }
  const [a, b] = operands;
  if (operator !== "$eq" || a === undefined || b === undefined) {
    return [];
  }
  return [
    [a, b],
    [b, a],
  ].flatMap(([field = MISSING, value = MISSING]) =>
    isFieldPath(field) && isConstant(value)
      ? [{ path: textOf(field).slice(1), value: compileExpression(value, context) }]
      : [],
  );
}

function isFieldPath(expression: RawValue): boolean {
  return expression.type === BsonType.string && /^\$[^$]/.test(textOf(expression));
}

function isConstant(expression: RawValue): boolean {
  return expression.type === BsonType.string
    ? /^(?!\$)|^\$\$(?!ROOT\b|CURRENT\b)/.test(textOf(expression))
    : expression.type !== BsonType.document && expression.type !== BsonType.array;
}

/**
 * In `$expr` an array equals only an array, a missing field differs from null, and a regular expression is a value. A
 * filter treats these differently, so that they become no condition.
 */
function conditionOf(path: string, value: RawValue): RawValue[] {
  return isNullish(value) || value.type === BsonType.array || value.type === BsonType.regex
    ? []
    : [fieldFilter(path, "$eq", value)];
}
