import type { PlainDocument } from "../bson/bson-codec.js";
import { isDocument, isOperatorObject } from "../bson/bson-document.js";
import { elementsOf } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { type RawValue, someLeaf } from "../bson/values-at-path.js";
import { CommandError } from "../errors/command-error.js";
import { compileElemMatch, compileFilter } from "./compile-filter.js";

/**
 * The index that the positional operator `$` stands for: the first element of the array that the filter's condition on
 * that array matches.
 */
export function findPosition(
  document: Buffer,
  filter: PlainDocument,
  path: string,
  inserting = false,
): number {
  const prefix = path.split(".$", 1)[0] ?? path;
  const tests = inserting ? [] : conditionsOn(filter, prefix);
  let position = -1;
  someLeaf(document, 0, prefix.split("."), (leaf) => {
    if (leaf.type !== BsonType.array) {
      return false;
    }
    position = elementsOf(leaf.bytes, leaf.at).findIndex(({ type, value, end }) =>
      tests.some((test) => test({ bytes: leaf.bytes, type, at: value, end })),
    );
    return position >= 0;
  });
  if (position < 0) {
    throw new CommandError(
      "BadValue",
      "The positional operator did not find the match needed from the query.",
    );
  }
  return position;
}

function conditionsOn(filter: PlainDocument, prefix: string): ((value: RawValue) => boolean)[] {
  return Object.entries(filter).flatMap(([path, condition]) => {
    if (path.startsWith("$") && Array.isArray(condition)) {
      return condition.filter(isDocument).flatMap((clause) => conditionsOn(clause, prefix));
    }
    if (path === prefix) {
      return [elementTest(condition)];
    }
    return path.startsWith(`${prefix}.`) ? [embeddedTest(path.slice(prefix.length + 1), condition)] : [];
  });
}

function elementTest(condition: unknown): (value: RawValue) => boolean {
  if (isOperatorObject(condition) && "$elemMatch" in condition) {
    return compileElemMatch(condition.$elemMatch);
  }
  return compileElemMatch(isOperatorObject(condition) ? condition : { $in: [condition] });
}

function embeddedTest(path: string, condition: unknown): (value: RawValue) => boolean {
  const matches = compileFilter({ [path]: condition });
  return ({ bytes, type, at, end }) => type === BsonType.document && matches(bytes.subarray(at, end));
}
