import { BSONRegExp } from "bson";
import { BsonType } from "../bson/bson-type.js";
import { type RawValue, textOf } from "../bson/raw-value.js";
import { badValue, CommandError } from "../errors/command-error.js";

export function isRegex(value: unknown): value is BSONRegExp | RegExp {
  return value instanceof BSONRegExp || value instanceof RegExp;
}

export function matchesPattern(argument: unknown, options: unknown): (value: RawValue) => boolean {
  const { pattern, flags, regex } = compileRegex(argument, options);
  return (value) => {
    if (value.type === BsonType.string || value.type === BsonType.symbol) {
      return regex.test(textOf(value));
    }
    if (value.type === BsonType.regex) {
      const patternEnd = value.bytes.indexOf(0, value.at);
      return (
        value.bytes.toString("utf8", value.at, patternEnd) === pattern &&
        value.bytes.toString("utf8", patternEnd + 1, value.end - 1) === flags
      );
    }
    return false;
  };
}

function compileRegex(
  argument: unknown,
  options: unknown,
): { pattern: string; flags: string; regex: RegExp } {
  let pattern: string;
  let flags = typeof options === "string" ? options : "";
  if (argument instanceof BSONRegExp) {
    pattern = argument.pattern;
    flags ||= argument.options;
  } else if (argument instanceof RegExp) {
    pattern = argument.source;
    flags ||= argument.flags;
  } else if (typeof argument === "string") {
    pattern = argument;
  } else {
    throw badValue("$regex has to be a string");
  }
  const invalid = flags.replace(/[imsxu]/g, "");
  if (invalid !== "") {
    throw new CommandError("Location51091", `invalid flag in regex options: ${invalid.slice(0, 1)}`);
  }
  let source = pattern;
  let sourceFlags = flags.replace(/[xu]/g, "");
  const inline = /^\(\?([imsx]+)\)/.exec(source);
  if (inline?.[1] !== undefined) {
    source = source.slice(inline[0].length);
    sourceFlags += inline[1].replace("x", "");
  }
  if (flags.includes("x") || inline?.[1]?.includes("x") === true) {
    source = source.replace(/\\.|\[(?:\\.|[^\]])*\]|\s+|#.*$/gm, (part) =>
      part.startsWith("\\") || part.startsWith("[") ? part : "",
    );
  }
  try {
    return { pattern, flags, regex: new RegExp(source, [...new Set(sourceFlags)].join("")) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError("Location51091", `Regular expression is invalid: ${reason}`);
  }
}
