import { Timestamp } from "bson";
import { aliasOfType, BsonType, isNumberType } from "../bson/bson-type.js";
import { addNumbers, multiplyNumbers } from "../bson/number-value.js";
import {
  dateValue,
  encodeValue,
  fieldOf,
  fieldsOf,
  intValue,
  MISSING,
  type RawValue,
  textOf,
  wholeDocument,
} from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { badValue, CommandError } from "../errors/command-error.js";
import { compareValues } from "../expressions/comparison.js";
import type { FieldChange, UpdateOperator } from "./update-tree.js";

function extreme(isBetter: (order: number) => boolean): UpdateOperator {
  return (argument) => (before) =>
    before.type === BsonType.missing || isBetter(compareValues(argument, before)) ? argument : before;
}

function arithmetic(name: "$inc" | "$mul", compute: typeof addNumbers): UpdateOperator {
  return (argument, path) => {
    if (!isNumberType(argument.type)) {
      throw new CommandError(
        "TypeMismatch",
        `Cannot ${name === "$inc" ? "increment" : "multiply"} with non-numeric argument: {${path}: ${shellText(argument)}}`,
      );
    }
    const first = name === "$inc" ? argument : compute(intValue(0), argument);
    return (before, { document }) => {
      if (before.type === BsonType.missing) {
        return first ?? before;
      }
      const id = () => shellText(fieldOf(wholeDocument(document), "_id"));
      if (!isNumberType(before.type)) {
        throw new CommandError(
          "TypeMismatch",
          `Cannot apply ${name} to a value of non-numeric type. {_id: ${id()}} has the field '${path.slice(path.lastIndexOf(".") + 1)}' of non-numeric type ${aliasOfType(before.type)}`,
        );
      }
      const after = compute(before, argument);
      if (after === undefined) {
        throw badValue(
          `Failed to apply ${name} operations to current value ((NumberLong)${shellText(before)}) for document {_id: ${id()}}`,
        );
      }
      return after;
    };
  };
}

function currentDate(argument: RawValue): FieldChange {
  refuseOthers(argument, ["$type"], "Unrecognized option of $currentDate");
  const type = fieldOf(argument, "$type");
  const name = type.type === BsonType.string ? textOf(type) : undefined;
  if (argument.type === BsonType.boolean || name === "date") {
    return () => dateValue(BigInt(Date.now()));
  }
  if (name === "timestamp") {
    return () => encodeValue(new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 }));
  }
  throw badValue(
    argument.type === BsonType.document
      ? "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}"
      : `${aliasOfType(argument.type)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
  );
}

/** @throws CommandError BadValue if a document has other fields than these */
export function refuseOthers(argument: RawValue, names: readonly string[], message: string): void {
  const fields = argument.type === BsonType.document ? fieldsOf(argument) : [];
  const other = fields.find(([name]) => !names.includes(name));
  if (other !== undefined) {
    throw badValue(`${message}: ${other[0]}`);
  }
}

/** Operators on a field, whatever it holds. */
export const FIELD_CHANGES: Readonly<Record<string, UpdateOperator>> = {
  $set: (argument) => () => argument,
  $setOnInsert:
    (argument) =>
    (before, { inserting }) =>
      inserting ? argument : before,
  $unset: () => () => MISSING,
  $inc: arithmetic("$inc", addNumbers),
  $mul: arithmetic("$mul", multiplyNumbers),
  $min: extreme((order) => order < 0),
  $max: extreme((order) => order > 0),
  $currentDate: currentDate,
};
