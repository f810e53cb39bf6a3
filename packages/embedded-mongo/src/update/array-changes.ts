import { joinElements } from "../bson/bson-elements.js";
import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { int32Of, wholePart } from "../bson/number-value.js";
import {
  arrayValue,
  documentBytes,
  elementValues,
  fieldOf,
  fieldsOf,
  type RawValue,
} from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { equalityKey, sortableBytes } from "../bson/sortable-value.js";
import { badValue, CommandError } from "../errors/command-error.js";
import { compileCondition } from "../query/compile-filter.js";
import { compileSortKey } from "../query/index-keys.js";
import { refuseOthers } from "./field-changes.js";
import type { UpdateOperator } from "./update-tree.js";

type Items = readonly RawValue[];
type ItemsChange = (items: Items) => Items;

/** @param creates whether an array that is not there counts as empty, and is created */
function changing(
  name: string,
  creates: boolean,
  compile: (argument: RawValue) => ItemsChange,
): UpdateOperator {
  return (argument, path) => {
    const change = compile(argument);
    return (before, { isViable }) => {
      const isMissing = before.type === BsonType.missing;
      if (isMissing && !creates) {
        if (!isViable) {
          throw new CommandError(
            "PathNotViable",
            `Cannot use ${name} on the path '${path}': it leads through a value`,
          );
        }
        return before;
      }
      if (!isMissing && before.type !== BsonType.array) {
        throw new CommandError(
          name === "$pop" ? "TypeMismatch" : "BadValue",
          `Cannot apply ${name} to the field '${path}': it must be an array but is of type ${aliasOfType(before.type)}`,
        );
      }
      return arrayValue(change(isMissing ? [] : elementValues(before)));
    };
  };
}

/** `$push` with `$each`, `$position`, `$sort` and `$slice`, applied in that order. */
function push(argument: RawValue): ItemsChange {
  const each = fieldOf(argument, "$each");
  if (each.type === BsonType.missing) {
    return (items) => [...items, argument];
  }
  refuseOthers(argument, ["$each", "$slice", "$sort", "$position"], "Unrecognized clause in $push");
  if (each.type !== BsonType.array) {
    throw badValue("The argument to $each in $push must be an array");
  }
  const position = wholeNumber(argument, "$position") ?? Number.POSITIVE_INFINITY;
  const slice = wholeNumber(argument, "$slice") ?? Number.POSITIVE_INFINITY;
  const sort = compileSort(fieldOf(argument, "$sort"));
  return (items) => {
    const sorted = sort([...items.slice(0, position), ...elementValues(each), ...items.slice(position)]);
    return slice < 0 ? sorted.slice(slice) : sorted.slice(0, slice);
  };
}

function wholeNumber(argument: RawValue, name: string): number | undefined {
  const value = fieldOf(argument, name);
  const part = wholePart(value);
  if (value.type !== BsonType.missing && part?.exact !== true) {
    throw badValue(`The value for ${name} must be an integer value`);
  }
  return part && Number(part.whole);
}

function compileSort(sort: RawValue): ItemsChange {
  if (sort.type === BsonType.missing) {
    return (items) => items;
  }
  if (sort.type !== BsonType.document) {
    const direction = directionOf(sort);
    return (items) => sorted(items, sortableBytes, direction);
  }
  const fields = fieldsOf(sort);
  if (fields.length === 0 || fields.some(([path]) => path.split(".").includes(""))) {
    throw badValue("The $sort pattern must have fields, without empty names");
  }
  const keyOf = compileSortKey(fields.map(([path, value]) => [path, directionOf(value)] as const));
  // A value that is no document has none of the fields.
  return (items) =>
    sorted(items, (item) => keyOf(item.type === BsonType.document ? documentBytes(item) : joinElements([])));
}

function sorted(items: Items, keyOf: (item: RawValue) => Buffer, direction = 1): Items {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => direction * a.key.compare(b.key))
    .map(({ item }) => item);
}

function directionOf(value: RawValue): 1 | -1 {
  const direction = int32Of(value);
  if (direction !== 1 && direction !== -1) {
    throw badValue("The $sort element value must be either 1 or -1");
  }
  return direction;
}

function addToSet(argument: RawValue): ItemsChange {
  const each = fieldOf(argument, "$each");
  if (each.type !== BsonType.missing) {
    refuseOthers(argument, ["$each"], "Unrecognized option of $addToSet");
    if (each.type !== BsonType.array) {
      throw new CommandError(
        "TypeMismatch",
        `The argument to $each in $addToSet must be an array but it was of type ${aliasOfType(each.type)}`,
      );
    }
  }
  const added = each.type === BsonType.array ? elementValues(each) : [argument];
  return (items) => {
    const known = new Set(items.map(equalityKey));
    return [...items, ...added.filter((item) => known.size < known.add(equalityKey(item)).size)];
  };
}

function pull(argument: RawValue): ItemsChange {
  const matches = compileCondition(argument);
  return (items) => items.filter((item) => !matches(item));
}

function pullAll(argument: RawValue): ItemsChange {
  if (argument.type !== BsonType.array) {
    throw badValue(`$pullAll requires an array argument but was given a ${aliasOfType(argument.type)}`);
  }
  const gone = new Set(elementValues(argument).map(equalityKey));
  return (items) => items.filter((item) => !gone.has(equalityKey(item)));
}

function pop(argument: RawValue): ItemsChange {
  const direction = int32Of(argument);
  if (direction !== 1 && direction !== -1) {
    throw new CommandError("FailedToParse", `$pop expects 1 or -1, found: ${shellText(argument)}`);
  }
  return (items) => (direction === 1 ? items.slice(0, -1) : items.slice(1));
}

/** Operators on an array. */
export const ARRAY_CHANGES: Readonly<Record<string, UpdateOperator>> = {
  $push: changing("$push", true, push),
  $addToSet: changing("$addToSet", true, addToSet),
  $pull: changing("$pull", false, pull),
  $pullAll: changing("$pullAll", false, pullAll),
  $pop: changing("$pop", false, pop),
};
