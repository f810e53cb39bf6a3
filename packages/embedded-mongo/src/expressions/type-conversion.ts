import { ObjectId } from "bson";
import { aliasOfType, BsonType, isNumberType } from "../bson/bson-type.js";
import { bigIntOf, decimalOf, decimalText, doubleOf, integerValue, wholePart } from "../bson/number-value.js";
import {
  booleanValue,
  dateValue,
  documentBytes,
  doubleValue,
  encodeValue,
  isNullish,
  isTrue,
  NULL,
  type RawValue,
  textOf,
  textValue,
} from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { isoText } from "../dates/date-format.js";
import { parseInstant } from "../dates/date-parse.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { instantOf } from "./date-arguments.js";
import { type Operator, operandsOf, operatorOf } from "./expression.js";

/** A long has at most 19 digits. */
const INTEGER = /^[+-]?0*\d{1,19}$/;
const DECIMAL_NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const SPECIAL_NUMBER = /^([+-]?)(?:inf(?:inity)?|(nan))$/i;
const OBJECT_ID = /^[\da-f]{24}$/i;

function failure(message: string, value: RawValue): CommandError {
  return new CommandError(
    "ConversionFailure",
    `${message} in $convert with no onError value: ${shellText(value)}`,
  );
}

function overflow(value: RawValue): CommandError {
  return failure("Conversion would overflow target type", value);
}

function notANumber(value: RawValue): CommandError {
  return failure("Failed to parse number", value);
}

function unsupported(value: RawValue, target: string): CommandError {
  const message = `Unsupported conversion from ${aliasOfType(value.type)} to ${target} in $convert with no onError value`;
  return value.type === BsonType.binary
    ? notSupported(message, "ConversionFailure")
    : new CommandError("ConversionFailure", message);
}

function toInt(value: RawValue): RawValue {
  const converted = integerValue(integerIn(value, "int"), false);
  if (converted?.type !== BsonType.int) {
    throw overflow(value);
  }
  return converted;
}

function toLong(value: RawValue): RawValue {
  const integer = value.type === BsonType.date ? bigIntOf(value) : integerIn(value, "long");
  const converted = integerValue(integer, true);
  if (converted === undefined) {
    throw overflow(value);
  }
  return converted;
}

/** The integer part of a number; a string must be an integer in decimal digits. */
function integerIn(value: RawValue, target: "int" | "long"): bigint {
  if (value.type === BsonType.boolean) {
    return isTrue(value) ? 1n : 0n;
  }
  if (value.type === BsonType.string) {
    const text = textOf(value);
    if (!INTEGER.test(text)) {
      throw notANumber(value);
    }
    return BigInt(text.replace("+", ""));
  }
  if (!isNumberType(value.type)) {
    throw unsupported(value, target);
  }
  const part = wholePart(value);
  if (part === undefined) {
    throw overflow(value);
  }
  return part.whole;
}

function toDouble(value: RawValue): RawValue {
  switch (value.type) {
    case BsonType.double:
      return value;
    case BsonType.int:
    case BsonType.long:
      return doubleValue(doubleOf(value));
    case BsonType.date:
      return doubleValue(Number(bigIntOf(value)));
    case BsonType.boolean:
      return doubleValue(isTrue(value) ? 1 : 0);
    case BsonType.decimal: {
      const [double, decimal] = [doubleOf(value), decimalOf(value)];
      if (typeof decimal !== "number" && isOutOfRange(double, decimal.coefficient === 0n)) {
        throw overflow(value);
      }
      return doubleValue(double);
    }
    case BsonType.string:
      return doubleValue(parseDouble(value));
    default:
      throw unsupported(value, "double");
  }
}

const LEAST_NORMAL_DOUBLE = 2 ** -1022;

/** MongoDB 8.0 refuses numbers that are too large for a double, or so small that the double is subnormal. */
function isOutOfRange(double: number, isZero: boolean): boolean {
  return !isZero && !(Math.abs(double) >= LEAST_NORMAL_DOUBLE && Math.abs(double) <= Number.MAX_VALUE);
}

function parseDouble(value: RawValue): number {
  const text = textOf(value);
  const special = SPECIAL_NUMBER.exec(text);
  if (special !== null) {
    const [, sign, nan] = special;
    return nan !== undefined
      ? Number.NaN
      : sign === "-"
        ? Number.NEGATIVE_INFINITY
        : Number.POSITIVE_INFINITY;
  }
  const double = Number(text);
  if (!DECIMAL_NUMBER.test(text) || isOutOfRange(double, !/^[^e]*[1-9]/i.test(text))) {
    throw notANumber(value);
  }
  return double;
}

function toText(value: RawValue): RawValue {
  switch (value.type) {
    case BsonType.string:
      return value;
    case BsonType.boolean:
      return textValue(String(isTrue(value)));
    case BsonType.int:
    case BsonType.long:
      return textValue(String(bigIntOf(value)));
    case BsonType.double:
      return textValue(textOfDouble(doubleOf(value)));
    case BsonType.decimal:
      return textValue(decimalText(value));
    case BsonType.objectId:
      return textValue(documentBytes(value).toString("hex"));
    case BsonType.date:
      return textValue(isoText(bigIntOf(value)));
    default:
      throw unsupported(value, "string");
  }
}

/** The shortest digits that identify the double; with an exponent below 0.0001 and from 1e+16. */
function textOfDouble(double: number): string {
  if (!Number.isFinite(double) || double === 0) {
    return Object.is(double, -0) ? "-0" : String(double);
  }
  const [digits = "", exponent = ""] = double.toExponential().split("e");
  const power = Number(exponent);
  return power >= -4 && power < 16
    ? String(double)
    : `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

function toObjectId(value: RawValue): RawValue {
  if (value.type === BsonType.objectId) {
    return value;
  }
  if (value.type !== BsonType.string) {
    throw unsupported(value, "objectId");
  }
  const text = textOf(value);
  if (!OBJECT_ID.test(text)) {
    throw failure("Failed to parse objectId", value);
  }
  return encodeValue(new ObjectId(text));
}

function toDate(value: RawValue): RawValue {
  const instant = value.type === BsonType.string ? parseInstant(textOf(value)) : instantOf(value);
  if (instant !== undefined) {
    return dateValue(instant);
  }
  if (!isNumberType(value.type) || value.type === BsonType.int) {
    throw unsupported(value, "date");
  }
  return dateValue(bigIntOf(toLong(value)));
}

/** An operator of one operand that converts null and missing to null. */
function converting(name: string, convert: (value: RawValue) => RawValue): Operator {
  return (argument, compile) => {
    const [operand, ...more] = operandsOf(argument);
    if (operand === undefined || more.length > 0) {
      throw new CommandError(
        "Location50723",
        `${name} requires a single argument, got ${operandsOf(argument).length}`,
      );
    }
    const input = compile(operand);
    return (scope) => {
      const value = input(scope);
      return isNullish(value) ? NULL : convert(value);
    };
  };
}

export const TYPE_CONVERSIONS: Readonly<Record<string, Operator>> = {
  $toInt: converting("$toInt", toInt),
  $toLong: converting("$toLong", toLong),
  $toDouble: converting("$toDouble", toDouble),
  $toDate: converting("$toDate", toDate),
  $toBool: converting("$toBool", (value) => booleanValue(isTrue(value))),
  $toString: converting("$toString", toText),
  $toObjectId: converting("$toObjectId", toObjectId),
  $type: operatorOf("$type", 1, 1, ([value = NULL]) => textValue(aliasOfType(value.type))),
};
