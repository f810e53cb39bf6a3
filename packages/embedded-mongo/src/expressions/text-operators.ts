import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { bigIntOf, decimalText, doubleOf } from "../bson/number-value.js";
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
import { CommandError, notSupported } from "../errors/command-error.js";
import {
  foldingOperator,
  namedArguments,
  type Operator,
  operatorOf,
  optionalText,
  requiredInt32,
  requiredText,
} from "./expression.js";
import { regexMatch } from "./regex-match.js";

/** The text that `$toLower`, `$toUpper` and `$substrCP` convert a value to; `$toString` converts to other texts. */
function coercedText(value: RawValue, operator: string): string {
  switch (value.type) {
    case BsonType.string:
    case BsonType.symbol:
    case BsonType.code:
      return textOf(value);
    case BsonType.int:
    case BsonType.long:
      return String(bigIntOf(value));
    case BsonType.double:
      return doubleText(doubleOf(value));
    case BsonType.decimal:
      return decimalText(value);
    case BsonType.date:
      return isoText(bigIntOf(value));
    case BsonType.timestamp:
      throw notSupported(`${operator} of a timestamp`, "Location16007");
    default:
      if (isNullish(value)) {
        return "";
      }
      throw new CommandError(
        "Location16007",
        `can't convert from BSON type ${aliasOfType(value.type)} to String`,
      );
  }
}

const DIGITS = 16;

/** A double in the format `%.16g` of C. */
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

const concat = foldingOperator(() => {
  let text = "";
  return {
    add: (value) => {
      text += requiredText(value, "Location16702", "$concat only supports");
    },
    result: () => textValue(text),
  };
});

const split = operatorOf("$split", 2, 2, ([input = NULL, separator = NULL]) => {
  if (isNullish(input) || isNullish(separator)) {
    return NULL;
  }
  const text = requiredText(input, "Location40085", "$split requires as its first argument");
  const between = requiredText(separator, "Location40086", "$split requires as its second argument");
  if (between === "") {
    throw new CommandError("Location40087", "$split requires a non-empty separator");
  }
  return arrayValue(text.split(between).map(textValue));
});

/** The characters that MongoDB trims (manual: "$trim", "Whitespace Characters"). */
const WHITESPACE =
  "\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a";

const trim: Operator = (argument, compile) => {
  const part = namedArguments("$trim", argument, {
    notObject: "Location50696",
    unknown: "Location50694",
    required: { input: "Location50695" },
    optional: ["chars"],
  });
  const input = compile(part("input"));
  const chars = compile(part("chars", textValue(WHITESPACE)));
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

/** MongoDB changes the case of ASCII letters only. */
const toLower = operatorOf("$toLower", 1, 1, ([value = NULL]) =>
  textValue(coercedText(value, "$toLower").replace(/[A-Z]+/g, (letters) => letters.toLowerCase())),
);

const toUpper = operatorOf("$toUpper", 1, 1, ([value = NULL]) =>
  textValue(coercedText(value, "$toUpper").replace(/[a-z]+/g, (letters) => letters.toUpperCase())),
);

const substrCP = operatorOf("$substrCP", 3, 3, ([value = NULL, from = NULL, count = NULL]) => {
  const text = coercedText(value, "$substrCP");
  const start = requiredInt32(from, "$substrCP: the starting index", "Location34450", "Location34451");
  const length = requiredInt32(count, "$substrCP: the length", "Location34452", "Location34453");
  if (length < 0) {
    throw new CommandError("Location34454", "$substrCP: the length must be a nonnegative integer.");
  }
  if (start < 0) {
    throw new CommandError("Location34455", "$substrCP: the starting index must be a nonnegative integer.");
  }
  return textValue([...text].slice(start, start + length).join(""));
});

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
    required: { input: "Location51749", find: "Location51748", replacement: "Location51747" },
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
