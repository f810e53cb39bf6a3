import { Decimal128, Double, Int32, Long } from "bson";

/** A number in any of the forms that `decodeTyped` gives it. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") {
    return value;
  }
  if (value instanceof Int32 || value instanceof Double) {
    return value.value;
  }
  if (value instanceof Long) {
    return value.toNumber();
  }
  return value instanceof Decimal128 ? Number(value.toString()) : undefined;
}
