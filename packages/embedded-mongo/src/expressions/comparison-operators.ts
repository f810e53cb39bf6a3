import { evalExpr } from "mingo/core";
import type { Options } from "mingo/types";
import { sortableBytesOf } from "../bson/sortable-value.js";
import { CommandError } from "../errors/command-error.js";

type ExpressionOperator = (document: unknown, argument: unknown, options: Options) => unknown;

/** MongoDB's order of two values, whatever their types. */
function compareValues(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") {
    return a === b ? 0 : Buffer.from(a).compare(Buffer.from(b));
  }
  if (typeof a === "number" && typeof b === "number" && !Number.isNaN(a) && !Number.isNaN(b)) {
    return Math.sign(a - b) || 0;
  }
  if (a === undefined || b === undefined) {
    // In expressions, missing sorts before everything else.
    return Number(a !== undefined) - Number(b !== undefined);
  }
  return sortableBytesOf(a).compare(sortableBytesOf(b));
}

function comparing(name: string, judge: (order: number) => unknown): ExpressionOperator {
  return (document, argument, options) => {
    if (!Array.isArray(argument) || argument.length !== 2) {
      throw new CommandError(
        "Location16020",
        `Expression ${name} takes exactly 2 arguments. ${Array.isArray(argument) ? argument.length : 1} were passed in.`,
      );
    }
    return judge(
      compareValues(evalExpr(document, argument[0], options), evalExpr(document, argument[1], options)),
    );
  };
}

export const comparisonOperators = {
  $eq: comparing("$eq", (order) => order === 0),
  $ne: comparing("$ne", (order) => order !== 0),
  $gt: comparing("$gt", (order) => order > 0),
  $gte: comparing("$gte", (order) => order >= 0),
  $lt: comparing("$lt", (order) => order < 0),
  $lte: comparing("$lte", (order) => order <= 0),
  $cmp: comparing("$cmp", (order) => Math.sign(order)),
};
