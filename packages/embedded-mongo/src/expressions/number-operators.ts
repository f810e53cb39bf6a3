import { aliasOfType, BsonType, isNumberType } from "../bson/bson-type.js";
import { integerOfDecimal } from "../bson/decimal128.js";
import {
  addNumbers,
  bigIntOf,
  decimalOf,
  divideNumbers,
  doubleOf,
  integerValue,
  isInteger,
  multiplyNumbers,
  subtractNumbers,
} from "../bson/number-value.js";
import {
  dateValue,
  doubleValue,
  intValue,
  isNullish,
  longValue,
  NULL,
  type RawValue,
} from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { foldingOperator, type Operator, operatorOf } from "./expression.js";

function typeMismatch(message: string): CommandError {
  return new CommandError("TypeMismatch", message);
}

const add = foldingOperator(() => {
  let total = intValue(0);
  let ints = true;
  let date: bigint | undefined;
  return {
    add: (value) => {
      if (value.type === BsonType.date) {
        if (date !== undefined) {
          throw new CommandError("Location16612", "only one date allowed in an $add expression");
        }
        date = inDateRange(millisecondsOf(total) + bigIntOf(value));
      } else if (!isNumberType(value.type)) {
        throw typeMismatch(`$add only supports numeric or date types, not ${aliasOfType(value.type)}`);
      } else if (date !== undefined) {
        date = inDateRange(date + millisecondsOf(value));
      } else {
        // A long that overflows becomes a double.
        total = addNumbers(total, value) ?? doubleValue(doubleOf(total) + doubleOf(value));
        ints &&= value.type === BsonType.int;
      }
    },
    result: () => (date !== undefined ? dateValue(date) : ints ? narrowed(total) : total),
  };
});

/** The result of ints alone: an int again if only an intermediate result was a long. */
function narrowed(value: RawValue): RawValue {
  return isInteger(value) ? (integerValue(bigIntOf(value), false) ?? value) : value;
}

/** The milliseconds that a number adds to a date. Halves are rounded away from zero in a double, to even in a decimal. */
function millisecondsOf(value: RawValue): bigint {
  if (isInteger(value)) {
    return bigIntOf(value);
  }
  if (value.type === BsonType.decimal) {
    const decimal = decimalOf(value);
    return typeof decimal === "number" ? dateOverflow() : inDateRange(integerOfDecimal(decimal, true));
  }
  const double = doubleOf(value);
  if (!Number.isFinite(double)) {
    return dateOverflow();
  }
  const whole = Math.trunc(double);
  return inDateRange(BigInt(Math.abs(double - whole) >= 0.5 ? whole + Math.sign(double) : whole));
}

function inDateRange(milliseconds: bigint): bigint {
  return BigInt.asIntN(64, milliseconds) === milliseconds ? milliseconds : dateOverflow();
}

function dateOverflow(): never {
  throw new CommandError("Overflow", "date overflow");
}

const multiply = foldingOperator(() => {
  let product = intValue(1);
  // Like MongoDB, multiplies doubles from the start, as the result if a long overflows.
  let double = 1;
  let ints = true;
  return {
    add: (value) => {
      if (!isNumberType(value.type)) {
        throw typeMismatch(`$multiply only supports numeric types, not ${aliasOfType(value.type)}`);
      }
      double *= doubleOf(value);
      product = multiplyNumbers(product, value) ?? doubleValue(double);
      product = product.type === BsonType.double ? doubleValue(double) : product;
      ints &&= value.type === BsonType.int;
    },
    result: () => (ints ? narrowed(product) : product),
  };
});

function difference(a: RawValue, b: RawValue): RawValue {
  if (isNumberType(a.type) && isNumberType(b.type)) {
    return subtractNumbers(a, b) ?? doubleValue(doubleOf(a) - doubleOf(b));
  }
  if (isNullish(a) || isNullish(b)) {
    return NULL;
  }
  if (a.type === BsonType.date && b.type === BsonType.date) {
    return longValue(inDateRange(bigIntOf(a) - bigIntOf(b)));
  }
  if (a.type === BsonType.date && isNumberType(b.type)) {
    return dateValue(inDateRange(bigIntOf(a) - millisecondsOf(b)));
  }
  throw typeMismatch(`can't $subtract ${aliasOfType(b.type)} from ${aliasOfType(a.type)}`);
}

function quotient(a: RawValue, b: RawValue): RawValue {
  if (isNumberType(a.type) && isNumberType(b.type)) {
    const value = divideNumbers(a, b);
    if (value === undefined) {
      throw new CommandError("BadValue", "can't $divide by zero");
    }
    return value;
  }
  if (isNullish(a) || isNullish(b)) {
    return NULL;
  }
  throw typeMismatch(
    `$divide only supports numeric types, not ${aliasOfType(a.type)} and ${aliasOfType(b.type)}`,
  );
}

function binary(name: string, compute: (a: RawValue, b: RawValue) => RawValue): Operator {
  return operatorOf(name, 2, 2, ([a = NULL, b = NULL]) => compute(a, b));
}

export const ARITHMETIC_OPERATORS: Readonly<Record<string, Operator>> = {
  $add: add,
  $subtract: binary("$subtract", difference),
  $multiply: multiply,
  $divide: binary("$divide", quotient),
};
