import { Decimal128 } from "bson";
import { aliasOfType, BsonType, isNumberType } from "../bson/bson-type.js";
import { int32Of } from "../bson/number-value.js";
import {
  arrayValue,
  intValue,
  isNullish,
  NULL,
  type RawValue,
  textOf,
  textValue,
} from "../bson/raw-value.js";
import { isoText } from "../dates/date-format.js";
import { CommandError, type ErrorName, notSupported } from "../errors/command-error.js";
import { namedArguments, type Operator, operandsOf, operatorOf, optionalText } from "./expression.js";
import { regexMatch } from "./regex-match.js";

/** What is not a text as `$toLower`, `$toUpper` and `$substrCP` see it; it is not what `$toString` makes of it. */
function coercedText(value: RawValue, operator: string): string {
  const { type, bytes, at, end } = value;
  switch (type) {
    case BsonType.string:
    case BsonType.symbol:
    case BsonType.code:
      return textOf(value);
    case BsonType.int:
      return String(bytes.readInt32LE(at));
    case BsonType.long:
      return String(bytes.readBigInt64LE(at));
    case BsonType.double:
      return doubleText(bytes.readDoubleLE(at));
    case BsonType.decimal:
      return new Decimal128(bytes.subarray(at, end)).toString();
    case BsonType.date:
      return isoText(bytes.readBigInt64LE(at));
    case BsonType.timestamp:
      throw notSupported(`${operator} of a timestamp`, "Location16007");
    default:
      if (isNullish(value)) {
        return "";
      }
      throw new CommandError("Location16007", `can't convert from BSON type ${aliasOfType(type)} to String`);
  }
}

const DIGITS = 16;

/** As C's `%.16g` writes it. */
function doubleText(number: number): string {
  if (!Number.isFinite(number)) {
    return Number.isNaN(number) ? "nan" : number < 0 ? "-inf" : "inf";
  }
  const [mantissa = "", exponent = "0"] = number.toExponential(DIGITS - 1).split("e");
  const power = Number(exponent);
  if (power < -4 || power >= DIGITS) {
    const digits = String(Math.abs(power)).padStart(2, "0");
    return `${withoutZeros(mantissa)}e${power < 0 ? "-" : "+"}${digits}`;
  }
  return `${Object.is(number, -0) ? "-" : ""}${withoutZeros(number.toFixed(DIGITS - 1 - power))}`;
}

function withoutZeros(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}

/** The operands after one that is null are not looked at. */
const concat: Operator = (argument, compile) => {
  const operands = operandsOf(argument).map((operand) => compile(operand));
  return (scope) => {
    let text = "";
    for (const operand of operands) {
      const part = optionalText(operand(scope), "Location16702", "$concat only supports");
      if (part === undefined) {
        return NULL;
      }
      text += part;
    }
    return textValue(text);
  };
};

const split = operatorOf("$split", 2, 2, ([input = NULL, separator = NULL]) => {
  if (isNullish(input) || isNullish(separator)) {
    return NULL;
  }
  const text = optionalText(input, "Location40085", "$split requires as its first argument");
  const between = optionalText(separator, "Location40086", "$split requires as its second argument");
  if (text === undefined || between === undefined || between === "") {
    throw new CommandError("Location40087", "$split requires a non-empty separator");
  }
  return arrayValue(text.split(between).map(textValue));
});

/** As MongoDB lists them (manual: "$trim", "Whitespace Characters"). */
const WHITESPACE =
  "\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a";

const trim: Operator = (argument, compile) => {
  const part = namedArguments("$trim", argument, {
    notObject: "Location50696",
    unknown: "Location50694",
    required: [["input", "Location50695"]],
    optional: ["chars"],
  });
  const input = compile(part("input"));
  const chars = compile(part("chars").type === BsonType.missing ? textValue(WHITESPACE) : part("chars"));
  return (scope) => {
    const text = optionalText(input(scope), "Location50699", "$trim requires its input to be");
    if (text === undefined) {
      return NULL;
    }
    const trimmed = optionalText(chars(scope), "Location50700", "$trim requires 'chars' to be");
    return trimmed === undefined ? NULL : textValue(trimmedText(text, new Set(trimmed)));
  };
};

function trimmedText(text: string, trimmed: ReadonlySet<string>): string {
  const points = [...text];
  const start = points.findIndex((point) => !trimmed.has(point));
  const end = points.findLastIndex((point) => !trimmed.has(point));
  return start < 0 ? "" : points.slice(start, end + 1).join("");
}

/** Only ASCII letters have another case in MongoDB. */
const toLower = operatorOf("$toLower", 1, 1, ([value = NULL]) =>
  textValue(coercedText(value, "$toLower").replace(/[A-Z]+/g, (letters) => letters.toLowerCase())),
);

const toUpper = operatorOf("$toUpper", 1, 1, ([value = NULL]) =>
  textValue(coercedText(value, "$toUpper").replace(/[a-z]+/g, (letters) => letters.toUpperCase())),
);

const substrCP = operatorOf("$substrCP", 3, 3, ([value = NULL, from = NULL, count = NULL]) => {
  const text = coercedText(value, "$substrCP");
  const start = wholeOperand(from, "starting index", "Location34450", "Location34451");
  const length = wholeOperand(count, "length", "Location34452", "Location34453");
  if (length < 0) {
    throw new CommandError("Location34454", "$substrCP: length must be a nonnegative integer.");
  }
  if (start < 0) {
    throw new CommandError("Location34455", "$substrCP: the starting index must be nonnegative integer.");
  }
  return textValue([...text].slice(start, start + length).join(""));
});

function wholeOperand(value: RawValue, what: string, notNumeric: ErrorName, notWhole: ErrorName): number {
  if (!isNumberType(value.type)) {
    throw new CommandError(
      notNumeric,
      `$substrCP: ${what} must be a numeric type (is BSON type ${aliasOfType(value.type)})`,
    );
  }
  const whole = int32Of(value);
  if (whole === undefined) {
    throw new CommandError(notWhole, `$substrCP: ${what} cannot be represented as a 32-bit integral value`);
  }
  return whole;
}

const strLenCP = operatorOf("$strLenCP", 1, 1, ([value = NULL]) => {
  if (value.type !== BsonType.string) {
    throw new CommandError(
      "Location34471",
      `$strLenCP requires a string argument, found: ${aliasOfType(value.type)}`,
    );
  }
  let length = 0;
  for (let i = value.at + 4; i < value.end - 1; i++) {
    // Bytes that continue a code point in UTF-8 are 10xxxxxx.
    length += ((value.bytes[i] ?? 0) & 0xc0) === 0x80 ? 0 : 1;
  }
  return intValue(length);
});

const replaceAll: Operator = (argument, compile) => {
  const part = namedArguments("$replaceAll", argument, {
    notObject: "Location51751",
    unknown: "Location51750",
    required: [
      ["input", "Location51749"],
      ["find", "Location51748"],
      ["replacement", "Location51747"],
    ],
  });
  const input = compile(part("input"));
  const find = compile(part("find"));
  const replacement = compile(part("replacement"));
  return (scope) => {
    const text = optionalText(input(scope), "Location51746", "$replaceAll requires that 'input' be");
    const found = optionalText(find(scope), "Location51745", "$replaceAll requires that 'find' be");
    const by = optionalText(
      replacement(scope),
      "Location51744",
      "$replaceAll requires that 'replacement' be",
    );
    if (text === undefined || found === undefined || by === undefined) {
      return NULL;
    }
    const parts = found === "" ? ["", ...text, ""] : text.split(found);
    return textValue(parts.join(by));
  };
};

export const TEXT_OPERATORS: Readonly<Record<string, Operator>> = {
  $concat: concat,
  $split: split,
  $trim: trim,
  $toLower: toLower,
  $toUpper: toUpper,
  $substrCP: substrCP,
  $strLenCP: strLenCP,
  $replaceAll: replaceAll,
  $regexMatch: regexMatch,
};
