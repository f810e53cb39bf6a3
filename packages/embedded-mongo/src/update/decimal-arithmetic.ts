import { Decimal128 } from "bson";

interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

function parse(text: string): Decimal | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const fraction = match[3] ?? "";
  const digits = BigInt(`${match[2]}${fraction}`);
  return {
    digits: match[1] === "-" ? -digits : digits,
    exponent: Number(match[4] ?? 0) - fraction.length,
  };
}

/** NaN and infinities are left to floating point. */
function special(a: string, b: string, combine: (x: number, y: number) => number): Decimal128 {
  return Decimal128.fromString(String(combine(Number(a), Number(b))));
}

function toDecimal({ digits, exponent }: Decimal): Decimal128 {
  return Decimal128.fromStringWithRounding(`${digits}E${exponent}`);
}

/** Adds two decimal numbers exactly, then rounds to 34 digits. */
export function addDecimals(a: string, b: string): Decimal128 {
  const [x, y] = [parse(a), parse(b)];
  if (x === undefined || y === undefined) {
    return special(a, b, (left, right) => left + right);
  }
  const exponent = Math.min(x.exponent, y.exponent);
  const scale = (value: Decimal): bigint => value.digits * 10n ** BigInt(value.exponent - exponent);
  return toDecimal({ digits: scale(x) + scale(y), exponent });
}

export function multiplyDecimals(a: string, b: string): Decimal128 {
  const [x, y] = [parse(a), parse(b)];
  return x === undefined || y === undefined
    ? special(a, b, (left, right) => left * right)
    : toDecimal({ digits: x.digits * y.digits, exponent: x.exponent + y.exponent });
}
