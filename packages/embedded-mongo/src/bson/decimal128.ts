/*
 * Decimal128 of IEEE 754-2008: 34 digits, rounded half to even. A result has the preferred exponent of the standard, so
 * 1.10 + 2.20 is 3.30.
 */

/** (-1)^negative × coefficient × 10^exponent */
export interface FiniteDecimal {
  readonly negative: boolean;
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** NaN and the infinities are JavaScript numbers. */
export type Decimal = FiniteDecimal | number;

const DECIMAL_DIGITS = 34;
const MAX_COEFFICIENT = 10n ** 34n - 1n;
const MIN_EXPONENT = -6176;
const MAX_EXPONENT = 6111;

/** Decodes 16 bytes of BSON, in which the coefficient is a binary integer (BID). */
export function decimalAt(bytes: Buffer, at: number): Decimal {
  const high = bytes.readBigUInt64LE(at + 8);
  const negative = high >> 63n === 1n;
  const combination = Number((high >> 58n) & 0x1fn);
  if (combination === 0x1f) {
    return Number.NaN;
  }
  if (combination === 0x1e) {
    return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  // All coefficients of the second form exceed 34 digits: they are not canonical, and mean zero.
  const second = combination >= 0x18;
  const exponent = Number((high >> (second ? 47n : 49n)) & 0x3fffn) + MIN_EXPONENT;
  const coefficient = ((high & 0x1_ffff_ffff_ffffn) << 64n) | bytes.readBigUInt64LE(at);
  return { negative, coefficient: second || coefficient > MAX_COEFFICIENT ? 0n : coefficient, exponent };
}

/** The 16 bytes of BSON. */
export function decimalBytes(decimal: Decimal): Buffer {
  const bytes = Buffer.alloc(16);
  if (typeof decimal === "number") {
    bytes[15] = Number.isNaN(decimal) ? 0x7c : decimal > 0 ? 0x78 : 0xf8;
    return bytes;
  }
  const { negative, coefficient, exponent } = decimal;
  bytes.writeBigUInt64LE(BigInt.asUintN(64, coefficient), 0);
  const high = (BigInt(exponent - MIN_EXPONENT) << 49n) | (coefficient >> 64n);
  bytes.writeBigUInt64LE(negative ? high | (1n << 63n) : high, 8);
  return bytes;
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  if (typeof a === "number" || typeof b === "number") {
    return standIn(a) + standIn(b);
  }
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = scaledTo(exponent, a) + scaledTo(exponent, b);
  return rounded(sum === 0n ? a.negative && b.negative : sum < 0n, sum < 0n ? -sum : sum, exponent);
}

export function negated(decimal: Decimal): Decimal {
  return typeof decimal === "number" ? -decimal : { ...decimal, negative: !decimal.negative };
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  if (typeof a === "number" || typeof b === "number") {
    return standIn(a) * standIn(b);
  }
  return rounded(a.negative !== b.negative, a.coefficient * b.coefficient, a.exponent + b.exponent);
}

/** @param b not zero */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (typeof a === "number") {
    return a / standIn(b);
  }
  if (typeof b === "number") {
    return Number.isNaN(b) ? b : { negative: a.negative !== b < 0, coefficient: 0n, exponent: MIN_EXPONENT };
  }
  const negative = a.negative !== b.negative;
  const preferred = a.exponent - b.exponent;
  // One digit more than the result has, and another one that stands for the remainder.
  const shift = DECIMAL_DIGITS + 1 + digitsOf(b.coefficient) - digitsOf(a.coefficient);
  const dividend = a.coefficient * tenTo(shift);
  let quotient = dividend / b.coefficient;
  let exponent = preferred - shift;
  if (quotient * b.coefficient !== dividend) {
    return rounded(negative, quotient * 10n + 1n, exponent - 1);
  }
  while (exponent < preferred && quotient % 10n === 0n) {
    quotient /= 10n;
    exponent++;
  }
  return rounded(negative, quotient, exponent);
}

export function decimalOfInteger(integer: bigint): FiniteDecimal {
  return { negative: integer < 0n, coefficient: integer < 0n ? -integer : integer, exponent: 0 };
}

/** A double to 34 digits; most doubles have fewer, and are exact. */
export function decimalOfDouble(double: number): Decimal {
  if (!Number.isFinite(double)) {
    return double;
  }
  const { negative, coefficient, exponent } = exactDecimal(double);
  return rounded(negative, coefficient, exponent);
}

/** A double with exactly 15 digits, as MongoDB converts one that meets a decimal: 0.5 is 0.500000000000000. */
export function shortDecimalOfDouble(double: number): Decimal {
  const long = decimalOfDouble(double);
  const short = typeof long === "number" ? long : rounded(long.negative, long.coefficient, long.exponent, 15);
  if (typeof short === "number" || double === 0) {
    return short;
  }
  const missing = 15 - digitsOf(short.coefficient);
  return {
    ...short,
    coefficient: short.coefficient * tenTo(missing),
    exponent: short.exponent - missing,
  };
}

/** A double in full, with as few digits as possible. */
function exactDecimal(double: number): FiniteDecimal {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(double);
  const bits = bytes.readBigUInt64BE();
  const binaryExponent = Number((bits >> 52n) & 0x7ffn);
  let coefficient = bits & 0xf_ffff_ffff_ffffn;
  coefficient |= binaryExponent === 0 ? 0n : 1n << 52n;
  let power = double === 0 ? 0 : Math.max(binaryExponent, 1) - 1075;
  while (power < 0 && coefficient % 2n === 0n) {
    coefficient /= 2n;
    power++;
  }
  const negative = bits >> 63n === 1n;
  return power < 0
    ? { negative, coefficient: coefficient * 5n ** BigInt(-power), exponent: power }
    : { negative, coefficient: coefficient << BigInt(power), exponent: 0 };
}

/** The nearest double. */
export function doubleOfDecimal(decimal: Decimal): number {
  return typeof decimal === "number"
    ? decimal
    : Number(`${decimal.negative ? "-" : ""}${decimal.coefficient}e${decimal.exponent}`);
}

/** The integer part, or the nearest integer (half to even). */
export function integerOfDecimal(decimal: FiniteDecimal, nearest = false): bigint {
  const { negative, coefficient, exponent } = decimal;
  const places = Math.max(-exponent, 0);
  const whole = nearest ? halfEven(coefficient, places) : coefficient / tenTo(places);
  const magnitude = whole * tenTo(Math.max(exponent, 0));
  return negative ? -magnitude : magnitude;
}

function digitsOf(coefficient: bigint): number {
  return coefficient.toString().length;
}

function tenTo(power: number): bigint {
  return 10n ** BigInt(power);
}

/** From here not every whole number is a double; up to `2 ** 63` it is a long. */
const EXACT_DOUBLES = 2 ** 53;

/** The greatest long or double that is not above a decimal, and whether it is the same number. */
export function floorOfDecimal(decimal: FiniteDecimal): { floor: number | bigint; exact: boolean } {
  const nearest = doubleOfDecimal(decimal);
  if (Math.abs(nearest) >= EXACT_DOUBLES && Math.abs(nearest) <= 2 ** 63) {
    const whole = integerOfDecimal(decimal);
    const order = compareDecimals(decimal, decimalOfInteger(whole));
    const floor = order < 0 ? whole - 1n : whole;
    if (BigInt.asIntN(64, floor) === floor) {
      return { floor, exact: order === 0 };
    }
  }
  const order = Number.isFinite(nearest)
    ? compareDecimals(decimal, exactDecimal(nearest))
    : -Math.sign(nearest);
  return { floor: order < 0 ? doubleBelow(nearest) : nearest, exact: order === 0 };
}

/** Bytes whose order is that of decimals with the same sign: the exponent of the first digit, then all digits. */
export function decimalRank({ negative, coefficient, exponent }: FiniteDecimal): Buffer {
  const bytes = Buffer.allocUnsafe(18);
  const missing = DECIMAL_DIGITS - digitsOf(coefficient);
  bytes.writeUInt16BE(exponent - missing - MIN_EXPONENT + DECIMAL_DIGITS);
  const digits = coefficient * tenTo(missing);
  bytes.writeBigUInt64BE(digits >> 64n, 2);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, digits), 10);
  return negative ? Buffer.from(bytes.map((byte) => byte ^ 0xff)) : bytes;
}

function doubleBelow(double: number): number {
  if (double === 0) {
    return -Number.MIN_VALUE;
  }
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(double);
  bytes.writeBigUInt64BE(bytes.readBigUInt64BE() + (double > 0 ? -1n : 1n));
  return bytes.readDoubleBE();
}

/** The exact order: -1 if `a` is less than `b`, 0 if equal, 1 if greater. */
export function compareDecimals(a: FiniteDecimal, b: FiniteDecimal): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const difference = scaledTo(exponent, a) - scaledTo(exponent, b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function scaledTo(exponent: number, decimal: FiniteDecimal): bigint {
  const scaled = decimal.coefficient * tenTo(decimal.exponent - exponent);
  return decimal.negative ? -scaled : scaled;
}

/** A number with which NaN and infinities give the same results as with the decimal. */
function standIn(decimal: Decimal): number {
  if (typeof decimal === "number") {
    return decimal;
  }
  return decimal.coefficient === 0n ? 0 : decimal.negative ? -1 : 1;
}

function rounded(negative: boolean, coefficient: bigint, exponent: number, digits = DECIMAL_DIGITS): Decimal {
  const excess = Math.max(digitsOf(coefficient) - digits, MIN_EXPONENT - exponent, 0);
  let kept = halfEven(coefficient, excess);
  let power = exponent + excess;
  if (kept === tenTo(digits)) {
    kept /= 10n;
    power++;
  }
  if (power > MAX_EXPONENT && kept !== 0n) {
    const padding = power - MAX_EXPONENT;
    if (digitsOf(kept) + padding > DECIMAL_DIGITS) {
      return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    }
    kept *= tenTo(padding);
  }
  return { negative, coefficient: kept, exponent: Math.min(power, MAX_EXPONENT) };
}

function halfEven(coefficient: bigint, places: number): bigint {
  const unit = tenTo(places);
  const quotient = coefficient / unit;
  const twice = (coefficient % unit) * 2n;
  const up = twice > unit || (twice === unit && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}
