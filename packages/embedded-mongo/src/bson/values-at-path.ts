import { elementsOf, findElement } from "./bson-elements.js";
import { BsonType } from "./bson-type.js";
import { elementValues, MISSING, type RawValue } from "./raw-value.js";

const DIGITS = /^\d+$/;
export function isArrayIndex(part: string): boolean {
  return DIGITS.test(part);
}

/**
 * @param atPosition the path ends in the number of an array element: what it holds is one value, be it an array
 * @returns true to stop
 */
type Visit = (value: RawValue, atPosition: boolean) => boolean;

/**
 * Visits the values that a dotted path leads to, as MongoDB's queries see them: an array on the way is passed through
 * to its embedded documents (and, for a number in the path, to that position).
 *
 * @returns whether a visit returned true
 */
export function someLeaf(
  bytes: Buffer,
  at: number,
  parts: readonly string[],
  visit: Visit,
  index = 0,
): boolean {
  const part = parts[index];
  const element = part === undefined ? undefined : findElement(bytes, part, at);
  if (element === undefined) {
    return visit(MISSING, false);
  }
  const { type, value: valueAt, end } = element;
  return descend({ bytes, type, at: valueAt, end }, parts, visit, index, false);
}

function descend(
  value: RawValue,
  parts: readonly string[],
  visit: Visit,
  index: number,
  atPosition: boolean,
): boolean {
  if (index === parts.length - 1) {
    return visit(value, atPosition);
  }
  if (value.type === BsonType.document) {
    return someLeaf(value.bytes, value.at, parts, visit, index + 1);
  }
  if (value.type !== BsonType.array) {
    return visit(MISSING, false);
  }
  const next = parts[index + 1] ?? "";
  const elements = elementsOf(value.bytes, value.at);
  for (const { type, value: at } of elements) {
    if (type === BsonType.document && someLeaf(value.bytes, at, parts, visit, index + 1)) {
      return true;
    }
  }
  if (isArrayIndex(next)) {
    const element = elements[Number(next)];
    if (element === undefined) {
      return false;
    }
    const { type, value: at, end } = element;
    return descend({ bytes: value.bytes, type, at, end }, parts, visit, index + 1, true);
  }
  return false;
}

/** Like `someLeaf`, and where a path ends at an array its elements are visited too, before the array itself. */
export function someValue(
  bytes: Buffer,
  parts: readonly string[],
  visit: (value: RawValue) => boolean,
): boolean {
  return someLeaf(bytes, 0, parts, (leaf, atPosition) => {
    if (leaf.type === BsonType.array && !atPosition) {
      for (const element of elementValues(leaf)) {
        if (visit(element)) {
          return true;
        }
      }
    }
    return visit(leaf);
  });
}
