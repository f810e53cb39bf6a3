import { evalExpr } from "mingo/core";
import { mingoOptions } from "../aggregation/mingo-stages.js";
import { asCommandError } from "../aggregation/run-stages.js";
import type { PlainDocument } from "../bson/bson-codec.js";

/** An aggregation expression (`$expr`) as a function over a plain document. */
export function compileExpression(expression: unknown): (document: PlainDocument) => unknown {
  return (document) => {
    try {
      return evalExpr(document, expression, mingoOptions());
    } catch (error) {
      throw asCommandError(error);
    }
  };
}
