import { isDocument, isOperatorObject, type PlainDocument } from "../bson/bson-document.js";
import { elementsOf } from "../bson/bson-elements.js";
import { numberOf } from "../bson/bson-number.js";
import { BsonType } from "../bson/bson-type.js";
import { elementValues, encodeValue, isTrue, wholeDocument } from "../bson/raw-value.js";
import { someLeaf, someValue } from "../bson/values-at-path.js";
import { badValue, notSupported } from "../errors/command-error.js";
import { compileExpression, expressionContext } from "../expressions/compile-expression.js";
import type { ExpressionContext, Variable } from "../expressions/expression.js";
import { isRegex, matchesPattern } from "./match-regex.js";
import { compares, equals, hasType, isIn, type ValueTest } from "./match-value.js";

/** Tells whether a document, given as its bytes, is matched; `variables` are for `$expr`. */
export type Matcher = (document: Buffer, variables?: Variable) => boolean;

const EVERYTHING: Matcher = () => true;

/**
 * A filter in MongoDB's query language as a function over a document's bytes. Values are compared in MongoDB's order,
 * numbers across their types, without decoding the document.
 *
 * @param filter as `decodeTyped` has it
 * @throws CommandError BadValue where the filter is not valid
 */
export function compileFilter(filter: PlainDocument, context = expressionContext()): Matcher {
  return compileClauses(filter, context);
}

/** @param context undefined within an array's elements, where MongoDB has no `$expr` */
function compileClauses(filter: PlainDocument, context: ExpressionContext | undefined): Matcher {
  return all(
    Object.entries(filter).map(([key, condition]) =>
      key.startsWith("$") ? compileTopLevel(key, condition, context) : compileField(key, condition),
    ),
  );
}

function all(tests: readonly Matcher[]): Matcher {
  const [first, second] = tests;
  if (first === undefined) {
    return EVERYTHING;
  }
  return second === undefined
    ? first
    : (document, variables) => tests.every((test) => test(document, variables));
}

function compileTopLevel(
  operator: string,
  condition: unknown,
  context: ExpressionContext | undefined,
): Matcher {
  switch (operator) {
    case "$and":
      return all(clauses(operator, condition, context));
    case "$or": {
      const tests = clauses(operator, condition, context);
      return (document, variables) => tests.some((test) => test(document, variables));
    }
    case "$nor": {
      const tests = clauses(operator, condition, context);
      return (document, variables) => !tests.some((test) => test(document, variables));
    }
    case "$expr": {
      if (context === undefined) {
        throw badValue("$expr can only be applied to the top-level document");
      }
      const evaluate = compileExpression(encodeValue(condition), context);
      return (document, variables) => isTrue(evaluate({ root: wholeDocument(document), variables }));
    }
    case "$comment":
      return EVERYTHING;
    // The fields of a DBRef.
    case "$ref":
    case "$id":
    case "$db":
      return compileOperator([operator], "$eq", condition, {});
    default:
      throw notSupported(`unknown top level operator: ${operator}`, "BadValue");
  }
}

function clauses(operator: string, condition: unknown, context: ExpressionContext | undefined): Matcher[] {
  if (!Array.isArray(condition)) {
    throw badValue(`${operator} argument must be an array`);
  }
  if (condition.length === 0) {
    throw badValue("$and/$or/$nor must be a nonempty array");
  }
  return condition.map((clause: unknown) => {
    if (!isDocument(clause)) {
      throw badValue("$or/$and/$nor entries need to be full objects");
    }
    return compileClauses(clause, context);
  });
}

function compileField(path: string, condition: unknown, test: typeof anyValue = anyValue): Matcher {
  const parts = path.split(".");
  if (!isOperatorObject(condition)) {
    return compileOperator(parts, isRegex(condition) ? "$regex" : "$eq", condition, {}, test);
  }
  return all(
    Object.entries(condition).map(([operator, argument]) =>
      compileOperator(parts, operator, argument, condition, test),
    ),
  );
}

/** Tests the values at a path, and the elements of an array there. */
function anyValue(parts: readonly string[], test: ValueTest): Matcher {
  return (document) => someValue(document, parts, test);
}

/** Tests the value at a path as one, be it an array. */
function wholeValue(parts: readonly string[], test: ValueTest): Matcher {
  return (document) => someLeaf(document, 0, parts, test);
}

function not(matcher: Matcher): Matcher {
  return (document) => !matcher(document);
}

function compileOperator(
  parts: readonly string[],
  operator: string,
  argument: unknown,
  siblings: PlainDocument,
  test: typeof anyValue = anyValue,
): Matcher {
  switch (operator) {
    case "$eq":
      return test(parts, equals(argument));
    case "$ne":
      if (isRegex(argument)) {
        throw badValue("Can't have regex as arg to $ne.");
      }
      return not(test(parts, equals(argument)));
    case "$gt":
    case "$gte":
    case "$lt":
    case "$lte":
      return test(parts, compares(operator, argument));
    case "$in":
      return test(parts, isIn(operator, argument));
    case "$nin":
      return not(test(parts, isIn(operator, argument)));
    case "$exists": {
      const exists: Matcher = (document) =>
        someLeaf(document, 0, parts, (value) => value.type !== BsonType.missing);
      return isTrue(encodeValue(argument)) ? exists : not(exists);
    }
    case "$type":
      return test(parts, hasType(argument));
    case "$not":
      return not(compileNot(parts, argument, test));
    case "$regex":
      return test(parts, matchesPattern(argument, siblings));
    case "$options":
      if (siblings.$regex === undefined) {
        throw badValue("$options needs a $regex");
      }
      return EVERYTHING;
    case "$size":
      return compileSize(parts, argument);
    case "$all":
      return compileAll(parts, argument);
    case "$elemMatch": {
      const matches = compileElemMatch(argument);
      return (document) =>
        someLeaf(
          document,
          0,
          parts,
          (value) => value.type === BsonType.array && elementValues(value).some(matches),
        );
    }
    case "$comment":
      return EVERYTHING;
    default:
      throw notSupported(`unknown operator: ${operator}`, "BadValue");
  }
}

function compileNot(parts: readonly string[], argument: unknown, test: typeof anyValue): Matcher {
  if (isRegex(argument)) {
    return test(parts, matchesPattern(argument));
  }
  if (!isDocument(argument)) {
    throw badValue("$not needs a regex or a document");
  }
  if (Object.keys(argument).length === 0) {
    throw badValue("$not cannot be empty");
  }
  return all(
    Object.entries(argument).map(([operator, value]) => {
      if (!operator.startsWith("$")) {
        throw badValue(`unknown operator: ${operator}`);
      }
      return compileOperator(parts, operator, value, argument, test);
    }),
  );
}

function compileSize(parts: readonly string[], argument: unknown): Matcher {
  const size = numberOf(argument);
  if (size === undefined) {
    throw badValue(`Failed to parse $size. Expected a number in: $size: ${JSON.stringify(argument)}`);
  }
  if (!Number.isInteger(size)) {
    throw badValue(`Failed to parse $size. Expected an integer: $size: ${size}`);
  }
  if (size < 0) {
    throw badValue(`Failed to parse $size. Expected a non-negative number in: $size: ${size}`);
  }
  return (document) =>
    someLeaf(
      document,
      0,
      parts,
      (value) => value.type === BsonType.array && elementsOf(value.bytes, value.at).length === size,
    );
}

function compileAll(parts: readonly string[], argument: unknown): Matcher {
  if (!Array.isArray(argument)) {
    throw badValue("$all needs an array");
  }
  if (argument.length === 0) {
    return () => false;
  }
  const isElemMatch = (item: unknown): item is PlainDocument =>
    isDocument(item) && Object.keys(item)[0] === "$elemMatch";
  const ofElements = isElemMatch(argument[0]);
  return all(
    argument.map((item: unknown) => {
      if (isElemMatch(item) !== ofElements) {
        throw badValue("$all/$elemMatch has to be consistent");
      }
      if (isElemMatch(item)) {
        return compileOperator(parts, "$elemMatch", item.$elemMatch, item);
      }
      if (isOperatorObject(item)) {
        throw badValue("no $ expressions in $all");
      }
      return compileOperator(parts, isRegex(item) ? "$regex" : "$eq", item, {});
    }),
  );
}

/** `$elemMatch` as a test of one array element. */
export function compileElemMatch(argument: unknown): ValueTest {
  if (!isDocument(argument)) {
    throw badValue("$elemMatch needs an Object");
  }
  const names = Object.keys(argument);
  const isOfDocument =
    !names[0]?.startsWith("$") ||
    ["$and", "$or", "$nor", "$expr"].includes(names[0]) ||
    names.some((name) => ["$ref", "$id", "$db"].includes(name));
  return isOfDocument ? compileDocumentTest(argument) : compileValueTest(argument);
}

function compileDocumentTest(filter: PlainDocument): ValueTest {
  const matches = compileClauses(filter, undefined);
  return ({ bytes, type, at, end }) =>
    (type === BsonType.document || type === BsonType.array) && matches(bytes.subarray(at, end));
}

/** A value, or operators such as `{ $gt: 5 }`, as a test of one value, wherever it comes from. */
function compileValueTest(condition: unknown): ValueTest {
  const matches = compileField("v", condition, wholeValue);
  return ({ bytes, type, at, end }) => {
    const length = 4 + 3 + (end - at) + 1;
    const wrapped = Buffer.allocUnsafe(length);
    wrapped.writeInt32LE(length, 0);
    wrapped[4] = type;
    wrapped[5] = 0x76;
    wrapped[6] = 0;
    bytes.copy(wrapped, 7, at, end);
    wrapped[length - 1] = 0;
    return matches(wrapped);
  };
}

/** A condition as `$pull` takes it: a value, operators, or a filter over an embedded document. */
export function compileCondition(condition: unknown): ValueTest {
  if (!isDocument(condition) || isOperatorObject(condition)) {
    return compileValueTest(condition);
  }
  const matches = compileDocumentTest(condition);
  return (value) => value.type === BsonType.document && matches(value);
}
