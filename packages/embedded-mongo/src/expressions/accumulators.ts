import type { Options } from "mingo/types";
import { isDocument } from "../bson/bson-document.js";
import { sortableBytesOf } from "../bson/sortable-value.js";
import { CommandError } from "../errors/command-error.js";
import { type Arithmetic, ofGroup } from "./arithmetic.js";
import { evaluate, withoutLocals } from "./evaluate.js";

/** The values of an expression over a group; documents without one are left out, as MongoDB does. */
function valuesOf(group: unknown[], expression: unknown, options: Options): unknown[] {
  // `$max` as an operator of an expression is given values.
  if (expression === null || expression === undefined) {
    return group;
  }
  // The options that mingo passes have the whole group as their root.
  const own = withoutLocals(options);
  return group
    .filter(isDocument)
    .map((document) => evaluate(document, expression, own))
    .filter((value) => value !== undefined);
}

function distinct(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [sortableBytesOf(value).toString("latin1"), value])).values()];
}

/** The value that comes before all others in MongoDB's order (1) or behind them (-1); null and missing do not count. */
function extreme(direction: 1 | -1) {
  return (group: unknown[], expression: unknown, options: Options): unknown => {
    let best: { readonly value: unknown; readonly key: Buffer } | undefined;
    for (const value of valuesOf(group, expression, options)) {
      const key = sortableBytesOf(value);
      if (value !== null && (best === undefined || key.compare(best.key) * direction < 0)) {
        best = { value, key };
      }
    }
    return best?.value ?? null;
  };
}

function summing(name: string, sum: Arithmetic) {
  return (group: unknown[], expression: unknown, options: Options): unknown => {
    if (Array.isArray(expression)) {
      throw new CommandError("Location40237", `The ${name} accumulator is a unary operator`);
    }
    // `{ $sum: 1 }` counts.
    const constant = typeof expression === "number";
    return sum(constant ? group.map(() => expression) : valuesOf(group, expression, options));
  };
}

export const accumulators = {
  $sum: summing("$sum", ofGroup.$sum),
  $avg: summing("$avg", ofGroup.$avg),
  $first: (group: unknown[], expression: unknown, options: Options): unknown =>
    valuesOf(group.slice(0, 1), expression, options)[0] ?? null,
  $last: (group: unknown[], expression: unknown, options: Options): unknown =>
    valuesOf(group.slice(-1), expression, options)[0] ?? null,
  $min: extreme(1),
  $max: extreme(-1),
  $push: valuesOf,
  $addToSet: (group: unknown[], expression: unknown, options: Options): unknown[] =>
    distinct(valuesOf(group, expression, options)),
};
