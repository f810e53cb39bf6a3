import { BsonType } from "../bson/bson-type.js";
import {
  arrayValue,
  detached,
  fieldsOf,
  intValue,
  isNullish,
  NULL,
  type RawValue,
} from "../bson/raw-value.js";
import { equalityKey, sortableBytes } from "../bson/sortable-value.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import {
  type Accumulator,
  type Compile,
  type Expression,
  type Operator,
  operandsOrElements,
} from "./expression.js";
import { numberSum } from "./number-sum.js";

/**
 * Starts an accumulator.
 *
 * @param hold called with the number of bytes that the accumulator holds in addition; negative when it releases some
 */
type StartAccumulator = (hold: (bytes: number) => void) => Accumulator;

/** An accumulator of `$group`: started once per group, it takes the argument's value for each document of the group. */
export interface CompiledAccumulator {
  readonly argument: Expression;
  readonly start: StartAccumulator;
}

/** Memory per value in addition to its own bytes, in bytes. */
const OVERHEAD = 150;

function sizeOf({ at, end }: RawValue): number {
  return end - at + OVERHEAD;
}

const sum: StartAccumulator = () => {
  const { add, total } = numberSum();
  return { add, result: total };
};

const average: StartAccumulator = () => {
  const { add, average: result } = numberSum();
  return { add, result };
};

/** Keeps one value. `start` makes the function that decides whether a value replaces it. */
function keeping(start: () => (value: RawValue) => boolean): StartAccumulator {
  return (hold) => {
    const replaces = start();
    let kept: RawValue | undefined;
    return {
      add: (value) => {
        if (replaces(value)) {
          hold(sizeOf(value) - (kept === undefined ? 0 : sizeOf(kept)));
          kept = detached(value);
        }
      },
      result: () => (kept === undefined || kept.type === BsonType.missing ? NULL : kept),
    };
  };
}

const first = keeping(() => {
  let started = false;
  return () => {
    const isFirst = !started;
    started = true;
    return isFirst;
  };
});

const last = keeping(() => () => true);

/** The first (1) or last (-1) value in MongoDB's order; null and missing are ignored. */
function extreme(direction: 1 | -1): StartAccumulator {
  return keeping(() => {
    let best: Buffer | undefined;
    return (value) => {
      if (isNullish(value)) {
        return false;
      }
      const key = sortableBytes(value);
      if (best !== undefined && key.compare(best) * direction >= 0) {
        return false;
      }
      best = key;
      return true;
    };
  });
}

const push: StartAccumulator = (hold) => {
  const values: RawValue[] = [];
  return {
    add: (value) => {
      if (value.type !== BsonType.missing) {
        hold(sizeOf(value));
        values.push(detached(value));
      }
    },
    result: () => arrayValue(values),
  };
};

const addToSet: StartAccumulator = (hold) => {
  const values = new Map<string, RawValue>();
  return {
    add: (value) => {
      if (value.type === BsonType.missing) {
        return;
      }
      const key = equalityKey(value);
      if (!values.has(key)) {
        hold(sizeOf(value) + key.length);
        values.set(key, detached(value));
      }
    },
    result: () => arrayValue([...values.values()]),
  };
};

const ACCUMULATORS: ReadonlyMap<string, StartAccumulator> = new Map([
  ["$sum", sum],
  ["$avg", average],
  ["$min", extreme(1)],
  ["$max", extreme(-1)],
  ["$first", first],
  ["$last", last],
  ["$push", push],
  ["$addToSet", addToSet],
]);

/**
 * An accumulator of `$group`.
 *
 * @throws CommandError 15952, 40237, TypeMismatch, and those of the argument
 */
export function compileAccumulator(name: string, argument: RawValue, compile: Compile): CompiledAccumulator {
  if (name === "$count") {
    if (argument.type !== BsonType.document || fieldsOf(argument).length > 0) {
      throw new CommandError("TypeMismatch", "$count takes no arguments, i.e. $count:{}");
    }
    const one = intValue(1);
    return { argument: () => one, start: sum };
  }
  const start = ACCUMULATORS.get(name);
  if (start === undefined) {
    throw notSupported(`unknown group operator '${name}'`, "Location15952");
  }
  if (argument.type === BsonType.array) {
    throw new CommandError("Location40237", `The ${name} accumulator is a unary operator`);
  }
  return { argument: compile(argument), start };
}

/** An operator that runs an accumulator over its operands. */
function overOperands(start: StartAccumulator): Operator {
  return (argument, compile) => {
    const valuesOf = operandsOrElements(argument, compile);
    return (scope) => {
      const state = start(() => undefined);
      for (const value of valuesOf(scope)) {
        state.add(value);
      }
      return state.result();
    };
  };
}

export const ACCUMULATING_OPERATORS: Readonly<Record<string, Operator>> = {
  $sum: overOperands(sum),
  $avg: overOperands(average),
  $min: overOperands(extreme(1)),
  $max: overOperands(extreme(-1)),
};
