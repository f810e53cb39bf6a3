import { Decimal128, Double, Int32, Long } from "bson";
import { notSupported } from "../errors/command-error.js";

export type TypedNumber = Int32 | Double | Long | Decimal128;

export function isTypedNumber(value: unknown): value is TypedNumber {
  return (
    value instanceof Int32 || value instanceof Double || value instanceof Long || value instanceof Decimal128
  );
}

/** Up to here `bson` decodes a long as JavaScript's number. */
const MAX_PLAIN_LONG = 2 ** 53;

/** A number with a type; JavaScript's whole numbers, whose type is not known, count as integers. */
export function typedNumberOf(value: unknown): TypedNumber | undefined {
  if (typeof value !== "number") {
    return isTypedNumber(value) ? value : undefined;
  }
  return Number.isInteger(value) && Math.abs(value) <= MAX_PLAIN_LONG && !Object.is(value, -0)
    ? integerOf(BigInt(value), false)
    : new Double(value);
}

/** A number that this server computes with. */
export type BinaryNumber = Exclude<TypedNumber, Decimal128>;

/** @throws CommandError where `value` is a Decimal128 */
export function refuseDecimal(value: TypedNumber, operator: string): asserts value is BinaryNumber {
  if (value instanceof Decimal128) {
    throw notSupported(`${operator} of a Decimal128`, "TypeMismatch");
  }
}

const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;

const OPERATIONS = {
  add: { integers: (a: bigint, b: bigint) => a + b, doubles: (a: number, b: number) => a + b },
  subtract: { integers: (a: bigint, b: bigint) => a - b, doubles: (a: number, b: number) => a - b },
  multiply: { integers: (a: bigint, b: bigint) => a * b, doubles: (a: number, b: number) => a * b },
};

/**
 * Arithmetic as MongoDB does it: the result has the wider of both types, and an int that overflows becomes a long.
 *
 * @returns undefined where a long overflows
 */
export function combineNumbers(
  a: BinaryNumber,
  b: BinaryNumber,
  operation: keyof typeof OPERATIONS,
): BinaryNumber | undefined {
  const { integers, doubles } = OPERATIONS[operation];
  if (a instanceof Double || b instanceof Double) {
    return new Double(doubles(toDouble(a), toDouble(b)));
  }
  return integerOf(integers(toBigInt(a), toBigInt(b)), a instanceof Long || b instanceof Long);
}

/** An int where it fits and `long` is false, else a long; undefined where that overflows. */
export function integerOf(value: bigint, long: boolean): Int32 | Long | undefined {
  if (value < MIN_LONG || value > MAX_LONG) {
    return undefined;
  }
  return !long && BigInt.asIntN(32, value) === value ? new Int32(Number(value)) : Long.fromBigInt(value);
}

/** The nearest double. */
export function toDouble(value: BinaryNumber): number {
  return value instanceof Long ? Number(value.toBigInt()) : value.value;
}

export function toBigInt(value: Int32 | Long): bigint {
  return value instanceof Long ? value.toBigInt() : BigInt(value.value);
}
