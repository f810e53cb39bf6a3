import { Decimal128, Double, Long } from "bson";
import { integerOf, toBigInt, typedNumberOf } from "../bson/typed-numbers.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { shellText } from "../errors/shell-text.js";
import type { Arithmetic } from "./arithmetic.js";

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|Infinity)$|^NaN$/i;

function conversionFailure(message: string, value: unknown): CommandError {
  return new CommandError(
    "ConversionFailure",
    `${message} in $convert with no onError value: ${shellText(value)}`,
  );
}

/** A number without its fraction; a text must be an integer in decimal digits. */
function toInteger(value: unknown, operator: string): bigint {
  const number = typedNumberOf(typeof value === "boolean" ? Number(value) : value);
  if (typeof value === "string" && INTEGER.test(value)) {
    return BigInt(value.replace(/^\+/, ""));
  }
  if (value instanceof Date && operator === "$toLong") {
    return BigInt(value.getTime());
  }
  if (number instanceof Double && Number.isFinite(number.value)) {
    return BigInt(Math.trunc(number.value));
  }
  if (number instanceof Decimal128) {
    const [, whole] = /^(-?\d+)(?:\.\d+)?$/.exec(number.toString()) ?? [];
    if (whole === undefined) {
      throw notSupported(`${operator} of ${shellText(number)}`, "ConversionFailure");
    }
    return BigInt(whole);
  }
  if (number === undefined || number instanceof Double) {
    throw conversionFailure(
      number === undefined ? "Failed to convert to a whole number" : "Attempt to convert NaN or infinity",
      value,
    );
  }
  return toBigInt(number);
}

function toDouble(value: unknown): Double {
  const number = typedNumberOf(typeof value === "boolean" ? Number(value) : value);
  if (value instanceof Date) {
    return new Double(value.getTime());
  }
  if (number instanceof Double) {
    return number;
  }
  if (number !== undefined) {
    return new Double(Number(number.toString()));
  }
  if (typeof value === "string" && NUMBER.test(value)) {
    return new Double(Number(value));
  }
  throw conversionFailure("Failed to convert to a double", value);
}

function integer(operator: "$toInt" | "$toLong") {
  return (value: unknown): unknown => {
    const whole = integerOf(toInteger(value, operator), operator === "$toLong");
    if (whole === undefined || (operator === "$toInt" && whole instanceof Long)) {
      throw conversionFailure("Conversion would overflow target type", value);
    }
    return whole;
  };
}

function converting(operator: string, convert: (value: unknown) => unknown): [string, Arithmetic] {
  return [
    operator,
    ([value, ...more]) => {
      if (more.length > 0) {
        throw new CommandError(
          "Location50723",
          `${operator} requires a single argument, got ${more.length + 1}`,
        );
      }
      return value === null || value === undefined ? null : convert(value);
    },
  ];
}

/** `$toInt`, `$toLong` and `$toDouble`: numbers with their types. */
export const CONVERSIONS: ReadonlyMap<string, Arithmetic> = new Map([
  converting("$toInt", integer("$toInt")),
  converting("$toLong", integer("$toLong")),
  converting("$toDouble", toDouble),
]);
