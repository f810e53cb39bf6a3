import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { documentValue, fieldsOf, isNullish, type RawValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { type Operator, operandsOf } from "./expression.js";

/** A field that several documents have keeps its first place and takes its last value. */
const mergeObjects: Operator = (argument, compile) => {
  const operands = operandsOf(argument).map((operand) => compile(operand));
  return (scope) => {
    const merged = new Map<string, RawValue>();
    for (const operand of operands) {
      const value = operand(scope);
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
