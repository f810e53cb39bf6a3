import { BsonType } from "./bson-type.js";
import { elementValues, fieldOf, MISSING, type RawValue } from "./raw-value.js";

const INDEX = /^(0|[1-9]\d*)$/;
export function isArrayIndex(part: string): boolean {
  return INDEX.test(part);
}

/**
 * @param atPosition the path ends in the position of an array element, which is one value even if it is an array
 * @returns true to stop
 */
type Visit = (value: RawValue, atPosition: boolean) => boolean;

/**
 * Visits the values that a dotted path leads to, as MongoDB's queries see them: an array on the way is passed through
 * to its embedded documents (and, for a number in the path, to that position).
 *
 * @param document a value of another type has no fields
 * @returns whether a visit returned true
 */
export function someLeaf(document: RawValue, parts: readonly string[], visit: Visit, index = 0): boolean {
  const value = fieldOf(document, parts[index] ?? "");
  return value.type === BsonType.missing ? visit(MISSING, false) : descend(value, parts, visit, index, false);
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
  if (value.type !== BsonType.array) {
    return someLeaf(value, parts, visit, index + 1);
  }
  const next = parts[index + 1] ?? "";
  const elements = elementValues(value);
  if (elements.some((one) => one.type === BsonType.document && someLeaf(one, parts, visit, index + 1))) {
    return true;
  }
  const element = isArrayIndex(next) ? elements[Number(next)] : undefined;
  return element !== undefined && descend(element, parts, visit, index + 1, true);
}

/** Like `someLeaf`; if a path ends at an array, its elements are visited before the array itself. */
export function someValue(
  document: RawValue,
  parts: readonly string[],
  visit: (value: RawValue) => boolean,
): boolean {
  return someLeaf(
    document,
    parts,
    (leaf, atPosition) =>
      (leaf.type === BsonType.array && !atPosition && elementValues(leaf).some(visit)) || visit(leaf),
  );
}
