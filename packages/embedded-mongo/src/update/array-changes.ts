import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { int32Of, wholePart } from "../bson/number-value.js";
import { arrayValue, elementValues, fieldOf, fieldsOf, NULL, type RawValue } from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { equalityKey, sortableBytes } from "../bson/sortable-value.js";
import { badValue, CommandError } from "../errors/command-error.js";
import { compileCondition } from "../query/compile-filter.js";
import { refuseOthers } from "./field-changes.js";
import type { UpdateOperator } from "./update-tree.js";

const NOTHING = Buffer.alloc(0);

type Items = readonly RawValue[];
type ItemsChange = (items: Items) => Items;

/** @param creates whether a missing array counts as empty, and is created */
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
    return (items) => sorted(items, (item) => [item], [direction]);
  }
  const fields = fieldsOf(sort);
  if (fields.length === 0 || fields.some(([path]) => path.split(".").includes(""))) {
    throw badValue("The $sort pattern must have fields, without empty names");
  }
  const directions = fields.map(([, value]) => directionOf(value));
  return (items) => sorted(items, (item) => fields.map(([path]) => sortedValue(item, path)), directions);
}

/** The value by which MongoDB sorts an item: an array as a whole, unlike in a query; null if it is missing. */
function sortedValue(item: RawValue, path: string): RawValue {
  const value = item.type === BsonType.document ? valueWithin(item, path) : NULL;
  return value.type === BsonType.missing ? NULL : value;
}

function valueWithin(container: RawValue, path: string): RawValue {
  const value = fieldOf(container, path);
  const dot = path.indexOf(".");
  if (value.type !== BsonType.missing || dot === -1) {
    return value;
  }
  const inner = fieldOf(container, path.slice(0, dot));
  const isContainer = inner.type === BsonType.document || inner.type === BsonType.array;
  return isContainer ? valueWithin({ ...inner, type: BsonType.document }, path.slice(dot + 1)) : NULL;
}

function sorted(
  items: Items,
  valuesOf: (item: RawValue) => RawValue[],
  directions: readonly (1 | -1)[],
): Items {
  return items
    .map((item) => ({ item, keys: valuesOf(item).map(sortableBytes) }))
    .sort((a, b) => {
      for (const [i, direction] of directions.entries()) {
        const order = Buffer.compare(a.keys[i] ?? NOTHING, b.keys[i] ?? NOTHING);
        if (order !== 0) {
          return direction * order;
        }
      }
      return 0;
    })
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
