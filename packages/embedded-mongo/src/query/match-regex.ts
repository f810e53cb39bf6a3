import { BSONRegExp } from "bson";
import type { PlainDocument } from "../bson/bson-document.js";
import { BsonType } from "../bson/bson-type.js";
import type { RawValue } from "../bson/raw-value.js";
import { badValue, CommandError } from "../errors/command-error.js";
import { compileRegex } from "../regex/compile-regex.js";

export function isRegex(value: unknown): value is BSONRegExp {
  return value instanceof BSONRegExp;
}

/**
 * Finds a pattern in texts, and the same regular expression as a value.
 *
 * @param argument a regular expression, or the text of `$regex`
 * @param siblings the operators beside it, for `$options`
 */
export function matchesPattern(
  argument: unknown,
  siblings: PlainDocument = {},
): (value: RawValue) => boolean {
  if (!isRegex(argument) && typeof argument !== "string") {
    throw badValue("$regex has to be a string");
  }
  const pattern = isRegex(argument) ? argument.pattern : argument;
  const options = optionsOf(argument, siblings);
  const regex = compileRegex(pattern, options);
  const stored = Buffer.from(`${pattern}\0${options}\0`);
  return ({ type, bytes, at, end }) =>
    type === BsonType.string || type === BsonType.symbol
      ? regex.matches(bytes.subarray(at + 4, end - 1))
      : type === BsonType.regex && stored.equals(bytes.subarray(at, end));
}

function optionsOf(argument: BSONRegExp | string, siblings: PlainDocument): string {
  const options = isRegex(argument) ? argument.options : "";
  const { $options } = siblings;
  if ($options !== undefined && typeof $options !== "string") {
    throw badValue("$options has to be a string");
  }
  if ($options !== undefined && options !== "") {
    const operators = Object.keys(siblings);
    const regexFirst = operators.indexOf("$regex") < operators.indexOf("$options");
    if (regexFirst || $options !== "") {
      throw new CommandError(
        regexFirst ? "Location51075" : "Location51074",
        "options set in both $regex and $options",
      );
    }
  }
  return $options || options;
}
