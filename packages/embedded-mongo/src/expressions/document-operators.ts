import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { documentValue, fieldsOf, isNullish, type RawValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { type Operator, operandsOrElements } from "./expression.js";

/** Merges its operands, or the documents of an array. A repeated field has its first position and its last value. */
const mergeObjects: Operator = (argument, compile) => {
  const valuesOf = operandsOrElements(argument, compile);
  return (scope) => {
    const merged = new Map<string, RawValue>();
    for (const value of valuesOf(scope)) {
      if (!isNullish(value) && value.type !== BsonType.document) {
        throw new CommandError(
          "Location40400",
          `$mergeObjects requires object inputs, but input is of type ${aliasOfType(value.type)}`,
        );
      }
      for (const [name, field] of isNullish(value) ? [] : fieldsOf(value)) {
        merged.set(name, field);
      }
    }
    return documentValue(merged);
  };
};

export const DOCUMENT_OPERATORS: Readonly<Record<string, Operator>> = { $mergeObjects: mergeObjects };
