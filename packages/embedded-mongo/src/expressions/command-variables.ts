import { EMPTY_DOCUMENT, fieldsOf, MISSING } from "../bson/raw-value.js";
import { compileExpression, expressionContext, withNames } from "./compile-expression.js";
import type { ExpressionContext, Variable } from "./expression.js";
import { checkVariableName } from "./variables.js";

/** The context that the expressions of a command are compiled in, and the values of its variables. */
export interface CommandVariables {
  readonly context: ExpressionContext;
  readonly values: Variable | undefined;
}

/**
 * Computes the variables of a command's `let`: constant expressions, each of which sees those before it.
 *
 * @param checkTime throws when the command must stop
 * @throws CommandError 4890500 if an expression reads a document
 */
export function commandVariables(spec = EMPTY_DOCUMENT, checkTime?: () => void): CommandVariables {
  let context = expressionContext([], checkTime);
  let values: Variable | undefined;
  for (const [name, expression] of fieldsOf(spec)) {
    checkVariableName(name);
    const compute = compileExpression(expression, { ...context, constant: true });
    values = { name, value: compute({ root: MISSING, variables: values }), outer: values };
    context = withNames(context, [name]);
  }
  return { context, values };
}
