import { joinElements } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { elementValues, fieldOf, fieldsOf, isOperatorDocument, type RawValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { addChange, changeDocument, type UpdateTree } from "./update-tree.js";

type Equality = readonly [path: string, value: RawValue];

/** The document that an upsert starts from: the equalities of its filter; for a replacement, that of the `_id` only. */
export function upsertBase(filter: RawValue, replaces: boolean): Buffer {
  const equalities = equalitiesOf(filter)
    .filter(([path]) => !replaces || path.split(".")[0] === "_id")
    .sort(inBaseOrder);
  let document = joinElements([]);
  const seen = new Set<string>();
  for (const [path, value] of equalities) {
    checkPath(path, seen, replaces);
    seen.add(path);
    const tree: UpdateTree = new Map();
    addChange(tree, path.split("."), () => value);
    document = changeDocument(document, tree, true);
  }
  return document;
}

function checkPath(path: string, seen: ReadonlySet<string>, replaces: boolean): void {
  if (replaces && path !== "_id") {
    throw new CommandError(
      "NotExactValueField",
      `field at '_id' must be exactly specified, field at sub-path '${path}' found`,
    );
  }
  const names = path.split(".");
  const matched = names.map((_, i) => names.slice(0, i + 1).join(".")).find((parent) => seen.has(parent));
  if (matched !== undefined) {
    throw new CommandError(
      "NotSingleValueField",
      matched === path
        ? `cannot infer query fields to set, path '${path}' is matched twice`
        : `cannot infer query fields to set, both paths '${path}' and '${matched}' are matched`,
    );
  }
}

/** `_id` first, then MongoDB's order: that of the bytes of the paths. */
function inBaseOrder([a]: Equality, [b]: Equality): number {
  return Number(b === "_id") - Number(a === "_id") || Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function equalitiesOf(filter: RawValue): Equality[] {
  return fieldsOf(filter).flatMap(([path, condition]): Equality[] => {
    if (path.startsWith("$")) {
      const clauses = path === "$and" || path === "$or" ? elementValues(condition) : [];
      return path === "$or" && clauses.length > 1 ? [] : clauses.flatMap(equalitiesOf);
    }
    return equalTo(condition).map((value) => [path, value]);
  });
}

/** The values that a condition requires a field to equal. */
function equalTo(condition: RawValue): RawValue[] {
  if (!isOperatorDocument(condition)) {
    return condition.type === BsonType.regex ? [] : [condition];
  }
  const values = fieldsOf(condition).flatMap(([operator, argument]) => {
    const list = operator === "$all" || operator === "$in" ? elementValues(argument) : [];
    return operator === "$in" && list.length > 1 ? [] : list;
  });
  const equal = fieldOf(condition, "$eq");
  return [
    ...(equal.type === BsonType.missing ? [] : [equal]),
    ...values.filter((value) => !isOperatorDocument(value) && value.type !== BsonType.regex),
  ];
}
