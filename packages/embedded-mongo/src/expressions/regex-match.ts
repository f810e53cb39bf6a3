import { BsonType } from "../bson/bson-type.js";
import { booleanValue, isNullish, type RawValue, regexParts, textOf } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { compileRegex, type Regex } from "../regex/compile-regex.js";
import { isConstant, namedArguments, type Operator, optionalText } from "./expression.js";

/** A pattern with its options. */
interface Pattern {
  readonly pattern: string;
  readonly options: string;
}

/** @returns undefined if the pattern is null or missing. @throws CommandError 51105 to 51110 */
function patternOf(regex: RawValue, given: RawValue): Pattern | undefined {
  const isRegex = regex.type === BsonType.regex;
  if (!isRegex && !isNullish(regex) && regex.type !== BsonType.string) {
    throw new CommandError("Location51105", "$regexMatch needs 'regex' to be of type string or regex");
  }
  const options = optionalText(given, "Location51106", "$regexMatch needs 'options' to be");
  const [pattern, own] = isRegex ? regexParts(regex) : [isNullish(regex) ? undefined : textOf(regex), ""];
  if (options !== undefined && own !== "") {
    throw new CommandError(
      "Location51107",
      "$regexMatch: found regex option(s) specified in both 'regex' and 'option' fields",
    );
  }
  if (pattern?.includes("\0") === true) {
    throw new CommandError(
      "Location51109",
      "$regexMatch: regular expression cannot contain an embedded null byte",
    );
  }
  if (options?.includes("\0") === true) {
    throw new CommandError(
      "Location51110",
      "$regexMatch: regular expression options cannot contain an embedded null byte",
    );
  }
  return pattern === undefined ? undefined : { pattern, options: options ?? own };
}

/** Compiles a pattern, unless it is the same as the previous one. */
function compiling(): (regex: RawValue, options: RawValue) => Regex | undefined {
  let last: (Pattern & { readonly regex: Regex }) | undefined;
  return (regex, given) => {
    const wanted = patternOf(regex, given);
    if (wanted === undefined) {
      return undefined;
    }
    const { pattern, options } = wanted;
    if (last?.pattern !== pattern || last.options !== options) {
      last = { pattern, options, regex: compileRegex(pattern, options, "$regexMatch") };
    }
    return last.regex;
  };
}

export const regexMatch: Operator = (argument, compile) => {
  const part = namedArguments("$regexMatch", argument, {
    notObject: "Location51103",
    unknown: "Location31024",
    required: { input: "Location31022", regex: "Location31023" },
    optional: ["options"],
  });
  const input = compile(part("input"));
  const regex = compile(part("regex"));
  const options = compile(part("options"));
  const compiled = compiling();
  if (isConstant(part("regex")) && isConstant(part("options"))) {
    compiled(part("regex"), part("options"));
  }
  return (scope) => {
    const found = compiled(regex(scope), options(scope));
    const text = input(scope);
    if (!isNullish(text) && text.type !== BsonType.string) {
      throw new CommandError("Location51104", "$regexMatch needs 'input' to be of type string");
    }
    return booleanValue(
      found?.matches(text.bytes.subarray(text.at + 4, text.end - 1)) === true && !isNullish(text),
    );
  };
};
