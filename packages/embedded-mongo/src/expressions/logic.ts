import { BsonType } from "../bson/bson-type.js";
import {
  arrayValue,
  booleanValue,
  elementValues,
  isNullish,
  isTrue,
  MISSING,
  type RawValue,
} from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import {
  type Compile,
  compileOperands,
  countedOperands,
  type Expression,
  namedArguments,
  type Operator,
  operatorOf,
} from "./expression.js";

const and: Operator = (argument, compile) => {
  const operands = compileOperands(argument, compile);
  return (scope) => booleanValue(operands.every((operand) => isTrue(operand(scope))));
};

const or: Operator = (argument, compile) => {
  const operands = compileOperands(argument, compile);
  return (scope) => booleanValue(operands.some((operand) => isTrue(operand(scope))));
};

const not = operatorOf("$not", 1, 1, ([value = MISSING]) => booleanValue(!isTrue(value)));

/** Only the branch taken is evaluated: the other one may fail. */
const cond: Operator = (argument, compile) => {
  const parts =
    argument.type === BsonType.document ? namedParts(argument) : countedOperands("$cond", argument, 3);
  const [condition, then, otherwise] = parts.map((part) => compile(part));
  return (scope) => {
    const side = condition !== undefined && isTrue(condition(scope)) ? then : otherwise;
    return side === undefined ? MISSING : side(scope);
  };
};

function namedParts(argument: RawValue): RawValue[] {
  const part = namedArguments("$cond", argument, {
    notObject: "Location16020",
    unknown: "Location17083",
    // biome-ignore lint/suspicious/noThenProperty: MongoDB gave the field this name
    required: { if: "Location17080", then: "Location17081", else: "Location17082" },
  });
  return [part("if"), part("then"), part("else")];
}

const ifNull: Operator = (argument, compile) => {
  const operands = compileOperands(argument, compile);
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
  const part = namedArguments("$switch", argument, {
    notObject: "Location40060",
    unknown: "Location40067",
    optional: ["branches", "default"],
  });
  const listed = part("branches", arrayValue([]));
  if (listed.type !== BsonType.array) {
    throw new CommandError("Location40061", "$switch expected an array for 'branches'");
  }
  const branches = elementValues(listed).map((branch) => branchOf(branch, compile));
  if (branches.length === 0) {
    throw new CommandError("Location40068", "$switch requires at least one branch.");
  }
  const otherwise = part("default").type === BsonType.missing ? noBranch : compile(part("default"));
  return (scope) => {
    const taken = branches.find(({ condition }) => isTrue(condition(scope)));
    return (taken?.value ?? otherwise)(scope);
  };
};

function noBranch(): never {
  throw new CommandError(
    "Location40066",
    "$switch could not find a matching branch for an input, and no default was specified.",
  );
}

function branchOf(branch: RawValue, compile: Compile): Branch {
  const part = namedArguments("a branch of $switch", branch, {
    notObject: "Location40062",
    unknown: "Location40063",
    // biome-ignore lint/suspicious/noThenProperty: MongoDB gave the field this name
    required: { case: "Location40064", then: "Location40065" },
  });
  return { condition: compile(part("case")), value: compile(part("then")) };
}

export const LOGIC: Readonly<Record<string, Operator>> = {
  $and: and,
  $or: or,
  $not: not,
  $cond: cond,
  $ifNull: ifNull,
  $switch: switchBranches,
};
