import { evalExpr } from "mingo/core";
import type { PlainDocument } from "../bson/bson-document.js";
import { asCommandError, mingoOptions } from "./mingo-expressions.js";

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
