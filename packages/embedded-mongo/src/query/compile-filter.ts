import { BSONRegExp, Decimal128, Double, Int32, Long } from "bson";
import type { PlainDocument } from "../bson/bson-codec.js";
import { decodePlain, encode } from "../bson/bson-codec.js";
import { isDocument, isOperatorObject } from "../bson/bson-document.js";
import { elementsOf } from "../bson/bson-elements.js";
import { BsonType, isNumberType, typeOfAlias } from "../bson/bson-type.js";
import { SortTag, sortableBytes, sortableBytesOf } from "../bson/sortable-value.js";
import { elementValues, type RawValue, someLeaf, someValue } from "../bson/values-at-path.js";
import { CommandError } from "../errors/command-error.js";
import { compileExpression } from "../expressions/expression.js";

/** Tells whether a document, given as its bytes, is matched. */
export type Matcher = (document: Buffer) => boolean;
type ValueTest = (value: RawValue) => boolean;

const EVERYTHING: Matcher = () => true;

/**
 * A filter in MongoDB's query language as a function over a document's bytes. Values are compared in MongoDB's order,
 * numbers across their types, without decoding the document.
 *
 * @param filter as `decodeTyped` has it
 * @throws CommandError BadValue where the filter is not valid
 */
export function compileFilter(
  filter: PlainDocument,
  expressionOf: ExpressionCompiler = compileExpression,
): Matcher {
  const tests: Matcher[] = [];
  for (const [key, condition] of Object.entries(filter)) {
    tests.push(
      key.startsWith("$") ? compileTopLevel(key, condition, expressionOf) : compileField(key, condition),
    );
  }
  return all(tests);
}

/** How `$expr` is evaluated: within a pipeline, with its variables. */
export type ExpressionCompiler = (expression: unknown) => (document: PlainDocument) => unknown;

function all(tests: readonly Matcher[]): Matcher {
  const [first, second] = tests;
  if (first === undefined) {
    return EVERYTHING;
  }
  return second === undefined ? first : (document) => tests.every((test) => test(document));
}

function bad(message: string): CommandError {
  return new CommandError("BadValue", message);
}

function compileTopLevel(operator: string, condition: unknown, expressionOf: ExpressionCompiler): Matcher {
  switch (operator) {
    case "$and":
      return all(clauses(operator, condition, expressionOf));
    case "$or": {
      const tests = clauses(operator, condition, expressionOf);
      return (document) => tests.some((test) => test(document));
    }
    case "$nor": {
      const tests = clauses(operator, condition, expressionOf);
      return (document) => !tests.some((test) => test(document));
    }
    case "$expr": {
      const evaluate = expressionOf(plainValue(condition));
      return (document) => isTruthy(evaluate(decodePlain(document)));
    }
    case "$comment":
      return EVERYTHING;
    case "$alwaysTrue":
      return EVERYTHING;
    case "$alwaysFalse":
      return () => false;
    case "$where":
    case "$text":
    case "$jsonSchema":
      throw new CommandError("NotImplemented", `${operator} is not supported by this server`);
    default:
      throw bad(
        `unknown top level operator: ${operator}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
  }
}

function clauses(operator: string, condition: unknown, expressionOf: ExpressionCompiler): Matcher[] {
  if (!Array.isArray(condition)) {
    throw bad(`${operator} argument must be an array`);
  }
  if (condition.length === 0) {
    throw bad("$and/$or/$nor must be a nonempty array");
  }
  return condition.map((clause: unknown) => {
    if (!isDocument(clause)) {
      throw bad("$or/$and/$nor entries need to be full objects");
    }
    return compileFilter(clause, expressionOf);
  });
}

/** MongoDB's truth: everything but false, zero, null and missing. */
function isTruthy(value: unknown): boolean {
  return value !== false && value !== 0 && value !== null && value !== undefined;
}

function plainValue(value: unknown): unknown {
  return decodePlain(encode({ v: value })).v;
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

function isRegex(value: unknown): value is BSONRegExp | RegExp {
  return value instanceof BSONRegExp || value instanceof RegExp;
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
        throw bad("Can't have regex as arg to $ne.");
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
      return isTruthy(numberOf(argument) ?? argument) ? exists : not(exists);
    }
    case "$type":
      return test(parts, hasType(argument));
    case "$not":
      return not(compileNot(parts, argument, test));
    case "$regex":
      return test(parts, matchesPattern(argument, siblings.$options));
    case "$options":
      if (siblings.$regex === undefined) {
        throw bad("$options needs a $regex");
      }
      return EVERYTHING;
    case "$mod":
      return test(parts, hasRemainder(argument));
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
    case "$bitsAllSet":
    case "$bitsAnySet":
    case "$bitsAllClear":
    case "$bitsAnyClear":
      return test(parts, hasBits(operator, argument));
    case "$comment":
      return EVERYTHING;
    case "$near":
    case "$nearSphere":
    case "$geoWithin":
    case "$geoIntersects":
      throw new CommandError("NotImplemented", `${operator} is not supported by this server`);
    default:
      throw bad(`unknown operator: ${operator}`);
  }
}

function sortable(value: RawValue): Buffer {
  return sortableBytes(value.bytes, value.type, value.at, value.end);
}

function isNullish(type: number): boolean {
  return type === BsonType.null || type === BsonType.undefined || type === BsonType.missing;
}

function equals(argument: unknown): ValueTest {
  if (argument === null || argument === undefined) {
    return (value) => isNullish(value.type);
  }
  if (typeof argument === "string") {
    return equalsText(argument);
  }
  const expected = sortableBytesOf(argument);
  const kind = expected[0];
  return (value) =>
    value.type !== BsonType.missing && mayBeOfKind(value.type, kind) && expected.equals(sortable(value));
}

function equalsText(text: string): ValueTest {
  const expected = Buffer.from(text);
  return ({ bytes, type, at, end }) =>
    (type === BsonType.string || type === BsonType.symbol) &&
    end - at - 5 === expected.length &&
    bytes.compare(expected, 0, expected.length, at + 4, end - 1) === 0;
}

/** Sorts out most values before their sortable bytes are made. */
function mayBeOfKind(type: number, kind: number | undefined): boolean {
  switch (kind) {
    case SortTag.number:
      return isNumberType(type);
    case SortTag.document:
      return type === BsonType.document;
    case SortTag.array:
      return type === BsonType.array;
    case SortTag.objectId:
      return type === BsonType.objectId;
    default:
      return true;
  }
}

function compares(operator: "$gt" | "$gte" | "$lt" | "$lte", argument: unknown): ValueTest {
  if (isRegex(argument)) {
    throw bad(`Can't have RegEx as arg to predicate over field`);
  }
  if (argument === null || argument === undefined) {
    return operator === "$gte" || operator === "$lte" ? (value) => isNullish(value.type) : () => false;
  }
  const bound = sortableBytesOf(argument);
  const kind = bound[0];
  const nan = kind === SortTag.number && isNaNBytes(bound);
  return (value) => {
    if (value.type === BsonType.missing) {
      return false;
    }
    const actual = sortable(value);
    if (kind !== SortTag.minKey && kind !== SortTag.maxKey && actual[0] !== kind) {
      return false;
    }
    const order = actual.compare(bound);
    if (nan || (actual[0] === SortTag.number && isNaNBytes(actual))) {
      return order === 0 && (operator === "$gte" || operator === "$lte");
    }
    switch (operator) {
      case "$gt":
        return order > 0;
      case "$gte":
        return order >= 0;
      case "$lt":
        return order < 0;
      default:
        return order <= 0;
    }
  };
}

function isNaNBytes(sortableNumber: Buffer): boolean {
  return sortableNumber.readUInt32BE(1) === 0 && sortableNumber.readUInt32BE(5) === 0;
}

function isIn(operator: string, argument: unknown): ValueTest {
  if (!Array.isArray(argument)) {
    throw bad(`${operator} needs an array`);
  }
  const expected = new Set<string>();
  const texts = new Set<string>();
  const patterns: ValueTest[] = [];
  let matchesNull = false;
  for (const item of argument) {
    if (isRegex(item)) {
      patterns.push(matchesPattern(item, undefined));
    } else if (isOperatorObject(item)) {
      throw bad(`cannot nest $ under ${operator}`);
    } else if (item === null || item === undefined) {
      matchesNull = true;
    } else if (typeof item === "string") {
      texts.add(item);
    } else {
      expected.add(sortableBytesOf(item).toString("latin1"));
    }
  }
  return (value) => {
    if (isNullish(value.type)) {
      return matchesNull;
    }
    if (value.type === BsonType.string || value.type === BsonType.symbol) {
      return texts.has(textOf(value)) || patterns.some((test) => test(value));
    }
    return (
      (expected.size > 0 && expected.has(sortable(value).toString("latin1"))) ||
      patterns.some((test) => test(value))
    );
  };
}

function textOf(value: RawValue): string {
  return value.bytes.toString("utf8", value.at + 4, value.end - 1);
}

/** A number in any of the forms that `decodeTyped` gives it. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") {
    return value;
  }
  if (value instanceof Int32 || value instanceof Double) {
    return value.value;
  }
  if (value instanceof Long) {
    return value.toNumber();
  }
  return value instanceof Decimal128 ? Number(value.toString()) : undefined;
}

function hasType(argument: unknown): ValueTest {
  const list: unknown[] = Array.isArray(argument) ? argument : [argument];
  if (list.length === 0) {
    throw new CommandError("FailedToParse", "$type must match at least one type");
  }
  const types = new Set<number>();
  for (const item of list) {
    if (item === "number") {
      types.add(BsonType.int).add(BsonType.double).add(BsonType.long).add(BsonType.decimal);
      continue;
    }
    const code = numberOf(item);
    const type = typeof item === "string" ? typeOfAlias(item) : code === -1 ? BsonType.minKey : code;
    if (type === undefined) {
      throw bad(
        typeof item === "string"
          ? `Unknown type name alias: ${item}`
          : "type must be represented as a number or a string",
      );
    }
    if (type !== BsonType.minKey && type !== BsonType.maxKey && !(type >= 1 && type <= 19)) {
      throw bad(`Invalid numerical type code: ${type}`);
    }
    types.add(type);
  }
  return (value) => types.has(value.type);
}

function compileNot(parts: readonly string[], argument: unknown, test: typeof anyValue): Matcher {
  if (isRegex(argument)) {
    return test(parts, matchesPattern(argument, undefined));
  }
  if (!isDocument(argument)) {
    throw bad("$not needs a regex or a document");
  }
  if (Object.keys(argument).length === 0) {
    throw bad("$not cannot be empty");
  }
  return all(
    Object.entries(argument).map(([operator, value]) => {
      if (!operator.startsWith("$")) {
        throw bad(`unknown operator: ${operator}`);
      }
      return compileOperator(parts, operator, value, argument, test);
    }),
  );
}

function matchesPattern(argument: unknown, options: unknown): ValueTest {
  const { pattern, flags, regex } = compileRegex(argument, options);
  return (value) => {
    if (value.type === BsonType.string || value.type === BsonType.symbol) {
      return regex.test(textOf(value));
    }
    if (value.type === BsonType.regex) {
      const patternEnd = value.bytes.indexOf(0, value.at);
      return (
        value.bytes.toString("utf8", value.at, patternEnd) === pattern &&
        value.bytes.toString("utf8", patternEnd + 1, value.end - 1) === flags
      );
    }
    return false;
  };
}

function compileRegex(
  argument: unknown,
  options: unknown,
): { pattern: string; flags: string; regex: RegExp } {
  let pattern: string;
  let flags = typeof options === "string" ? options : "";
  if (argument instanceof BSONRegExp) {
    pattern = argument.pattern;
    flags ||= argument.options;
  } else if (argument instanceof RegExp) {
    pattern = argument.source;
    flags ||= argument.flags;
  } else if (typeof argument === "string") {
    pattern = argument;
  } else {
    throw bad("$regex has to be a string");
  }
  const invalid = flags.replace(/[imsxu]/g, "");
  if (invalid !== "") {
    throw new CommandError("Location51091", `invalid flag in regex options: ${invalid.slice(0, 1)}`);
  }
  let source = pattern;
  let sourceFlags = flags.replace(/[xu]/g, "");
  const inline = /^\(\?([imsx]+)\)/.exec(source);
  if (inline?.[1] !== undefined) {
    source = source.slice(inline[0].length);
    sourceFlags += inline[1].replace("x", "");
  }
  if (flags.includes("x") || inline?.[1]?.includes("x") === true) {
    source = source.replace(/\\.|\[(?:\\.|[^\]])*\]|\s+|#.*$/gm, (part) =>
      part.startsWith("\\") || part.startsWith("[") ? part : "",
    );
  }
  try {
    return { pattern, flags, regex: new RegExp(source, [...new Set(sourceFlags)].join("")) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError("Location51091", `Regular expression is invalid: ${reason}`);
  }
}

function valueAsNumber(value: RawValue): number | undefined {
  switch (value.type) {
    case BsonType.int:
      return value.bytes.readInt32LE(value.at);
    case BsonType.double:
      return value.bytes.readDoubleLE(value.at);
    case BsonType.long:
      return Number(value.bytes.readBigInt64LE(value.at));
    case BsonType.decimal:
      return Number(new Decimal128(value.bytes.subarray(value.at, value.end)).toString());
    default:
      return undefined;
  }
}

function hasRemainder(argument: unknown): ValueTest {
  if (!Array.isArray(argument)) {
    throw bad("malformed mod, needs to be an array");
  }
  if (argument.length !== 2) {
    throw bad(`malformed mod, ${argument.length < 2 ? "not enough" : "too many"} elements`);
  }
  const [divisor, remainder] = argument.map(wholeNumberOf);
  if (divisor === undefined) {
    throw bad("malformed mod, divisor not a number");
  }
  if (remainder === undefined) {
    throw bad("malformed mod, remainder not a number");
  }
  if (divisor === 0n) {
    throw bad("divisor cannot be 0");
  }
  return (value) => {
    const number = wholeValueAsNumber(value);
    return number !== undefined && number % divisor === remainder;
  };
}

function wholeNumberOf(value: unknown): bigint | undefined {
  if (value instanceof Long) {
    return value.toBigInt();
  }
  const number = numberOf(value);
  return number === undefined || !Number.isFinite(number) ? undefined : BigInt(Math.trunc(number));
}

/** The whole part of a number; exact for a long. */
function wholeValueAsNumber(value: RawValue): bigint | undefined {
  if (value.type === BsonType.long) {
    return value.bytes.readBigInt64LE(value.at);
  }
  const number = valueAsNumber(value);
  return number === undefined || !Number.isFinite(number) ? undefined : BigInt(Math.trunc(number));
}

function hasBits(operator: string, argument: unknown): ValueTest {
  const positions = Array.isArray(argument) ? argument.map(numberOf) : undefined;
  let mask = 0n;
  if (positions !== undefined) {
    for (const position of positions) {
      if (position === undefined || position < 0 || !Number.isInteger(position)) {
        throw bad(`bit positions must be an integer but got: ${String(position)}`);
      }
      mask |= 1n << BigInt(position);
    }
  } else {
    const number = numberOf(argument);
    if (number === undefined || !Number.isInteger(number) || number < 0) {
      throw bad(`${operator} takes an Array, a number, or a BinData but received: ${String(argument)}`);
    }
    mask = BigInt(number);
  }
  return (value) => {
    const number = valueAsNumber(value);
    if (number === undefined || !Number.isInteger(number)) {
      return false;
    }
    const bits = BigInt.asUintN(64, BigInt(number)) & mask;
    switch (operator) {
      case "$bitsAllSet":
        return bits === mask;
      case "$bitsAnySet":
        return bits !== 0n;
      case "$bitsAllClear":
        return bits === 0n;
      default:
        return bits !== mask;
    }
  };
}

function compileSize(parts: readonly string[], argument: unknown): Matcher {
  const size = numberOf(argument);
  if (size === undefined) {
    throw bad(`Failed to parse $size. Expected a number in: $size: ${JSON.stringify(argument)}`);
  }
  if (!Number.isInteger(size)) {
    throw bad(`Failed to parse $size. Expected an integer: $size: ${size}`);
  }
  if (size < 0) {
    throw bad(`Failed to parse $size. Expected a non-negative number in: $size: ${size}`);
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
    throw bad("$all needs an array");
  }
  if (argument.length === 0) {
    return () => false;
  }
  return all(
    argument.map((item: unknown) => {
      if (isDocument(item) && Object.hasOwn(item, "$elemMatch")) {
        return compileOperator(parts, "$elemMatch", item.$elemMatch, item);
      }
      return compileOperator(parts, isRegex(item) ? "$regex" : "$eq", item, {});
    }),
  );
}

/** `$elemMatch` as a test of one array element. */
export function compileElemMatch(argument: unknown): ValueTest {
  if (!isDocument(argument)) {
    throw bad("$elemMatch needs an Object");
  }
  const [first] = Object.keys(argument);
  const logical = first === "$and" || first === "$or" || first === "$nor" || first === "$expr";
  return first?.startsWith("$") && !logical ? compileValueTest(argument) : compileDocumentTest(argument);
}

function compileDocumentTest(filter: PlainDocument): ValueTest {
  const matches = compileFilter(filter);
  return ({ bytes, type, at, end }) =>
    (type === BsonType.document || type === BsonType.array) && matches(bytes.subarray(at, end));
}

/** Operators such as `{ $gt: 5 }` applied to one value, wherever it comes from. */
function compileValueTest(operators: PlainDocument): ValueTest {
  const matches = compileField("v", operators, wholeValue);
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

/** A condition as `$pull` and array filters take it: a value, operators, or a filter over an embedded document. */
export function compileCondition(condition: unknown): (value: unknown) => boolean {
  if (isDocument(condition) && !isOperatorObject(condition)) {
    const matches = compileFilter(condition);
    return (value) => isDocument(value) && matches(encode(value));
  }
  const matches = compileField("v", condition, wholeValue);
  return (value) => matches(encode({ v: value }));
}
