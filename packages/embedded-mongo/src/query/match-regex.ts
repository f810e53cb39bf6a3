import { BsonType } from "../bson/bson-type.js";
import {
  documentBytes,
  fieldOf,
  isText,
  MISSING,
  type RawValue,
  regexParts,
  textOf,
} from "../bson/raw-value.js";
import { badValue, CommandError } from "../errors/command-error.js";
import { compileRegex } from "../regex/compile-regex.js";

/**
 * Finds a pattern in texts, and the same regular expression as a value.
 *
 * @param argument a regular expression, or the text of `$regex`
 * @param siblings the document of the operator, for `$options`
 */
export function matchesPattern(
  argument: RawValue,
  siblings: RawValue = MISSING,
): (value: RawValue) => boolean {
  const [pattern, options] = patternOf(argument, siblings);
  const regex = compileRegex(pattern, options);
  const stored = Buffer.from(`${pattern}\0${options}\0`);
  return (value) =>
    isText(value)
      ? regex.matches(value.bytes.subarray(value.at + 4, value.end - 1))
      : value.type === BsonType.regex && stored.equals(documentBytes(value));
}

/** The pattern and the options of a regular expression, or of `$regex` and `$options`: `matchesPattern` describes the parameters. */
export function patternOf(
  argument: RawValue,
  siblings: RawValue,
): readonly [pattern: string, options: string] {
  if (argument.type !== BsonType.regex && argument.type !== BsonType.string) {
    throw badValue("$regex has to be a string");
  }
  const [pattern, own] = argument.type === BsonType.regex ? regexParts(argument) : [textOf(argument), ""];
  return [pattern, optionsOf(own, siblings)];
}

/** @param own those of the regular expression itself */
function optionsOf(own: string, siblings: RawValue): string {
  const given = fieldOf(siblings, "$options");
  if (given.type === BsonType.missing) {
    return own;
  }
  if (given.type !== BsonType.string) {
    throw badValue("$options has to be a string");
  }
  const options = textOf(given);
  const regexFirst = fieldOf(siblings, "$regex").at < given.at;
  if (own !== "" && (regexFirst || options !== "")) {
    throw new CommandError(
      regexFirst ? "Location51075" : "Location51074",
      "options set in both $regex and $options",
    );
  }
  return options || own;
}
