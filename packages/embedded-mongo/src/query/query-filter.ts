import type { PlainDocument } from "../bson/bson-document.js";
import { isDocument } from "../bson/bson-document.js";
import { BsonType } from "../bson/bson-type.js";
import {
  decodeValue,
  elementValues,
  encodeValue,
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
  /** As `decodeTyped` has it: what a plan is made of. Every document that matches fulfils it. */
  readonly filter: PlainDocument;
  readonly matches: (document: Buffer) => boolean;
}

/**
 * Compiles a filter once for many sets of variables. Where `$expr` demands that a field equals a value, be it a
 * variable's, the plan may use an index on the field.
 *
 * @param filter as `decodeTyped` has it
 */
export function compileQueryFilter(
  filter: PlainDocument,
  context?: ExpressionContext,
): (variables?: Variable) => QueryFilter {
  const matcher = compileFilter(filter, context);
  const equalities = context === undefined ? [] : equalitiesOf(filter, context);
  return (variables) => {
    const conditions = equalities.flatMap(({ path, value }) =>
      conditionOf(path, value({ root: MISSING, variables })),
    );
    return {
      filter: conditions.length === 0 ? filter : { $and: [filter, ...conditions] },
      matches: (document) => matcher(document, variables),
    };
  };
}

/** A path that `$expr` compares with a value that depends on no document. */
interface Equality {
  readonly path: string;
  readonly value: Expression;
}

function equalitiesOf(filter: PlainDocument, context: ExpressionContext): Equality[] {
  return Object.entries(filter).flatMap(([key, condition]) => {
    if (key === "$expr") {
      return equalitiesIn(encodeValue(condition), context);
    }
    return key === "$and" && Array.isArray(condition)
      ? condition.filter(isDocument).flatMap((clause) => equalitiesOf(clause, context))
      : [];
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
 * In `$expr` an array equals only an array, and a missing field is not null; a regular expression is a value. In a filter
 * they are not: of such a value no condition is made.
 */
function conditionOf(path: string, value: RawValue): PlainDocument[] {
  return isNullish(value) || value.type === BsonType.array || value.type === BsonType.regex
    ? []
    : [{ [path]: { $eq: decodeValue(value) } }];
}
