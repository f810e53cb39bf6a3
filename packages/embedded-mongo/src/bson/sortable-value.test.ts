import {
  Binary,
  BSONRegExp,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from "bson";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { encodeValue } from "./raw-value.js";
import { sortableBytes, sortableKey } from "./sortable-value.js";

/** Many random values. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

function sortableBytesOf(value: unknown): Buffer {
  return sortableBytes(encodeValue(value));
}

/** In MongoDB's order (manual: "Comparison/Sort Order"), equal ones in one row. */
const ordered: readonly (readonly unknown[])[] = [
  [new MinKey()],
  [null],
  [Number.NaN, new Double(Number.NaN), Decimal128.fromString("NaN")],
  [Number.NEGATIVE_INFINITY, Decimal128.fromString("-Infinity")],
  [Decimal128.fromString("-1E+400")],
  [new Double(-1e300)],
  [Long.fromString("-9007199254740994")],
  [Decimal128.fromString("-9007199254740993.5")],
  [Long.fromString("-9007199254740993"), Decimal128.fromString("-9007199254740993")],
  [new Double(-1.5)],
  [new Int32(-1), Long.fromNumber(-1), new Double(-1), Decimal128.fromString("-1.0")],
  [Decimal128.fromString("-0.1000000000000000055511151231257828")],
  [new Double(-0.1)],
  [Decimal128.fromString("-0.1")],
  [new Double(-5e-324)],
  [Decimal128.fromString("-1E-400")],
  [Decimal128.fromString("-1E-6176")],
  [new Double(-0), 0, Long.ZERO, Decimal128.fromString("-0.00"), Decimal128.fromString("0E+6111")],
  [Decimal128.fromString("1E-6176")],
  [Decimal128.fromString("1E-400"), Decimal128.fromString("10E-401")],
  [new Double(5e-324)],
  [Decimal128.fromString("0.1"), Decimal128.fromString("0.100")],
  [new Double(0.1)],
  [Decimal128.fromString("0.1000000000000000055511151231257828")],
  [0.5, Decimal128.fromString("0.5")],
  [1, new Double(1), Long.ONE],
  [new Int32(2_147_483_647)],
  [Long.fromString("9007199254740992"), new Double(9007199254740992)],
  [Long.fromString("9007199254740993"), Decimal128.fromString("9007199254740993.0")],
  [Decimal128.fromString("9007199254740993.000000000000000001")],
  [Decimal128.fromString("9007199254740993.5")],
  [Long.fromString("9007199254740994"), new Double(9007199254740994)],
  [Long.fromString("9223372036854775806")],
  [Long.MAX_VALUE, Decimal128.fromString("9223372036854775807")],
  [Decimal128.fromString("9223372036854775807.5")],
  [new Double(2 ** 63), Decimal128.fromString("9223372036854775808")],
  [Decimal128.fromString("9223372036854775809")],
  [new Double(1e300)],
  [Decimal128.fromString("1E+400")],
  [Number.POSITIVE_INFINITY, Decimal128.fromString("Infinity")],
  [""],
  ["\u0000"],
  ["\u0000\u0000"],
  ["\u0001"],
  ["A"],
  ["a"],
  ["a\u0000"],
  ["a\u0000b"],
  ["a\u0001"],
  ["aa"],
  ["b"],
  ["é"],
  ["\uffff"],
  ["\u{10000}"],
  [{}],
  [{ a: 1 }, { a: new Double(1) }],
  [{ a: 1, b: 1 }],
  [{ a: 2 }],
  [{ b: 1 }],
  [{ a: "" }],
  [[]],
  [[1]],
  [[1, 1]],
  [[2]],
  [["a"]],
  [new Binary(new Uint8Array([255]))],
  [new Binary(new Uint8Array([0, 0]))],
  [new Binary(new Uint8Array([0, 0]), 5)],
  [new ObjectId("000000000000000000000001")],
  [new ObjectId("ffffffffffffffffffffffff")],
  [false],
  [true],
  [new Date(-1)],
  [new Date(0)],
  [new Date(8.64e15)],
  [new Timestamp({ t: 1, i: 1 })],
  [new Timestamp({ t: 4_000_000_000, i: 0 })],
  [new BSONRegExp("a", "")],
  [new BSONRegExp("a", "i")],
  [new MaxKey()],
];

describe("sortable bytes", () => {
  test("are in MongoDB's order, and equal for values that are equal in MongoDB", () => {
    const rows = ordered.map((row) => row.map((value) => sortableBytesOf(value)));
    for (const [i, row] of rows.entries()) {
      for (const bytes of row) {
        expect(bytes).toEqual(row[0]);
        const next = rows[i + 1]?.[0];
        if (next !== undefined) {
          expect(bytes.compare(next), `row ${i}: ${String(ordered[i]?.[0])}`).toBe(-1);
        }
      }
    }
  });

  test("put numbers in the order of their values", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        const order = sortableBytesOf(new Double(a)).compare(sortableBytesOf(new Double(b)));
        expect(order).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
      { seed: 20_261_126 },
    );
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.integer({ min: -3, max: 3 }), (a, step) => {
        const b = BigInt.asIntN(64, a + BigInt(step));
        const order = sortableBytesOf(Long.fromBigInt(a)).compare(sortableBytesOf(Long.fromBigInt(b)));
        expect(order).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
      { seed: 20_261_126 },
    );
  });

  test("put numbers in that order in every kind of key, ascending or descending", () => {
    const key = (text: string, follower: readonly number[], mask: number): Buffer => {
      const bytes = sortableBytesOf(Decimal128.fromString(text));
      return Buffer.concat([Buffer.from(bytes.map((byte) => byte ^ mask)), Buffer.from(follower)]);
    };
    // A record id, another field, another field that descends.
    const followers = [[0, 0, 0, 0, 0, 0, 0, 1], [17], [0xfe]];
    for (const x of followers) {
      for (const y of followers) {
        const [long, between] = ["9007199254740993", "9007199254740993.5"];
        expect(key(long, x, 0).compare(key(between, y, 0))).toBe(-1);
        expect(key(long, x, 0xff).compare(key(between, y, 0xff))).toBe(1);
      }
    }
  });

  test("put decimals in the order of their values", () => {
    const decimals = fc
      .tuple(fc.bigInt(-(10n ** 34n) + 1n, 10n ** 34n - 1n), fc.integer({ min: -40, max: 10 }))
      .map(([coefficient, exponent]) => ({
        bytes: sortableBytesOf(Decimal128.fromString(`${coefficient}E${exponent}`)),
        scaled: coefficient * 10n ** BigInt(exponent + 40),
      }));
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        expect(a.bytes.compare(b.bytes)).toBe(a.scaled < b.scaled ? -1 : a.scaled > b.scaled ? 1 : 0);
      }),
      { seed: 20_261_126, numRuns: 1000 },
    );
  });

  test("put strings in the order of their UTF-8 bytes, and none is a prefix of another", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        const [x, y] = [sortableBytesOf(a), sortableBytesOf(b)];
        expect(x.compare(y)).toBe(Buffer.from(a).compare(Buffer.from(b)));
        expect(a === b || !y.subarray(0, x.length).equals(x)).toBe(true);
      }),
      { seed: 20_261_126 },
    );
  });

  test("are cut to a limit without making different values equal", () => {
    const keyOf = (text: string) => sortableKey([encodeValue(text)], { directions: [1], limit: 100 });
    const [x, y] = ["x".repeat(5_000), `${"x".repeat(5_000)}y`].map(keyOf);
    expect(x).toMatchObject({ isCut: true, key: { length: 100 } });
    expect(y).toMatchObject({ isCut: true, key: { length: 100 } });
    expect(x?.key).not.toEqual(y?.key);
    expect(keyOf("x")).toEqual({ isCut: false, key: sortableBytesOf("x") });
  });

  test("make a key one behind the other, some in the opposite order", () => {
    const values = ["short", "long ".repeat(100), 7].map(encodeValue);
    const { key } = sortableKey(values, {
      directions: [1, -1, -1],
      limit: 200,
      prefix: Buffer.from("before"),
      suffix: Buffer.from("behind"),
    });
    const parts = values.map((value) => sortableKey([value], { directions: [1], limit: 200 }).key);
    const opposite = parts.slice(1).map((part) => Buffer.from(part.map((byte) => byte ^ 0xff)));
    expect(key).toEqual(
      Buffer.concat([Buffer.from("before"), parts[0] ?? key, ...opposite, Buffer.from("behind")]),
    );
  });
});
