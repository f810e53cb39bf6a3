import { encode } from "../bson/bson-codec.js";
import { isDocument } from "../bson/bson-document.js";
import { numberOf } from "../bson/bson-number.js";
import { sortableBytesOf } from "../bson/sortable-value.js";
import { badValue } from "../errors/command-error.js";
import { compileSortKey, type KeyPattern } from "../query/index-keys.js";

const MODIFIERS = new Set(["$each", "$slice", "$sort", "$position"]);

/** `$push` with `$each`, `$position`, `$sort` and `$slice`, applied in that order. */
export function pushValues(values: readonly unknown[], argument: unknown): readonly unknown[] {
  if (!isDocument(argument) || !("$each" in argument)) {
    return [...values, argument];
  }
  const unknown = Object.keys(argument).find((name) => !MODIFIERS.has(name));
  if (unknown !== undefined) {
    throw badValue(`Unrecognized clause in $push: ${unknown}`);
  }
  const { $each, $position, $sort, $slice } = argument;
  if (!Array.isArray($each)) {
    throw badValue("The argument to $each in $push must be an array");
  }
  const result = [...values];
  const position = wholeNumber($position, "$position");
  result.splice(position ?? result.length, 0, ...$each);
  if ($sort !== undefined) {
    sortValues(result, $sort);
  }
  const slice = wholeNumber($slice, "$slice");
  if (slice === undefined) {
    return result;
  }
  return slice < 0 ? result.slice(slice) : result.slice(0, slice);
}

function wholeNumber(value: unknown, name: string): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  const number = numberOf(value);
  if (number === undefined || !Number.isInteger(number)) {
    throw badValue(`The value for ${name} must be an integer value`);
  }
  return number;
}

function sortValues(values: unknown[], sort: unknown): void {
  if (isDocument(sort)) {
    const pattern = Object.entries(sort).map(([path, direction]) => [path, directionOf(direction)] as const);
    const keyOf = sortKeyOf(pattern);
    const keyed = values.map((value) => ({ value, key: keyOf(value) }));
    keyed.sort((a, b) => a.key.compare(b.key));
    values.splice(0, values.length, ...keyed.map(({ value }) => value));
    return;
  }
  const direction = directionOf(sort);
  const keyed = values.map((value) => ({ value, key: sortableBytesOf(value) }));
  keyed.sort((a, b) => direction * a.key.compare(b.key));
  values.splice(0, values.length, ...keyed.map(({ value }) => value));
}

function directionOf(value: unknown): 1 | -1 {
  const direction = numberOf(value);
  if (direction !== 1 && direction !== -1) {
    throw badValue("The $sort element value must be either 1 or -1");
  }
  return direction;
}

/** A value that is no document has none of the fields. */
function sortKeyOf(pattern: KeyPattern): (value: unknown) => Buffer {
  const keyOf = compileSortKey(pattern);
  return (value) => keyOf(encode(isDocument(value) ? value : {}));
}
