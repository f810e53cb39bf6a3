import { BsonType } from "./bson-type.js";
import { compareDecimals, decimalAt, decimalOfInteger, integerOfDecimal } from "./decimal128.js";
import type { RawValue } from "./raw-value.js";

/** What a number is without its fraction. */
export interface WholePart {
  readonly whole: bigint;
  /** The number has no fraction. */
  readonly exact: boolean;
}

/** @returns undefined for NaN, infinities, and what is not a number or not in the range of a long */
export function wholePart(raw: RawValue): WholePart | undefined {
  const part = anyWholePart(raw);
  return part !== undefined && BigInt.asIntN(64, part.whole) === part.whole ? part : undefined;
}

/** A number that is a whole one of 32 bits, whatever its type; else undefined. */
export function int32Of(raw: RawValue): number | undefined {
  const part = wholePart(raw);
  return part?.exact === true && BigInt.asIntN(32, part.whole) === part.whole
    ? Number(part.whole)
    : undefined;
}

function anyWholePart({ type, bytes, at }: RawValue): WholePart | undefined {
  switch (type) {
    case BsonType.int:
      return { whole: BigInt(bytes.readInt32LE(at)), exact: true };
    case BsonType.long:
      return { whole: bytes.readBigInt64LE(at), exact: true };
    case BsonType.double: {
      const number = bytes.readDoubleLE(at);
      const whole = Math.trunc(number);
      return Number.isFinite(number) ? { whole: BigInt(whole), exact: whole === number } : undefined;
    }
    case BsonType.decimal: {
      const decimal = decimalAt(bytes, at);
      if (typeof decimal === "number") {
        return undefined;
      }
      const whole = integerOfDecimal(decimal);
      return { whole, exact: compareDecimals(decimal, decimalOfInteger(whole)) === 0 };
    }
    default:
      return undefined;
  }
}
