import { Decimal128 } from "bson";
import { BsonType } from "./bson-type.js";
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

function anyWholePart({ type, bytes, at, end }: RawValue): WholePart | undefined {
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
    case BsonType.decimal:
      return ofDecimal(new Decimal128(bytes.subarray(at, end)).toString());
    default:
      return undefined;
  }
}

/** A long has at most this many digits. */
const MAX_DIGITS = 19;

function ofDecimal(text: string): WholePart | undefined {
  const [, sign, integer, fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]\d+))?$/.exec(text) ?? [];
  if (integer === undefined) {
    return undefined;
  }
  const digits = `${integer}${fraction}`.replace(/^0+/, "");
  const count =
    digits === ""
      ? 0
      : integer.length + Number(exponent) - (integer.length + fraction.length - digits.length);
  if (count > MAX_DIGITS) {
    return undefined;
  }
  const kept = count > 0 ? digits.slice(0, count).padEnd(count, "0") : "";
  return { whole: BigInt(`${sign}${kept || "0"}`), exact: /^0*$/.test(digits.slice(Math.max(count, 0))) };
}
