import { Decimal128, Double, Int32, Long } from "bson";
import { notSupported } from "../errors/command-error.js";

export type TypedNumber = Int32 | Double | Long | Decimal128;

export function isTypedNumber(value: unknown): value is TypedNumber {
  return (
    value instanceof Int32 || value instanceof Double || value instanceof Long || value instanceof Decimal128
  );
}

const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;

/**
 * `$inc` and `$mul` as MongoDB does them: the result has the wider of both types, and an int that overflows becomes a
 * long.
 *
 * @returns undefined where a long overflows
 */
export function combineNumbers(
  a: TypedNumber,
  b: TypedNumber,
  operation: "add" | "multiply",
): TypedNumber | undefined {
  if (a instanceof Decimal128 || b instanceof Decimal128) {
    throw notSupported(`$inc and $mul of a Decimal128`, "TypeMismatch");
  }
  if (a instanceof Double || b instanceof Double) {
    const [x, y] = [toNumber(a), toNumber(b)];
    return new Double(operation === "add" ? x + y : x * y);
  }
  const [x, y] = [toBigInt(a), toBigInt(b)];
  const result = operation === "add" ? x + y : x * y;
  if (result < MIN_LONG || result > MAX_LONG) {
    return undefined;
  }
  const fitsInt = result >= -(2n ** 31n) && result < 2n ** 31n;
  return a instanceof Int32 && b instanceof Int32 && fitsInt
    ? new Int32(Number(result))
    : Long.fromBigInt(result);
}

function toNumber(value: Exclude<TypedNumber, Decimal128>): number {
  return value instanceof Long ? value.toNumber() : value.value;
}

function toBigInt(value: Int32 | Long): bigint {
  return value instanceof Long ? value.toBigInt() : BigInt(value.value);
}
