import { BsonType } from "./bson-type.js";
import {
  addDecimals,
  type Decimal,
  decimalAt,
  decimalBytes,
  decimalOfInteger,
  divideDecimals,
  doubleOfDecimal,
  multiplyDecimals,
  negated,
  shortDecimalOfDouble,
} from "./decimal128.js";
import { doubleValue, intValue, longValue, type RawValue } from "./raw-value.js";

/*
 * Arithmetic of two numbers, with MongoDB's result types: the wider of both (int, long, double, decimal), but an int
 * that overflows is a long.
 */

export function decimalValue(decimal: Decimal): RawValue {
  return { bytes: decimalBytes(decimal), type: BsonType.decimal, at: 0, end: 16 };
}

/** An int where it fits and `long` is false, else a long; undefined where that overflows. */
export function integerValue(integer: bigint, long: boolean): RawValue | undefined {
  if (!long && BigInt.asIntN(32, integer) === integer) {
    return intValue(Number(integer));
  }
  return BigInt.asIntN(64, integer) === integer ? longValue(integer) : undefined;
}

export function isInteger({ type }: RawValue): boolean {
  return type === BsonType.int || type === BsonType.long;
}

/** @param value an int or a long, or what has the bytes of one (a date) */
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

/** The decimal of a number; a double has 15 digits then. */
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

/** The sum of two numbers; undefined where a long overflows. */
export const addNumbers = combining({
  integers: (a, b) => a + b,
  doubles: (a, b) => a + b,
  decimals: addDecimals,
});

/** The difference of two numbers; undefined where a long overflows. */
export const subtractNumbers = combining({
  integers: (a, b) => a - b,
  doubles: (a, b) => a - b,
  decimals: (a, b) => addDecimals(a, negated(b)),
});

/** The product of two numbers; undefined where a long overflows. */
export const multiplyNumbers = combining({
  integers: (a, b) => a * b,
  doubles: (a, b) => a * b,
  decimals: multiplyDecimals,
});

/** The quotient of two numbers, a decimal or a double; undefined where the divisor is zero. */
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
