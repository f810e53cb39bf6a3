import { Double, Int32, Long } from "bson";
import {
  type BinaryNumber,
  combineNumbers,
  integerOf,
  refuseDecimal,
  toBigInt,
  toDouble,
  typedNumberOf,
} from "../bson/typed-numbers.js";
import { CommandError } from "../errors/command-error.js";

/*
 * Numbers with their BSON types: integers are exact, and become doubles where a long overflows; doubles are
 * JavaScript's numbers. Decimal128 is refused.
 */

/** Computes an operator's result from its operands, as `evaluate` has them. */
export type Arithmetic = (operands: readonly unknown[]) => unknown;

function numberIn(value: unknown, operator: string): BinaryNumber | undefined {
  const number = typedNumberOf(value);
  if (number !== undefined) {
    refuseDecimal(number, operator);
  }
  return number;
}

/** A result for operators that take JavaScript's numbers. */
export function plainNumber(value: unknown): unknown {
  if (value instanceof Int32 || value instanceof Double) {
    return value.value;
  }
  return value instanceof Long && Number.isSafeInteger(value.toNumber()) ? value.toNumber() : value;
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}

function combine(a: BinaryNumber, b: BinaryNumber, operation: "add" | "subtract" | "multiply"): BinaryNumber {
  return (
    combineNumbers(a, b, operation) ??
    combineNumbers(new Double(toDouble(a)), new Double(toDouble(b)), operation) ??
    new Double(Number.NaN)
  );
}

function typeMismatch(message: string): CommandError {
  return new CommandError("TypeMismatch", message);
}

function dateOf(milliseconds: number, operator: string): Date {
  const date = new Date(Math.round(milliseconds));
  if (Number.isNaN(date.getTime())) {
    throw new CommandError("Overflow", `date overflow in ${operator}`);
  }
  return date;
}

function add(operands: readonly unknown[]): unknown {
  let total: BinaryNumber = new Int32(0);
  let date: Date | undefined;
  for (const operand of operands) {
    const number = numberIn(operand, "$add");
    if (isNothing(operand)) {
      return null;
    }
    if (number !== undefined) {
      total = combine(total, number, "add");
    } else if (!(operand instanceof Date)) {
      throw typeMismatch("$add only supports numeric or date types");
    } else if (date !== undefined) {
      throw new CommandError("Location16612", "only one date allowed in an $add expression");
    } else {
      date = operand;
    }
  }
  return date === undefined ? total : dateOf(date.getTime() + toDouble(total), "$add");
}

function multiply(operands: readonly unknown[]): unknown {
  let product: BinaryNumber = new Int32(1);
  for (const operand of operands) {
    const number = numberIn(operand, "$multiply");
    if (isNothing(operand)) {
      return null;
    }
    if (number === undefined) {
      throw typeMismatch("$multiply only supports numeric types");
    }
    product = combine(product, number, "multiply");
  }
  return product;
}

function subtract(operands: readonly unknown[]): unknown {
  const [left, right] = pair(operands, "$subtract");
  const [a, b] = [numberIn(left, "$subtract"), numberIn(right, "$subtract")];
  if (isNothing(left) || isNothing(right)) {
    return null;
  }
  if (a !== undefined && b !== undefined) {
    return combine(a, b, "subtract");
  }
  if (left instanceof Date && right instanceof Date) {
    return Long.fromNumber(left.getTime() - right.getTime());
  }
  if (left instanceof Date && b !== undefined) {
    return dateOf(left.getTime() - toDouble(b), "$subtract");
  }
  throw typeMismatch(
    "$subtract only supports numbers, and dates from which a date or a number is subtracted",
  );
}

function divide(operands: readonly unknown[]): unknown {
  const [left, right] = pair(operands, "$divide");
  const [a, b] = [numberIn(left, "$divide"), numberIn(right, "$divide")];
  if (isNothing(left) || isNothing(right)) {
    return null;
  }
  if (a === undefined || b === undefined) {
    throw typeMismatch("$divide only supports numeric types");
  }
  if (toDouble(b) === 0) {
    throw new CommandError("BadValue", "can't $divide by zero");
  }
  return new Double(toDouble(a) / toDouble(b));
}

function pair(operands: readonly unknown[], operator: string): readonly unknown[] {
  if (operands.length !== 2) {
    throw new CommandError(
      "Location16020",
      `Expression ${operator} takes exactly 2 arguments. ${operands.length} were passed in.`,
    );
  }
  return operands;
}

/** What the numbers among `values` come to; others do not count. Doubles are summed as MongoDB does, with their rounding errors. */
function total(
  values: readonly unknown[],
  operator: string,
): { readonly count: number; readonly sum: BinaryNumber } {
  let count = 0;
  let long = false;
  let integers = 0n;
  const doubles: number[] = [];
  for (const value of values) {
    const number = numberIn(value, operator);
    count += number === undefined ? 0 : 1;
    if (number instanceof Double) {
      doubles.push(number.value);
    } else if (number !== undefined) {
      long ||= number instanceof Long;
      integers += toBigInt(number);
    }
  }
  const sum = doubles.length === 0 ? integerOf(integers, long) : undefined;
  return { count, sum: sum ?? new Double(sumOfDoubles(integers, doubles)) };
}

/** Kahan's summation in the form of Neumaier. */
function sumOfDoubles(integers: bigint, doubles: readonly number[]): number {
  let sum = Number(integers);
  let lost = Number(integers - BigInt(sum));
  for (const value of doubles) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return Number.isFinite(sum) ? sum + lost : sum;
}

export const ofGroup = {
  $sum: (values: readonly unknown[]): BinaryNumber => total(values, "$sum").sum,
  $avg: (values: readonly unknown[]): Double | null => {
    const { count, sum } = total(values, "$avg");
    return count === 0 ? null : new Double(toDouble(sum) / count);
  },
};

/** A single operand may be an array of what is summed. */
function ofOperands(summing: Arithmetic): Arithmetic {
  return (operands) => {
    const [only] = operands;
    return summing(operands.length === 1 && Array.isArray(only) ? only : operands);
  };
}

export const ARITHMETIC: ReadonlyMap<string, Arithmetic> = new Map<string, Arithmetic>([
  ["$add", add],
  ["$subtract", subtract],
  ["$multiply", multiply],
  ["$divide", divide],
  ["$sum", ofOperands(ofGroup.$sum)],
  ["$avg", ofOperands(ofGroup.$avg)],
]);
