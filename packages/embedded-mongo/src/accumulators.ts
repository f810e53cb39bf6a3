import { evalExpr } from "mingo/core";
import type { Options } from "mingo/types";
import { sortableBytesOf } from "./sortable-value.js";

/** The values of an expression over a group; documents without one are left out, as MongoDB does. */
function valuesOf(group: unknown[], expression: unknown, options: Options): unknown[] {
  // The options that mingo passes have the whole group as their root.
  const own: Options = {
    idKey: options.idKey,
    scriptEnabled: options.scriptEnabled,
    useStrictMode: options.useStrictMode,
    failOnError: options.failOnError,
    processingMode: options.processingMode,
    context: options.context,
    ...(options.variables && { variables: options.variables }),
  };
  return group.map((document) => evalExpr(document, expression, own)).filter((value) => value !== undefined);
}

function distinct(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [sortableBytesOf(value).toString("latin1"), value])).values()];
}

export const accumulators = {
  $push: valuesOf,
  $addToSet: (group: unknown[], expression: unknown, options: Options): unknown[] =>
    distinct(valuesOf(group, expression, options)),
};
