import { BsonType } from "../bson/bson-type.js";
import {
  booleanValue,
  elementValues,
  fieldOf,
  fieldsOf,
  isNullish,
  isTrue,
  type RawValue,
} from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { type Compile, countedOperands, type Expression, type Operator, operandsOf } from "./expression.js";

const and: Operator = (argument, compile) => {
  const operands = operandsOf(argument).map((operand) => compile(operand));
  return (scope) => booleanValue(operands.every((operand) => isTrue(operand(scope))));
};

const or: Operator = (argument, compile) => {
  const operands = operandsOf(argument).map((operand) => compile(operand));
  return (scope) => booleanValue(operands.some((operand) => isTrue(operand(scope))));
};

const not: Operator = (argument, compile) => {
  const [operand] = countedOperands("$not", argument, 1).map((one) => compile(one));
  return (scope) => booleanValue(operand === undefined || !isTrue(operand(scope)));
};

const PARTS_OF_COND = [
  ["if", "Location17080"],
  ["then", "Location17081"],
  ["else", "Location17082"],
] as const;

/** Only the side that is taken is evaluated: the other may fail. */
const cond: Operator = (argument, compile) => {
  const parts =
    argument.type === BsonType.document ? namedParts(argument) : countedOperands("$cond", argument, 3);
  const [condition, then, otherwise] = parts.map((part) => compile(part));
  if (condition === undefined || then === undefined || otherwise === undefined) {
    throw new CommandError("Location17080", "Missing 'if' parameter to $cond");
  }
  return (scope) => (isTrue(condition(scope)) ? then(scope) : otherwise(scope));
};

function namedParts(argument: RawValue): RawValue[] {
  const unknown = fieldsOf(argument).find(([name]) => !PARTS_OF_COND.some(([part]) => part === name));
  if (unknown !== undefined) {
    throw new CommandError("Location17083", `Unrecognized parameter to $cond: ${unknown[0]}`);
  }
  return PARTS_OF_COND.map(([name, code]) => {
    const part = fieldOf(argument, name);
    if (part.type === BsonType.missing) {
      throw new CommandError(code, `Missing '${name}' parameter to $cond`);
    }
    return part;
  });
}

const ifNull: Operator = (argument, compile) => {
  const operands = operandsOf(argument).map((operand) => compile(operand));
  const last = operands.pop();
  if (last === undefined || operands.length === 0) {
    throw new CommandError(
      "Location1257300",
      `$ifNull needs at least two arguments, had: ${operands.length + 1}`,
    );
  }
  return (scope) => {
    for (const operand of operands) {
      const value = operand(scope);
      if (!isNullish(value)) {
        return value;
      }
    }
    return last(scope);
  };
};

interface Branch {
  readonly condition: Expression;
  readonly value: Expression;
}

const switchBranches: Operator = (argument, compile) => {
  if (argument.type !== BsonType.document) {
    throw new CommandError("Location40060", "$switch requires an object as an argument");
  }
  const unknown = fieldsOf(argument).find(([name]) => name !== "branches" && name !== "default");
  if (unknown !== undefined) {
    throw new CommandError("Location40067", `$switch found an unknown argument: ${unknown[0]}`);
  }
  const listed = fieldOf(argument, "branches");
  if (listed.type !== BsonType.missing && listed.type !== BsonType.array) {
    throw new CommandError("Location40061", "$switch expected an array for 'branches'");
  }
  const branches =
    listed.type === BsonType.array ? elementValues(listed).map((one) => branchOf(one, compile)) : [];
  if (branches.length === 0) {
    throw new CommandError("Location40068", "$switch requires at least one branch.");
  }
  const otherwise = fieldOf(argument, "default");
  const byDefault = otherwise.type === BsonType.missing ? noBranch : compile(otherwise);
  return (scope) => {
    const taken = branches.find(({ condition }) => isTrue(condition(scope)));
    return (taken?.value ?? byDefault)(scope);
  };
};

function noBranch(): never {
  throw new CommandError(
    "Location40066",
    "$switch could not find a matching branch for an input, and no default was specified.",
  );
}

function branchOf(branch: RawValue, compile: Compile): Branch {
  if (branch.type !== BsonType.document) {
    throw new CommandError("Location40062", "$switch expected each branch to be an object");
  }
  const unknown = fieldsOf(branch).find(([name]) => name !== "case" && name !== "then");
  if (unknown !== undefined) {
    throw new CommandError("Location40063", `$switch found an unknown argument to a branch: ${unknown[0]}`);
  }
  const [condition, then] = [fieldOf(branch, "case"), fieldOf(branch, "then")];
  if (condition.type === BsonType.missing || then.type === BsonType.missing) {
    throw condition.type === BsonType.missing
      ? new CommandError("Location40064", "$switch requires each branch have a 'case' expression")
      : new CommandError("Location40065", "$switch requires each branch have a 'then' expression.");
  }
  return { condition: compile(condition), value: compile(then) };
}

export const LOGIC: Readonly<Record<string, Operator>> = {
  $and: and,
  $or: or,
  $not: not,
  $cond: cond,
  $ifNull: ifNull,
  $switch: switchBranches,
};
