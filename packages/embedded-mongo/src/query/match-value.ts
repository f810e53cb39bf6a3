import { BsonType, isNumberType, typeOfAlias } from "../bson/bson-type.js";
import { doubleOf, int32Of } from "../bson/number-value.js";
import { elementValues, isOperatorDocument, isText, type RawValue, textOf } from "../bson/raw-value.js";
import { equalityKey, SortTag, sortableBytes } from "../bson/sortable-value.js";
import { badValue, CommandError } from "../errors/command-error.js";
import { matchesPattern } from "./match-regex.js";

/** Whether one value matches. */
export type ValueTest = (value: RawValue) => boolean;

/** @throws CommandError BadValue for the deprecated type undefined */
function isNullArgument({ type }: RawValue): boolean {
  if (type === BsonType.undefined) {
    throw badValue("cannot compare to undefined");
  }
  return type === BsonType.null;
}

/** Not for undefined: see "Migrate Undefined Data and Queries" in MongoDB's manual. */
function isNull({ type }: RawValue): boolean {
  return type === BsonType.null || type === BsonType.missing;
}

export function equals(argument: RawValue): ValueTest {
  if (isNullArgument(argument)) {
    return isNull;
  }
  if (isText(argument)) {
    return equalsText(textOf(argument));
  }
  const expected = sortableBytes(argument);
  const kind = expected[0];
  return (value) =>
    value.type !== BsonType.missing && mayBeOfKind(value.type, kind) && expected.equals(sortableBytes(value));
}

function equalsText(text: string): ValueTest {
  const expected = Buffer.from(text);
  return (value) =>
    isText(value) &&
    value.end - value.at - 5 === expected.length &&
    value.bytes.compare(expected, 0, expected.length, value.at + 4, value.end - 1) === 0;
}

/** Rules out most values before their sortable bytes are made. */
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

/** Whether the order of a value and the argument satisfies an operator. */
const HOLDS = {
  $gt: (order: number) => order > 0,
  $gte: (order: number) => order >= 0,
  $lt: (order: number) => order < 0,
  $lte: (order: number) => order <= 0,
};

export function compares(operator: keyof typeof HOLDS, argument: RawValue): ValueTest {
  if (argument.type === BsonType.regex) {
    throw badValue("Can't have RegEx as arg to predicate over field");
  }
  const holds = HOLDS[operator];
  if (isNullArgument(argument)) {
    return holds(0) ? isNull : () => false;
  }
  const bound = sortableBytes(argument);
  const kind = bound[0];
  const nan = kind === SortTag.number && isNaNBytes(bound);
  return (value) => {
    const actual = sortableBytes(value);
    const isComparable = value.type !== BsonType.missing && actual[0] === kind;
    if (!isComparable && kind !== SortTag.minKey && kind !== SortTag.maxKey) {
      return false;
    }
    const order = actual.compare(bound);
    if (nan || (actual[0] === SortTag.number && isNaNBytes(actual))) {
      return order === 0 && holds(0);
    }
    return holds(order);
  };
}

function isNaNBytes(sortableNumber: Buffer): boolean {
  return sortableNumber.readUInt32BE(1) === 0 && sortableNumber.readUInt32BE(5) === 0;
}

export function isIn(operator: string, argument: RawValue): ValueTest {
  if (argument.type !== BsonType.array) {
    throw badValue(`${operator} needs an array`);
  }
  const items = elementValues(argument);
  if (items.some(isOperatorDocument)) {
    throw badValue(`cannot nest $ under ${operator}`);
  }
  const isPattern = ({ type }: RawValue): boolean => type === BsonType.regex;
  const patterns = items.filter(isPattern).map((item) => matchesPattern(item));
  const texts = new Set(items.filter(isText).map(textOf));
  const others = new Set(items.filter((item) => !isPattern(item) && !isText(item)).map(equalityKey));
  const matchesNull = items.some(isNullArgument);
  return (value) => {
    if (isNull(value)) {
      return matchesNull;
    }
    const isListed = isText(value)
      ? texts.has(textOf(value))
      : others.size > 0 && others.has(equalityKey(value));
    return isListed || patterns.some((test) => test(value));
  };
}

export function hasType(argument: RawValue): ValueTest {
  const list = argument.type === BsonType.array ? elementValues(argument) : [argument];
  if (list.length === 0) {
    throw new CommandError("FailedToParse", "$type must match at least one type");
  }
  const types = new Set(list.flatMap(typesOf));
  return ({ type }) => types.has(type);
}

/** The types that an alias or a code stands for. */
function typesOf(item: RawValue): readonly number[] {
  if (item.type === BsonType.string) {
    const alias = textOf(item);
    const type = typeOfAlias(alias);
    if (alias === "number") {
      return [BsonType.int, BsonType.double, BsonType.long, BsonType.decimal];
    }
    if (type === undefined) {
      throw badValue(`Unknown type name alias: ${alias}`);
    }
    return [type];
  }
  if (!isNumberType(item.type)) {
    throw new CommandError("TypeMismatch", "type must be represented as a number or a string");
  }
  const code = int32Of(item) ?? 0;
  if (code !== -1 && code !== BsonType.maxKey && !(code >= 1 && code <= 19)) {
    throw badValue(`Invalid numerical type code: ${doubleOf(item)}`);
  }
  return [code === -1 ? BsonType.minKey : code];
}
