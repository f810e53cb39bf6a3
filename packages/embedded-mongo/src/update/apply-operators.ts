import { Int32, Timestamp } from "bson";
import { encode } from "../bson/bson-codec.js";
import { isDocument, type PlainDocument } from "../bson/bson-document.js";
import { elementsOf } from "../bson/bson-elements.js";
import { numberOf } from "../bson/bson-number.js";
import { aliasOfType, BsonType, isNumberType } from "../bson/bson-type.js";
import { addNumbers, multiplyNumbers } from "../bson/number-value.js";
import { decodeValue, encodeValue } from "../bson/raw-value.js";
import { sortableBytesOf } from "../bson/sortable-value.js";
import { badValue, CommandError } from "../errors/command-error.js";
import { shellText } from "../errors/shell-text.js";
import { compileCondition } from "../query/compile-filter.js";
import { argumentOf, type FieldUpdate } from "./parse-update.js";
import { pushValues } from "./push-values.js";
import { type Container, type FieldVisitor, getField, hasField, setField, visitPath } from "./walk-path.js";

export interface ApplyOptions {
  readonly inserting: boolean;
  readonly now: Date;
}

/**
 * Applies update operators to a document, which is changed.
 *
 * @param document as `decodeTyped` has it
 * @returns whether anything changed
 */
export function applyOperators(
  document: PlainDocument,
  fields: readonly FieldUpdate[],
  options: ApplyOptions,
): boolean {
  let changed = false;
  for (const field of fields) {
    if (field.operator !== "$setOnInsert" || options.inserting) {
      changed = applyField(document, field, options) || changed;
    }
  }
  return changed;
}

const CREATES = new Set([
  "$set",
  "$setOnInsert",
  "$inc",
  "$mul",
  "$min",
  "$max",
  "$currentDate",
  "$push",
  "$addToSet",
]);

function applyField(document: PlainDocument, field: FieldUpdate, options: ApplyOptions): boolean {
  const argument = argumentOf(field);
  return visitPath(
    document,
    field.path,
    CREATES.has(field.operator),
    visitorOf(field, argument, document, options),
  );
}

function visitorOf(
  field: FieldUpdate,
  argument: unknown,
  document: PlainDocument,
  options: ApplyOptions,
): FieldVisitor {
  switch (field.operator) {
    case "$set":
    case "$setOnInsert":
      return (container, key) => assign(container, key, argument);
    case "$unset":
      return unset;
    case "$inc":
    case "$mul":
      return (container, key) => arithmetic(container, key, field, argument, document);
    case "$min":
    case "$max":
      return (container, key) => {
        const order = hasField(container, key)
          ? sortableBytesOf(argument).compare(sortableBytesOf(getField(container, key)))
          : undefined;
        const better = order === undefined || (field.operator === "$min" ? order < 0 : order > 0);
        return better && assign(container, key, argument);
      };
    case "$currentDate":
      return (container, key) => assign(container, key, currentDate(argument, options.now));
    case "$push":
      return changeArray(field, (values) => pushValues(values, argument));
    case "$addToSet":
      return changeArray(field, (values) => addToSet(values, argument));
    case "$pull": {
      const matches = compileCondition(argument);
      return changeArray(field, (values) => values.filter((value) => !matches(value)));
    }
    case "$pullAll": {
      if (!Array.isArray(argument)) {
        throw badValue(`$pullAll requires an array argument but was given a ${typeName(argument)}`);
      }
      const gone = new Set(argument.map(comparable));
      return changeArray(field, (values) => values.filter((value) => !gone.has(comparable(value))));
    }
    default: {
      const direction = numberOf(argument);
      if (direction !== 1 && direction !== -1) {
        throw new CommandError("FailedToParse", `$pop expects 1 or -1, found: ${shellText(argument)}`);
      }
      return changeArray(field, (values) => (direction === 1 ? values.slice(0, -1) : values.slice(1)));
    }
  }
}

/** Whether two values have the same bytes, types included. */
function sameBytes(a: unknown, b: unknown): boolean {
  return encode({ v: a }).equals(encode({ v: b }));
}

/** The type of a value, as `$type` names it. */
function typeName(value: unknown): string {
  const [element] = elementsOf(encode({ v: value ?? null }));
  return aliasOfType(element?.type ?? BsonType.null);
}

function assign(container: Container, key: string, value: unknown): boolean {
  if (hasField(container, key) && sameBytes(getField(container, key), value)) {
    return false;
  }
  setField(container, key, value);
  return true;
}

function unset(container: Container, key: string): boolean {
  if (!hasField(container, key)) {
    return false;
  }
  if (Array.isArray(container)) {
    return assign(container, key, null);
  }
  return delete container[key];
}

function arithmetic(
  container: Container,
  key: string,
  { operator, path }: FieldUpdate,
  argument: unknown,
  document: PlainDocument,
): boolean {
  const operand = encodeValue(argument);
  if (!isNumberType(operand.type)) {
    throw new CommandError(
      "TypeMismatch",
      `Cannot ${operator === "$inc" ? "increment" : "multiply"} with non-numeric argument: {${path}: ${shellText(argument)}}`,
    );
  }
  if (operator === "$inc" && !hasField(container, key)) {
    return assign(container, key, argument);
  }
  const before = hasField(container, key) ? getField(container, key) : new Int32(0);
  const current = encodeValue(before);
  if (!isNumberType(current.type)) {
    throw new CommandError(
      "TypeMismatch",
      `Cannot apply ${operator} to a value of non-numeric type. {_id: ${shellText(document._id)}} has the field '${key}' of non-numeric type ${aliasOfType(current.type)}`,
    );
  }
  const after = operator === "$inc" ? addNumbers(current, operand) : multiplyNumbers(current, operand);
  if (after === undefined) {
    throw badValue(
      `Failed to apply ${operator} operations to current value ((NumberLong)${shellText(before)}) for document {_id: ${shellText(document._id)}}`,
    );
  }
  return assign(container, key, decodeValue(after));
}

function currentDate(argument: unknown, now: Date): Date | Timestamp {
  refuseOthers(argument, "$type", "$currentDate");
  const type = isDocument(argument) ? argument.$type : argument;
  if (type === true || type === false || type === "date") {
    return now;
  }
  if (type === "timestamp") {
    return new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 });
  }
  throw badValue(
    isDocument(argument)
      ? "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}"
      : `${typeName(argument)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
  );
}

/** @throws CommandError BadValue where a document has other fields than one */
function refuseOthers(argument: unknown, field: string, operator: string): void {
  const other = isDocument(argument) ? Object.keys(argument).find((name) => name !== field) : undefined;
  if (other !== undefined) {
    throw badValue(`Unrecognized option of ${operator}: ${other}`);
  }
}

/** Changes the array in a field. One that is not there counts as empty, where the operator creates it. */
function changeArray(
  { operator, path }: FieldUpdate,
  change: (values: readonly unknown[]) => readonly unknown[],
): FieldVisitor {
  return (container, key) => {
    if (!hasField(container, key) && !CREATES.has(operator)) {
      return false;
    }
    const before = hasField(container, key) ? getField(container, key) : [];
    if (!Array.isArray(before)) {
      throw new CommandError(
        operator === "$pop" ? "TypeMismatch" : "BadValue",
        `Cannot apply ${operator} to the field '${path}': it must be an array but is of type ${typeName(before)}`,
      );
    }
    return assign(container, key, change(before));
  };
}

/** Equal for values that MongoDB takes for equal. */
function comparable(value: unknown): string {
  return sortableBytesOf(value).toString("latin1");
}

function addToSet(values: readonly unknown[], argument: unknown): unknown[] {
  const hasEach = isDocument(argument) && "$each" in argument;
  const each = hasEach ? argument.$each : [argument];
  refuseOthers(hasEach ? argument : undefined, "$each", "$addToSet");
  if (!Array.isArray(each)) {
    throw new CommandError(
      "TypeMismatch",
      `The argument to $each in $addToSet must be an array but it was of type ${typeName(each)}`,
    );
  }
  const known = new Set(values.map(comparable));
  const result = [...values];
  for (const value of each) {
    if (!known.has(comparable(value))) {
      known.add(comparable(value));
      result.push(value);
    }
  }
  return result;
}
