import { Decimal128 } from "bson";
import { describe, expect, test } from "vitest";
import {
  addDecimals,
  type Decimal,
  decimalAt,
  decimalBytes,
  decimalOfDouble,
  divideDecimals,
  doubleOfDecimal,
  integerOfDecimal,
  multiplyDecimals,
  negated,
  shortDecimalOfDouble,
} from "./decimal128.js";

function decimal(text: string): Decimal {
  return decimalAt(Buffer.from(Decimal128.fromString(text).bytes), 0);
}

function textOf(value: Decimal): string {
  return new Decimal128(decimalBytes(value)).toString();
}

const OPERATIONS = {
  add: addDecimals,
  subtract: (a: Decimal, b: Decimal) => addDecimals(a, negated(b)),
  multiply: multiplyDecimals,
  divide: divideDecimals,
};

describe("arithmetic of decimals", () => {
  /** Answers of Python's decimal module (34 digits, exponents from -6143 to 6144, half to even, clamped). */
  const cases: readonly [keyof typeof OPERATIONS, string, string, string][] = [
    ["add", "0.011", "451352.9", "451352.911"],
    ["add", "1.10", "2.20", "3.30"],
    ["add", "1.10", "-1.10", "0.00"],
    ["add", "0E-6176", "1.10", "1.100000000000000000000000000000000"],
    ["add", "0", "1E+3", "1000"],
    ["add", "-0", "-0", "-0"],
    ["add", "-0", "0", "0"],
    ["add", "-950651058302099.4053915097995962788", "-0.0008", "-950651058302099.4061915097995962788"],
    [
      "add",
      "-99999999999999999999999999999999.9",
      "-0.00999999999999999999999999999999999",
      "-99999999999999999999999999999999.91",
    ],
    ["add", "-Infinity", "Infinity", "NaN"],
    ["add", "NaN", "1", "NaN"],
    [
      "add",
      "5.000000000000000000000000000000000E+6144",
      "5.000000000000000000000000000000000E+6144",
      "Infinity",
    ],
    ["add", "-9E-3397", "5.0000000E+6118", "5.000000000000000000000000000000000E+6118"],
    ["subtract", "459539.55", "-0.008", "459539.558"],
    [
      "subtract",
      "-0.1190906045191797165198080896939306",
      "0.1190906045191797165198080896939307",
      "-0.2381812090383594330396161793878613",
    ],
    ["subtract", "592711663914773595895319986262440.9", "50.0", "592711663914773595895319986262390.9"],
    ["subtract", "Infinity", "Infinity", "NaN"],
    [
      "subtract",
      "5.3506020416396586831311108960000E+6131",
      "-9.999999999999999999999999999999999E+6144",
      "Infinity",
    ],
    ["subtract", "7.99E+6113", "0", "7.990000000000000000000000000000000E+6113"],
    ["multiply", "-0", "0", "-0"],
    ["multiply", "1.20", "3", "3.60"],
    ["multiply", "15400865", "-15400865", "-237186642748225"],
    [
      "multiply",
      "663004255097689435850602609988550.0",
      "331502127548844717925301304994275.0",
      "2.197873211388210241422706876749187E+65",
    ],
    ["multiply", "-0E-6176", "-Infinity", "NaN"],
    [
      "multiply",
      "-9.999999999999999999999999999999999E+6133",
      "1.000000000000000000000000000000001E+6134",
      "-Infinity",
    ],
    [
      "multiply",
      "-2.908433325500894995672520219342981E-4271",
      "-2.908433325500894995672520219342981E-4271",
      "0E-6176",
    ],
    ["divide", "9.5E+9", "0.99", "9595959595.959595959595959595959596"],
    ["divide", "8.7", "0.08", "108.75"],
    ["divide", "6.00", "2", "3.00"],
    ["divide", "100", "8", "12.5"],
    ["divide", "1", "3", "0.3333333333333333333333333333333333"],
    ["divide", "2", "3", "0.6666666666666666666666666666666667"],
    [
      "divide",
      "-391910814051752.53",
      "391910814051752.5300000000000000004",
      "-0.9999999999999999999999999999999990",
    ],
    ["divide", "-Infinity", "-Infinity", "NaN"],
    ["divide", "-1", "Infinity", "-0E-6176"],
    ["divide", "-99.9", "5.0000000E-6169", "-Infinity"],
    ["divide", "1E-6176", "5.05906997921551606558055871489595E+6132", "0E-6176"],
    ["divide", "0E+6111", "999999999999999.999999999999999999", "0E+6111"],
  ];

  test.each(cases)("%s %s and %s: %s", (operation, a, b, result) => {
    expect(textOf(OPERATIONS[operation](decimal(a), decimal(b)))).toBe(result);
  });
});

describe("doubles as decimals", () => {
  const cases: readonly [number, string, string][] = [
    [0, "0", "0"],
    [-0, "-0", "-0"],
    [0.1, "0.1000000000000000055511151231257827", "0.100000000000000"],
    [2.5, "2.5", "2.50000000000000"],
    [-1000, "-1000", "-1000.00000000000"],
    [100000000000000.5, "100000000000000.5", "100000000000000"],
    [100000000000001.5, "100000000000001.5", "100000000000002"],
    [0.9999999999999994, "0.9999999999999994448884876874217298", "0.999999999999999"],
    [0.9999999999999998, "0.9999999999999997779553950749686919", "1.00000000000000"],
    [1e22, "10000000000000000000000", "1.00000000000000E+22"],
    [1e300, "1.000000000000000052504760255204420E+300", "1.00000000000000E+300"],
    [5e-324, "4.940656458412465441765687928682214E-324", "4.94065645841247E-324"],
    [Number.NEGATIVE_INFINITY, "-Infinity", "-Infinity"],
    [Number.NaN, "NaN", "NaN"],
  ];

  test.each(cases)("%d", (double, long, short) => {
    expect(textOf(decimalOfDouble(double))).toBe(long);
    expect(textOf(shortDecimalOfDouble(double))).toBe(short);
    expect(doubleOfDecimal(decimalOfDouble(double))).toBe(double);
  });
});

test("a decimal as a whole number", () => {
  const whole = (text: string, nearest: boolean) => {
    const value = decimal(text);
    return typeof value === "number" ? undefined : integerOfDecimal(value, nearest);
  };
  expect(whole("-7.9", false)).toBe(-7n);
  expect(whole("1E+3", false)).toBe(1000n);
  expect([whole("0.5", true), whole("1.5", true), whole("-2.51", true)]).toEqual([0n, 2n, -3n]);
});

test("a coefficient of more than 34 digits is zero, in either form", () => {
  const bytes = Buffer.alloc(16, 0xff);
  bytes.writeUInt16LE(0x3041, 14);
  expect(decimalAt(bytes, 0)).toEqual({ negative: false, coefficient: 0n, exponent: 0 });
  bytes.writeUInt16LE(0x6c10, 14);
  expect(decimalAt(bytes, 0)).toMatchObject({ negative: false, coefficient: 0n });
});
