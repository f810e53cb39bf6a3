import { BsonType } from "../bson/bson-type.js";
import { elementValues, type RawValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";

/** What an expression is evaluated over. */
export interface Scope {
  /** The document, `$$ROOT`. */
  readonly root: RawValue;
  /** The innermost variable; undefined where there is none. */
  readonly variables: Variable | undefined;
}

/** A variable, and those around it. */
export interface Variable {
  readonly name: string;
  readonly value: RawValue;
  readonly outer: Variable | undefined;
}

/** A compiled expression. Its value is missing where MongoDB has none. */
export type Expression = (scope: Scope) => RawValue;

/**
 * Compiles an argument of an operator.
 *
 * @param variables names that the argument may use besides those around the operator
 */
export type Compile = (spec: RawValue, variables?: readonly string[]) => Expression;

/** Makes an operator's expression of its argument: `compile` is for the expressions in it. */
export type Operator = (argument: RawValue, compile: Compile) => Expression;

/** The scope with one more variable. */
export function withVariable(scope: Scope, name: string, value: RawValue): Scope {
  return { root: scope.root, variables: { name, value, outer: scope.variables } };
}

/** An argument that is an array has one operand for each item, any other argument is the only operand. */
export function operandsOf(argument: RawValue): readonly RawValue[] {
  return argument.type === BsonType.array ? elementValues(argument) : [argument];
}

/** The operands of an operator that takes so many. @throws CommandError 16020, 28667 */
export function countedOperands(
  name: string,
  argument: RawValue,
  least: number,
  most = least,
): readonly RawValue[] {
  const operands = operandsOf(argument);
  const count = operands.length;
  if (least === most && count !== least) {
    throw new CommandError(
      "Location16020",
      `Expression ${name} takes exactly ${least} arguments. ${count} were passed in.`,
    );
  }
  if (count < least || count > most) {
    throw new CommandError(
      "Location28667",
      `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${count} were passed in.`,
    );
  }
  return operands;
}

/** An operator whose value depends on the values of its operands alone. */
export function operatorOf(
  name: string,
  least: number,
  most: number,
  compute: (values: readonly RawValue[]) => RawValue,
): Operator {
  return (argument, compile) => {
    const operands = countedOperands(name, argument, least, most).map((operand) => compile(operand));
    return (scope) => compute(operands.map((operand) => operand(scope)));
  };
}
