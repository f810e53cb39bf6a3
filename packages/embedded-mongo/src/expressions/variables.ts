import { BsonType } from "../bson/bson-type.js";
import { fieldsOf, MISSING, type RawValue } from "../bson/raw-value.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import {
  type Compile,
  type Expression,
  type ExpressionContext,
  namedArguments,
  type Operator,
  type Scope,
  type Variable,
} from "./expression.js";
import { fieldPath, valueAtPath } from "./field-path.js";

/** @throws CommandError FailedToParse if the name is not valid for a user's variable */
export function checkVariableName(name: string): void {
  if (name === "") {
    throw new CommandError("FailedToParse", "empty variable names are not allowed");
  }
  if (name === "CURRENT") {
    throw notSupported("A variable with the name CURRENT", "FailedToParse");
  }
  if (!/^[a-z\u{80}-\u{10ffff}]/u.test(name)) {
    throw new CommandError(
      "FailedToParse",
      `'${name}' starts with an invalid character for a user variable name`,
    );
  }
  if (!/^[\w\u{80}-\u{10ffff}]*$/u.test(name)) {
    throw new CommandError("FailedToParse", `'${name}' contains an invalid character for a variable name`);
  }
}

export type CompiledVariable = readonly [name: string, value: Expression];

/** @throws CommandError FailedToParse for an invalid name, and those of the expressions */
export function compileVariables(spec: RawValue, compile: Compile): CompiledVariable[] {
  return fieldsOf(spec).map(([name, value]) => {
    checkVariableName(name);
    return [name, compile(value)];
  });
}

/** Adds variables to those of a scope; all are computed in that scope. */
export function variablesOf(fields: readonly CompiledVariable[], scope: Scope): Variable | undefined {
  return fields.reduce<Variable | undefined>(
    (outer, [name, expression]) => ({ name, value: expression(scope), outer }),
    scope.variables,
  );
}

/** Compiles `$$name.path`, given without `$$`. @throws CommandError 17276 */
export function variablePath(path: string, context: ExpressionContext): Expression {
  const [name = "", ...names] = fieldPath(path);
  switch (name) {
    case "ROOT":
    case "CURRENT":
      checkReadsDocument(context);
      return (scope) => valueAtPath(scope.root, names);
    case "NOW":
      return () => valueAtPath(context.now, names);
    case "REMOVE":
      return () => MISSING;
    default:
      if (!context.variables.has(name)) {
        const undefinedName = `Use of undefined variable: ${name}`;
        throw /^[A-Z]/.test(name)
          ? notSupported(undefinedName, "Location17276")
          : new CommandError("Location17276", undefinedName);
      }
      return ({ variables }) => valueAtPath(variableNamed(name, variables), names);
  }
}

/** @throws CommandError 4890500 if expressions must not read a document */
export function checkReadsDocument({ constant }: ExpressionContext): void {
  if (constant) {
    throw new CommandError(
      "Location4890500",
      "Command let Expression tried to access a field, but this is not allowed because Command let Expressions run before the query examines any documents.",
    );
  }
}

function variableNamed(name: string, innermost: Variable | undefined): RawValue {
  for (let variable = innermost; variable !== undefined; variable = variable.outer) {
    if (variable.name === name) {
      return variable.value;
    }
  }
  return MISSING;
}

const let_: Operator = (argument, compile) => {
  const part = namedArguments("$let", argument, {
    notObject: "Location16874",
    unknown: "Location16875",
    required: { vars: "Location16876", in: "Location16877" },
  });
  if (part("vars").type !== BsonType.document) {
    throw new CommandError("TypeMismatch", "invalid parameter: expected an object (vars)");
  }
  const variables = compileVariables(part("vars"), compile);
  const evaluate = compile(
    part("in"),
    variables.map(([name]) => name),
  );
  return (scope) => evaluate({ root: scope.root, variables: variablesOf(variables, scope) });
};

const literal: Operator = (argument) => () => argument;

export const VARIABLES: Readonly<Record<string, Operator>> = { $let: let_, $literal: literal };
