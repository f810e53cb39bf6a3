import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { elementValues, fieldOf, fieldsOf, isNullish, type RawValue, textOf } from "../bson/raw-value.js";
import { CommandError, type ErrorName } from "../errors/command-error.js";

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

/** What the expressions of one command have in common. */
export interface ExpressionContext {
  /** Names of the variables that are in scope, without MongoDB's own. */
  readonly variables: ReadonlySet<string>;
  /** `$$NOW` */
  readonly now: RawValue;
  /** Called by operators that loop; throws where the command has to end. */
  readonly checkTime: () => void;
  /** There is no document yet: an expression that reads one is refused. */
  readonly constant?: boolean;
}

/** Makes an operator's expression of its argument: `compile` is for the expressions in it. */
export type Operator = (argument: RawValue, compile: Compile, context: ExpressionContext) => Expression;

/** The scope with one more variable. */
export function withVariable(scope: Scope, name: string, value: RawValue): Scope {
  return { root: scope.root, variables: { name, value, outer: scope.variables } };
}

/** An argument that is an array has one operand for each item, any other argument is the only operand. */
export function operandsOf(argument: RawValue): readonly RawValue[] {
  return argument.type === BsonType.array ? elementValues(argument) : [argument];
}

/** The values of an accumulator's operands, or the elements of the only one where that is an array. */
export function operandsOrElements(argument: RawValue, compile: Compile): (scope: Scope) => RawValue[] {
  const operands = operandsOf(argument).map((operand) => compile(operand));
  return (scope) => {
    const values = operands.map((operand) => operand(scope));
    const [only] = values;
    return values.length === 1 && only?.type === BsonType.array ? elementValues(only) : values;
  };
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

/** What no document has a say in: MongoDB checks it before it reads any. */
export function isConstant(spec: RawValue): boolean {
  return spec.type === BsonType.string
    ? !textOf(spec).startsWith("$")
    : spec.type !== BsonType.document && spec.type !== BsonType.array;
}

/** The names that an operator's argument has, and MongoDB's codes for what is wrong with it. */
export interface ArgumentNames {
  readonly notObject: ErrorName;
  readonly unknown: ErrorName;
  readonly required: readonly (readonly [name: string, code: ErrorName])[];
  readonly optional?: readonly string[];
}

/**
 * Checks an argument with named parts, such as `{ input: …, in: … }`.
 *
 * @returns the part of a name; missing where an optional one is not there
 */
export function namedArguments(
  operator: string,
  argument: RawValue,
  { notObject, unknown, required, optional = [] }: ArgumentNames,
): (name: string) => RawValue {
  if (argument.type !== BsonType.document) {
    throw new CommandError(notObject, `${operator} only supports an object as its argument`);
  }
  for (const [name] of fieldsOf(argument)) {
    if (!required.some(([one]) => one === name) && !optional.includes(name)) {
      throw new CommandError(unknown, `Unrecognized parameter to ${operator}: ${name}`);
    }
  }
  for (const [name, code] of required) {
    if (fieldOf(argument, name).type === BsonType.missing) {
      throw new CommandError(code, `Missing '${name}' parameter to ${operator}`);
    }
  }
  return (name) => fieldOf(argument, name);
}

/**
 * The text of a value that must be a string, or undefined where it is null or missing.
 *
 * @param what "… requires its input to be", for the message
 * @throws CommandError with the code where it has another type
 */
export function optionalText(value: RawValue, code: ErrorName, what: string): string | undefined {
  if (isNullish(value)) {
    return undefined;
  }
  if (value.type !== BsonType.string) {
    throw new CommandError(code, `${what} a string, found: ${aliasOfType(value.type)}`);
  }
  return textOf(value);
}
