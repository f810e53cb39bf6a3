import { BsonType, isNumberType } from "../bson/bson-type.js";
import {
  addDecimals,
  type Decimal,
  decimalOfDouble,
  decimalOfInteger,
  divideDecimals,
} from "../bson/decimal128.js";
import { bigIntOf, decimalOf, decimalValue, doubleOf, integerValue } from "../bson/number-value.js";
import { doubleValue, NULL, type RawValue } from "../bson/raw-value.js";

/** A sum of numbers; other values are ignored. */
interface NumberSum {
  readonly add: (value: RawValue) => void;
  /** The int 0 if there are no numbers. */
  readonly total: () => RawValue;
  /** Null if there are no numbers. */
  readonly average: () => RawValue;
}

/** Ranks the types of numbers: a result has the widest type added. */
const WIDTHS: ReadonlyMap<number, number> = new Map(
  [BsonType.int, BsonType.long, BsonType.double, BsonType.decimal].map((type, i) => [type, i]),
);

/** Splits a long into halves that are exact as doubles. */
const TWO_TO_32 = 2n ** 32n;

/** Like MongoDB, sums decimals separately from other numbers. */
export function numberSum(): NumberSum {
  const others = doubleDouble();
  let decimals: Decimal = decimalOfInteger(0n);
  let widest: number = BsonType.int;
  let count = 0;
  const decimalTotal = (): Decimal => addDecimals(decimals, others.decimal());
  return {
    add: (value) => {
      if (!isNumberType(value.type)) {
        return;
      }
      count++;
      if (value.type !== widest && (WIDTHS.get(value.type) ?? 0) > (WIDTHS.get(widest) ?? 0)) {
        widest = value.type;
      }
      if (value.type === BsonType.decimal) {
        decimals = addDecimals(decimals, decimalOf(value));
      } else if (value.type === BsonType.long) {
        const long = bigIntOf(value);
        const low = long % TWO_TO_32;
        others.add(Number(low));
        others.add(Number(long - low));
      } else {
        others.add(doubleOf(value));
      }
    },
    total: () => {
      if (widest === BsonType.decimal) {
        return decimalValue(decimalTotal());
      }
      const integer = widest === BsonType.double ? undefined : others.integer();
      const exact = integer === undefined ? undefined : integerValue(integer, widest === BsonType.long);
      return exact ?? doubleValue(others.double());
    },
    average: () => {
      if (count === 0) {
        return NULL;
      }
      return widest === BsonType.decimal
        ? decimalValue(divideDecimals(decimalTotal(), decimalOfInteger(BigInt(count))))
        : doubleValue(others.double() / count);
    },
  };
}

/**
 * A sum of doubles as an unevaluated sum of two, with 106 bits: exact for integers. (T. J. Dekker, "A floating-point
 * technique for extending the available precision", 1971; D. E. Knuth, "The Art of Computer Programming" 2, 4.2.2)
 */
function doubleDouble() {
  let sum = 0;
  let rest = 0;
  /** The result if there are infinities, which turn `sum` into NaN. */
  let plain = 0;
  return {
    add: (double: number): void => {
      plain += double;
      const term = double + rest;
      rest -= term - double;
      const next = sum + term;
      const earlier = next - term;
      rest += sum - earlier + (term - (next - earlier));
      sum = next;
    },
    double: (): number => (Number.isNaN(sum) ? plain : sum),
    /** Valid if only integers were added. */
    integer: (): bigint => BigInt(sum) + BigInt(rest),
    decimal: (): Decimal =>
      Number.isFinite(sum)
        ? addDecimals(decimalOfDouble(sum), decimalOfDouble(rest))
        : decimalOfDouble(plain),
  };
}
