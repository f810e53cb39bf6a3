import { isOperatorObject } from "../bson/bson-document.js";
import { numberOf } from "../bson/bson-number.js";
import { BsonType, isNumberType, typeOfAlias } from "../bson/bson-type.js";
import { isNullish, type RawValue, textOf } from "../bson/raw-value.js";
import { SortTag, sortableBytes, sortableBytesOf } from "../bson/sortable-value.js";
import { badValue, CommandError } from "../errors/command-error.js";
import { isRegex, matchesPattern } from "./match-regex.js";

/** Tells whether one value is matched. */
export type ValueTest = (value: RawValue) => boolean;

function sortable(value: RawValue): Buffer {
  return sortableBytes(value.bytes, value.type, value.at, value.end);
}

export function equals(argument: unknown): ValueTest {
  if (argument === null || argument === undefined) {
    return (value) => isNullish(value);
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

export function compares(operator: "$gt" | "$gte" | "$lt" | "$lte", argument: unknown): ValueTest {
  if (isRegex(argument)) {
    throw badValue(`Can't have RegEx as arg to predicate over field`);
  }
  if (argument === null || argument === undefined) {
    return operator === "$gte" || operator === "$lte" ? (value) => isNullish(value) : () => false;
  }
  const bound = sortableBytesOf(argument);
  const kind = bound[0];
  const nan = kind === SortTag.number && isNaNBytes(bound);
  return (value) => {
    const actual = sortable(value);
    const isComparable = value.type !== BsonType.missing && actual[0] === kind;
    if (!isComparable && kind !== SortTag.minKey && kind !== SortTag.maxKey) {
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

export function isIn(operator: string, argument: unknown): ValueTest {
  if (!Array.isArray(argument)) {
    throw badValue(`${operator} needs an array`);
  }
  const expected = new Set<string>();
  const texts = new Set<string>();
  const patterns: ValueTest[] = [];
  let matchesNull = false;
  for (const item of argument) {
    if (isRegex(item)) {
      patterns.push(matchesPattern(item));
    } else if (isOperatorObject(item)) {
      throw badValue(`cannot nest $ under ${operator}`);
    } else if (item === null || item === undefined) {
      matchesNull = true;
    } else if (typeof item === "string") {
      texts.add(item);
    } else {
      expected.add(sortableBytesOf(item).toString("latin1"));
    }
  }
  return (value) => {
    if (isNullish(value)) {
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

export function hasType(argument: unknown): ValueTest {
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
      throw typeof item === "string"
        ? badValue(`Unknown type name alias: ${item}`)
        : new CommandError("TypeMismatch", "type must be represented as a number or a string");
    }
    const isCode = Number.isInteger(type) && type >= 1 && type <= 19;
    if (type !== BsonType.minKey && type !== BsonType.maxKey && !isCode) {
      throw badValue(`Invalid numerical type code: ${type}`);
    }
    types.add(type);
  }
  return (value) => types.has(value.type);
}
