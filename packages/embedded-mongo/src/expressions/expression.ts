import { aliasOfType, BsonType, isNumberType } from "../bson/bson-type.js";
import { int32Of } from "../bson/number-value.js";
import {
  elementValues,
  fieldOf,
  fieldsOf,
  isNullish,
  MISSING,
  NULL,
  type RawValue,
  textOf,
} from "../bson/raw-value.js";
import { CommandError, type ErrorName } from "../errors/command-error.js";

/** What an expression is evaluated over. */
export interface Scope {
  /** The document, `$$ROOT`. */
  readonly root: RawValue;
  /** The innermost variable; undefined if there is none. */
  readonly variables: Variable | undefined;
}

/** A variable, and those around it. */
export interface Variable {
  readonly name: string;
  readonly value: RawValue;
  readonly outer: Variable | undefined;
}

/** A compiled expression. Its value is missing if it has none in MongoDB. */
export type Expression = (scope: Scope) => RawValue;

/**
 * Compiles an expression in an operator's argument.
 *
 * @param variables names that it may use in addition to those in scope for the operator
 */
export type Compile = (spec: RawValue, variables?: readonly string[]) => Expression;

/** What all expressions of a command share. */
export interface ExpressionContext {
  /** Names of the variables that are in scope, without MongoDB's own. */
  readonly variables: ReadonlySet<string>;
  /** `$$NOW` */
  readonly now: RawValue;
  /** Called by operators that loop; throws when the command must stop. */
  readonly checkTime: () => void;
  /** There is no document: an expression that reads one is refused. */
  readonly constant?: boolean;
}

/** Compiles an operator from its argument; `compile` compiles the expressions in the argument. */
export type Operator = (argument: RawValue, compile: Compile, context: ExpressionContext) => Expression;

/** The scope with one more variable. */
export function withVariable(scope: Scope, name: string, value: RawValue): Scope {
  return { root: scope.root, variables: { name, value, outer: scope.variables } };
}

/** Each item of an array is an operand; any other argument is the only operand. */
export function operandsOf(argument: RawValue): readonly RawValue[] {
  return argument.type === BsonType.array ? elementValues(argument) : [argument];
}

/** Compiles every operand of an argument. */
export function compileOperands(argument: RawValue, compile: Compile): Expression[] {
  return operandsOf(argument).map((operand) => compile(operand));
}

/** The values of the operands, or the elements of a single operand that is an array. */
export function operandsOrElements(argument: RawValue, compile: Compile): (scope: Scope) => RawValue[] {
  const operands = compileOperands(argument, compile);
  return (scope) => {
    const values = operands.map((operand) => operand(scope));
    const [only] = values;
    return values.length === 1 && only?.type === BsonType.array ? elementValues(only) : values;
  };
}

/** The operands, `least` to `most` of them. @throws CommandError 16020, 28667 */
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

/** An operator that is a function of the values of its operands. */
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

/** Takes values one by one. */
export interface Accumulator {
  readonly add: (value: RawValue) => void;
  readonly result: () => RawValue;
}

/** An operator over its operands, from left to right; null at the first null or missing one, without evaluating the rest. */
export function foldingOperator(start: () => Accumulator): Operator {
  return (argument, compile) => {
    const operands = compileOperands(argument, compile);
    return (scope) => {
      const { add, result } = start();
      for (const operand of operands) {
        const value = operand(scope);
        if (isNullish(value)) {
          return NULL;
        }
        add(value);
      }
      return result();
    };
  };
}

/** Whether an expression is a literal, which MongoDB checks before it reads any document. */
export function isConstant(spec: RawValue): boolean {
  return spec.type === BsonType.string
    ? !textOf(spec).startsWith("$")
    : spec.type !== BsonType.document && spec.type !== BsonType.array;
}

/** The parts of an operator's argument, and MongoDB's error codes for an invalid argument. */
export interface ArgumentNames {
  readonly notObject: ErrorName;
  readonly unknown: ErrorName;
  /** The code for each part that must be present. */
  readonly required?: Readonly<Record<string, ErrorName>>;
  readonly optional?: readonly string[];
}

/**
 * Checks an argument with named parts, e.g. `{ input: …, in: … }`.
 *
 * @returns the part of a name, or `otherwise` if it is absent
 * @throws CommandError with the codes in `names`
 */
export function namedArguments(
  operator: string,
  argument: RawValue,
  { notObject, unknown, required = {}, optional = [] }: ArgumentNames,
): (name: string, otherwise?: RawValue) => RawValue {
  if (argument.type !== BsonType.document) {
    throw new CommandError(notObject, `${operator} only supports an object as its argument`);
  }
  for (const [name] of fieldsOf(argument)) {
    if (!Object.hasOwn(required, name) && !optional.includes(name)) {
      throw new CommandError(unknown, `Unrecognized parameter to ${operator}: ${name}`);
    }
  }
  for (const [name, code] of Object.entries(required)) {
    if (fieldOf(argument, name).type === BsonType.missing) {
      throw new CommandError(code, `Missing '${name}' parameter to ${operator}`);
    }
  }
  return (name, otherwise = MISSING) => {
    const part = fieldOf(argument, name);
    return part.type === BsonType.missing ? otherwise : part;
  };
}

/**
 * The text of a value that must be a string.
 *
 * @param what start of the message, e.g. "… requires its input to be"
 * @throws CommandError with the code if it has another type
 */
export function requiredText(value: RawValue, code: ErrorName, what: string): string {
  if (value.type !== BsonType.string) {
    throw new CommandError(code, `${what} a string, found: ${aliasOfType(value.type)}`);
  }
  return textOf(value);
}

/** Like `requiredText`; undefined for null and missing. */
export function optionalText(value: RawValue, code: ErrorName, what: string): string | undefined {
  return isNullish(value) ? undefined : requiredText(value, code, what);
}

/**
 * The number of a value that must be a whole number of 32 bits.
 *
 * @param subject start of the message, e.g. "$slice's second argument"
 * @throws CommandError with one of the codes
 */
export function requiredInt32(
  value: RawValue,
  subject: string,
  notNumber: ErrorName,
  notInt32: ErrorName,
): number {
  if (!isNumberType(value.type)) {
    throw new CommandError(
      notNumber,
      `${subject} must be a number, but is of type: ${aliasOfType(value.type)}`,
    );
  }
  const number = int32Of(value);
  if (number === undefined) {
    throw new CommandError(notInt32, `${subject} must be representable as a 32-bit integer`);
  }
  return number;
}
