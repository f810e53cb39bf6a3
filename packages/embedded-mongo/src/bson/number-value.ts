import { Decimal128 } from "bson";
import { BsonType, isNumberType } from "./bson-type.js";
import {
  addDecimals,
  compareDecimals,
  type Decimal,
  decimalAt,
  decimalBytes,
  decimalOfInteger,
  divideDecimals,
  doubleOfDecimal,
  integerOfDecimal,
  multiplyDecimals,
  negated,
  shortDecimalOfDouble,
} from "./decimal128.js";
import { documentBytes, doubleValue, intValue, longValue, type RawValue } from "./raw-value.js";

export function decimalValue(decimal: Decimal): RawValue {
  return { bytes: decimalBytes(decimal), type: BsonType.decimal, at: 0, end: 16 };
}

/** An int if it fits and `long` is false, else a long; undefined if that overflows. */
export function integerValue(integer: bigint, long: boolean): RawValue | undefined {
  if (!long && BigInt.asIntN(32, integer) === integer) {
    return intValue(Number(integer));
  }
  return BigInt.asIntN(64, integer) === integer ? longValue(integer) : undefined;
}

export function isInteger({ type }: RawValue): boolean {
  return type === BsonType.int || type === BsonType.long;
}

/** @param value an int, a long or a date */
export function bigIntOf({ bytes, type, at }: RawValue): bigint {
  return type === BsonType.int ? BigInt(bytes.readInt32LE(at)) : bytes.readBigInt64LE(at);
}

/** The nearest double of a number. */
export function doubleOf({ bytes, type, at }: RawValue): number {
  switch (type) {
    case BsonType.int:
      return bytes.readInt32LE(at);
    case BsonType.double:
      return bytes.readDoubleLE(at);
    case BsonType.decimal:
      return doubleOfDecimal(decimalAt(bytes, at));
    default:
      return Number(bytes.readBigInt64LE(at));
  }
}

/** The nearest double; undefined if the value is not a number. */
export function numberOf(value: RawValue): number | undefined {
  return isNumberType(value.type) ? doubleOf(value) : undefined;
}

/** The decimal of a number; a double is converted with 15 digits. */
export function decimalOf(value: RawValue): Decimal {
  switch (value.type) {
    case BsonType.decimal:
      return decimalAt(value.bytes, value.at);
    case BsonType.double:
      return shortDecimalOfDouble(doubleOf(value));
    default:
      return decimalOfInteger(bigIntOf(value));
  }
}

/** The text of a decimal, e.g. `1.10`, `1E+3`, `NaN`. */
export function decimalText(value: RawValue): string {
  return new Decimal128(documentBytes(value)).toString();
}

/** A number without its fraction. */
interface WholePart {
  readonly whole: bigint;
  /** The number has no fraction. */
  readonly exact: boolean;
}

/** @returns undefined for NaN, infinities, numbers out of the range of a long, and values of other types */
export function wholePart(value: RawValue): WholePart | undefined {
  const part = isNumberType(value.type) ? anyWholePart(value) : undefined;
  return part !== undefined && BigInt.asIntN(64, part.whole) === part.whole ? part : undefined;
}

function anyWholePart(value: RawValue): WholePart | undefined {
  if (isInteger(value)) {
    return { whole: bigIntOf(value), exact: true };
  }
  const number = value.type === BsonType.double ? doubleOf(value) : decimalOf(value);
  if (typeof number !== "number") {
    const whole = integerOfDecimal(number);
    return { whole, exact: compareDecimals(number, decimalOfInteger(whole)) === 0 };
  }
  const whole = Math.trunc(number);
  return Number.isFinite(number) ? { whole: BigInt(whole), exact: whole === number } : undefined;
}

/** The value of a whole number of 32 bits, of any numeric type; undefined for other values. */
export function int32Of(value: RawValue): number | undefined {
  const part = wholePart(value);
  return part?.exact === true && BigInt.asIntN(32, part.whole) === part.whole
    ? Number(part.whole)
    : undefined;
}

/*
 * Arithmetic of two numbers. The result has the wider type of both (int, long, double, decimal); an int that overflows
 * becomes a long.
 */

interface Operation {
  readonly integers: (a: bigint, b: bigint) => bigint;
  readonly doubles: (a: number, b: number) => number;
  readonly decimals: (a: Decimal, b: Decimal) => Decimal;
}

function combining({ integers, doubles, decimals }: Operation) {
  return (a: RawValue, b: RawValue): RawValue | undefined => {
    if (a.type === BsonType.decimal || b.type === BsonType.decimal) {
      return decimalValue(decimals(decimalOf(a), decimalOf(b)));
    }
    if (a.type === BsonType.double || b.type === BsonType.double) {
      return doubleValue(doubles(doubleOf(a), doubleOf(b)));
    }
    const long = a.type === BsonType.long || b.type === BsonType.long;
    return integerValue(integers(bigIntOf(a), bigIntOf(b)), long);
  };
}

/** The sum of two numbers; undefined if a long overflows. */
export const addNumbers = combining({
  integers: (a, b) => a + b,
  doubles: (a, b) => a + b,
  decimals: addDecimals,
});

/** The difference of two numbers; undefined if a long overflows. */
export const subtractNumbers = combining({
  integers: (a, b) => a - b,
  doubles: (a, b) => a - b,
  decimals: (a, b) => addDecimals(a, negated(b)),
});

/** The product of two numbers; undefined if a long overflows. */
export const multiplyNumbers = combining({
  integers: (a, b) => a * b,
  doubles: (a, b) => a * b,
  decimals: multiplyDecimals,
});

/** The quotient of two numbers, a decimal or a double; undefined if the divisor is zero. */
export function divideNumbers(a: RawValue, b: RawValue): RawValue | undefined {
  if (a.type === BsonType.decimal || b.type === BsonType.decimal) {
    const divisor = decimalOf(b);
    return typeof divisor !== "number" && divisor.coefficient === 0n
      ? undefined
      : decimalValue(divideDecimals(decimalOf(a), divisor));
  }
  const divisor = doubleOf(b);
  return divisor === 0 ? undefined : doubleValue(doubleOf(a) / divisor);
}
