import { BsonType, isNumberType } from "../bson/bson-type.js";
import { wholePart } from "../bson/number-value.js";
import {
  elementValues,
  fieldOf,
  fieldsOf,
  isOperatorDocument,
  isTrue,
  MISSING,
  type RawValue,
  wholeDocument,
} from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { someLeaf, someValue } from "../bson/values-at-path.js";
import { badValue, notSupported } from "../errors/command-error.js";
import { compileExpression, expressionContext } from "../expressions/compile-expression.js";
import type { ExpressionContext, Variable } from "../expressions/expression.js";
import { matchesPattern } from "./match-regex.js";
import { compares, equals, hasType, isIn, type ValueTest } from "./match-value.js";

/** Whether a document, given as its bytes, matches; `variables` are for `$expr`. */
export type Matcher = (document: Buffer, variables?: Variable) => boolean;

/** The same for a document, or an element of an array, as a value. */
type Test = (value: RawValue, variables?: Variable) => boolean;

const EVERYTHING: Test = () => true;

/** What operators are applied to. */
interface Place {
  /** Tests the values there, and the elements of an array there. */
  readonly any: (test: ValueTest) => Test;
  /** Tests the value there as one, be it an array. */
  readonly whole: (test: ValueTest) => Test;
}

function placeAt(path: string): Place {
  const parts = path.split(".");
  return {
    any: (test) => (document) => someValue(document, parts, test),
    whole: (test) => (document) => someLeaf(document, parts, test),
  };
}

/** An element of an array. */
const ELEMENT: Place = { any: (test) => test, whole: (test) => test };

/** A value as if it were that of a field. */
const FIELD: Place = {
  any: (test) => (value) => test(value) || (value.type === BsonType.array && elementValues(value).some(test)),
  whole: (test) => test,
};

/**
 * A filter in MongoDB's query language as a function over a document's bytes. Values are compared in MongoDB's order,
 * numbers across their types, without decoding the document.
 *
 * @throws CommandError BadValue if the filter is not valid
 */
export function compileFilter(filter: RawValue, context = expressionContext()): Matcher {
  const test = compileClauses(filter, context);
  return (document, variables) => test(wholeDocument(document), variables);
}

/** @param context undefined within an array's elements, where MongoDB has no `$expr` */
function compileClauses(filter: RawValue, context: ExpressionContext | undefined): Test {
  return every(
    fieldsOf(filter).map(([key, condition]) =>
      key.startsWith("$")
        ? compileTopLevel(key, condition, context)
        : compileConditions(placeAt(key), condition),
    ),
  );
}

function every(tests: readonly Test[]): Test {
  const [first = EVERYTHING, second] = tests;
  return second === undefined ? first : (value, variables) => tests.every((test) => test(value, variables));
}

function not(test: Test): Test {
  return (value, variables) => !test(value, variables);
}

function compileTopLevel(
  operator: string,
  condition: RawValue,
  context: ExpressionContext | undefined,
): Test {
  switch (operator) {
    case "$and":
      return every(compileList(operator, condition, context));
    case "$or":
    case "$nor": {
      const tests = compileList(operator, condition, context);
      const some: Test = (value, variables) => tests.some((test) => test(value, variables));
      return operator === "$or" ? some : not(some);
    }
    case "$expr": {
      if (context === undefined) {
        throw badValue("$expr can only be applied to the top-level document");
      }
      const evaluate = compileExpression(condition, context);
      return (root, variables) => isTrue(evaluate({ root, variables }));
    }
    case "$comment":
      return EVERYTHING;
    // The fields of a DBRef.
    case "$ref":
    case "$id":
    case "$db":
      return placeAt(operator).any(equals(condition));
    default:
      throw notSupported(`unknown top level operator: ${operator}`, "BadValue");
  }
}

function compileList(operator: string, list: RawValue, context: ExpressionContext | undefined): Test[] {
  if (list.type !== BsonType.array) {
    throw badValue(`${operator} argument must be an array`);
  }
  const clauses = elementValues(list);
  if (clauses.length === 0) {
    throw badValue("$and/$or/$nor must be a nonempty array");
  }
  return clauses.map((clause) => {
    if (clause.type !== BsonType.document) {
      throw badValue("$or/$and/$nor entries need to be full objects");
    }
    return compileClauses(clause, context);
  });
}

/** The condition on a field: a value, a regular expression, or operators. */
function compileConditions(place: Place, condition: RawValue): Test {
  return isOperatorDocument(condition)
    ? every(
        fieldsOf(condition).map(([operator, argument]) =>
          compileOperator(place, operator, argument, condition),
        ),
      )
    : compileValue(place, condition);
}

function compileValue(place: Place, value: RawValue): Test {
  return place.any(value.type === BsonType.regex ? matchesPattern(value) : equals(value));
}

/** @param siblings the document of the operator */
function compileOperator(place: Place, operator: string, argument: RawValue, siblings: RawValue): Test {
  switch (operator) {
    case "$eq":
      return place.any(equals(argument));
    case "$ne":
      if (argument.type === BsonType.regex) {
        throw badValue("Can't have regex as arg to $ne.");
      }
      return not(place.any(equals(argument)));
    case "$gt":
    case "$gte":
    case "$lt":
    case "$lte":
      return place.any(compares(operator, argument));
    case "$in":
      return place.any(isIn(operator, argument));
    case "$nin":
      return not(place.any(isIn(operator, argument)));
    case "$exists": {
      const exists = place.whole(({ type }) => type !== BsonType.missing);
      return isTrue(argument) ? exists : not(exists);
    }
    case "$type":
      return place.any(hasType(argument));
    case "$not":
      return not(compileNot(place, argument));
    case "$regex":
      return place.any(matchesPattern(argument, siblings));
    case "$options":
      if (fieldOf(siblings, "$regex").type === BsonType.missing) {
        throw badValue("$options needs a $regex");
      }
      return EVERYTHING;
    case "$size":
      return compileSize(place, argument);
    case "$all":
      return compileAll(place, argument);
    case "$elemMatch":
      return someElement(place, compileElemMatch(argument));
    case "$comment":
      return EVERYTHING;
    default:
      throw notSupported(`unknown operator: ${operator}`, "BadValue");
  }
}

function compileNot(place: Place, argument: RawValue): Test {
  if (argument.type === BsonType.regex) {
    return compileValue(place, argument);
  }
  if (argument.type !== BsonType.document) {
    throw badValue("$not needs a regex or a document");
  }
  const operators = fieldsOf(argument);
  if (operators.length === 0) {
    throw badValue("$not cannot be empty");
  }
  return every(
    operators.map(([operator, value]) => {
      if (!operator.startsWith("$")) {
        throw badValue(`unknown operator: ${operator}`);
      }
      return compileOperator(place, operator, value, argument);
    }),
  );
}

function compileSize(place: Place, argument: RawValue): Test {
  const part = wholePart(argument);
  const size = Number(part?.whole);
  if (part?.exact !== true || size < 0) {
    const wanted = !isNumberType(argument.type) ? "number" : size < 0 ? "non-negative number" : "integer";
    throw badValue(`Failed to parse $size. Expected a ${wanted} in: $size: ${shellText(argument)}`);
  }
  return place.whole((value) => value.type === BsonType.array && elementValues(value).length === size);
}

function compileAll(place: Place, argument: RawValue): Test {
  if (argument.type !== BsonType.array) {
    throw badValue("$all needs an array");
  }
  const items = elementValues(argument);
  if (items.length === 0) {
    return not(EVERYTHING);
  }
  const ofElements = elemMatchOf(items[0]) !== undefined;
  return every(
    items.map((item) => {
      const elemMatch = elemMatchOf(item);
      if ((elemMatch !== undefined) !== ofElements) {
        throw badValue("$all/$elemMatch has to be consistent");
      }
      if (elemMatch !== undefined) {
        return someElement(place, compileElemMatch(elemMatch));
      }
      if (isOperatorDocument(item)) {
        throw badValue("no $ expressions in $all");
      }
      return compileValue(place, item);
    }),
  );
}

/** The argument of `{ $elemMatch: … }`; undefined for another value. */
function elemMatchOf(item = MISSING): RawValue | undefined {
  const [first] = item.type === BsonType.document ? fieldsOf(item) : [];
  return first?.[0] === "$elemMatch" ? first[1] : undefined;
}

function someElement(place: Place, test: ValueTest): Test {
  return place.whole((value) => value.type === BsonType.array && elementValues(value).some(test));
}

/** `$elemMatch` as a test of one array element. */
export function compileElemMatch(argument: RawValue): ValueTest {
  if (argument.type !== BsonType.document) {
    throw badValue("$elemMatch needs an Object");
  }
  if (!isOfDocument(argument)) {
    return compileConditions(ELEMENT, argument);
  }
  const matches = compileClauses(argument, undefined);
  return (value) =>
    (value.type === BsonType.document || value.type === BsonType.array) &&
    matches({ ...value, type: BsonType.document });
}

/** Whether a value is a filter over a document, as opposed to operators on a value. */
function isOfDocument(filter: RawValue): boolean {
  const names = filter.type === BsonType.document ? fieldsOf(filter).map(([name]) => name) : undefined;
  return (
    names !== undefined &&
    (!names[0]?.startsWith("$") ||
      ["$and", "$or", "$nor", "$expr", "$comment"].includes(names[0]) ||
      names.some((name) => ["$ref", "$id", "$db"].includes(name)))
  );
}

/**
 * A condition as `$pull` takes it: a value, a filter over an embedded document, or operators or a regular expression,
 * which meet the elements of an array as those of a field do.
 */
export function compileCondition(condition: RawValue): ValueTest {
  if (!isOfDocument(condition)) {
    const isValue = condition.type !== BsonType.document && condition.type !== BsonType.regex;
    return compileConditions(isValue ? ELEMENT : FIELD, condition);
  }
  const matches = compileClauses(condition, undefined);
  return (value) => value.type === BsonType.document && matches(value);
}
