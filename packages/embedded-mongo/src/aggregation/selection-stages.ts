import { randomBytes } from "node:crypto";
import { BsonType, isNumberType } from "../bson/bson-type.js";
import { wholePart } from "../bson/number-value.js";
import { encode, fieldsOf, type RawValue, textOf } from "../bson/raw-value.js";
import { CommandError, type ErrorName } from "../errors/command-error.js";
import { compileFilter } from "../query/compile-filter.js";
import { compileSortKey, type KeyPattern } from "../query/index-keys.js";
import { sortPatternOf } from "../query/key-pattern.js";
import { mapItems, PAUSE, type Pause, takeItems } from "../records/pause.js";
import { type SortEntry, sortEntries } from "../records/sort-entries.js";
import { type Documents, type Stage, type StageCompiler, withPauses } from "./stage.js";

/** The filter of a `$match`. */
export function readMatch(argument: RawValue): RawValue {
  if (argument.type !== BsonType.document) {
    throw new CommandError("Location15959", "the match filter must be an expression in an object");
  }
  return argument;
}

/** `$match`, by the rules of `find`. */
const match: StageCompiler = (argument, { expressions }) => {
  const matches = compileFilter(readMatch(argument), expressions);
  return function* (documents, variables) {
    for (const document of documents) {
      if (document === PAUSE || matches(document, variables)) {
        yield document;
      }
    }
  };
};

/** The key pattern of a `$sort`. @throws CommandError 15973, 15976, and those of the pattern */
export function readSort(argument: RawValue): KeyPattern {
  if (argument.type !== BsonType.document) {
    throw new CommandError("Location15973", "the $sort key specification must be an object");
  }
  const pattern = sortPatternOf(argument);
  if (pattern.length === 0) {
    throw new CommandError("Location15976", "$sort stage must have at least one sort key");
  }
  return pattern;
}

/** `$sort` in MongoDB's order of values. @param limit number of documents wanted from the start; 0: all */
export function sortStage(argument: RawValue, limit: number): Stage {
  const keyOf = compileSortKey(readSort(argument));
  return (documents) => withPauses(sortEntries(keyed(documents, keyOf), limit));
}

function keyed(documents: Documents, keyOf: (document: Buffer) => Buffer): Iterable<SortEntry | Pause> {
  return mapItems(documents, (document) => ({ key: keyOf(document), value: document }));
}

/** A count of documents. @throws CommandError with the given code */
function readCount(argument: RawValue, stage: string, code: ErrorName): number {
  const part = wholePart(argument);
  if (part?.exact !== true || part.whole < 0n) {
    throw new CommandError(
      code,
      `invalid argument to ${stage} stage: Expected a non-negative whole number in: ${stage}`,
    );
  }
  return Number(part.whole);
}

/** The number of documents that a `$skip` skips. @throws CommandError 5107200 */
export function readSkip(argument: RawValue): number {
  return readCount(argument, "$skip", "Location5107200");
}

/** The number of documents that a `$limit` lets pass. @throws CommandError 5107201, 15958 */
export function readLimit(argument: RawValue): number {
  const limit = readCount(argument, "$limit", "Location5107201");
  if (limit === 0) {
    throw new CommandError("Location15958", "the limit must be positive");
  }
  return limit;
}

const skip: StageCompiler = (argument) => {
  const skipped = readSkip(argument);
  return function* (documents) {
    let left = skipped;
    for (const document of documents) {
      if (document === PAUSE || left-- <= 0) {
        yield document;
      }
    }
  };
};

const limit: StageCompiler = (argument) => {
  const most = readLimit(argument);
  return function* (documents) {
    let left = most;
    for (const document of documents) {
      yield document;
      if (document !== PAUSE && --left === 0) {
        return;
      }
    }
  };
};

const COUNT_FIELD_FAULTS: readonly (readonly [ErrorName, RegExp, string])[] = [
  ["Location40157", /^$/, "must be a non-empty string"],
  ["Location40158", /^\$/, "cannot be a $-prefixed path"],
  ["Location40159", /\0/, "cannot contain a null byte"],
  ["Location40160", /\./, "cannot contain '.'"],
];

/** `$count`: no document if there is nothing to count. */
const count: StageCompiler = (argument) => {
  if (argument.type !== BsonType.string) {
    throw new CommandError("Location40156", "the count field must be a non-empty string");
  }
  const field = textOf(argument);
  const fault = COUNT_FIELD_FAULTS.find(([, pattern]) => pattern.test(field));
  if (fault !== undefined) {
    throw new CommandError(fault[0], `the count field ${fault[2]}`);
  }
  return function* (documents) {
    let counted = 0;
    yield* takeItems(documents, () => counted++);
    if (counted > 0) {
      yield encode({ [field]: counted });
    }
  };
};

/** `$sample` without repetitions: the first documents in a random order. */
const sample: StageCompiler = (argument) => {
  const size = readSampleSize(argument);
  return (documents) =>
    withPauses(
      sortEntries(
        keyed(documents, () => randomBytes(8)),
        size,
      ),
    );
};

function readSampleSize(argument: RawValue): number {
  if (argument.type !== BsonType.document) {
    throw new CommandError("Location28745", "the $sample stage specification must be an object");
  }
  const fields = fieldsOf(argument);
  const unknown = fields.find(([name]) => name !== "size");
  if (unknown !== undefined) {
    throw new CommandError("Location28748", `unrecognized option to $sample: ${unknown[0]}`);
  }
  const [, size] = fields[0] ?? [];
  if (size === undefined) {
    throw new CommandError("Location28749", "$sample stage must specify a size");
  }
  if (!isNumberType(size.type)) {
    throw new CommandError("Location28746", "size argument to $sample must be a number");
  }
  const whole = wholePart(size)?.whole ?? 0n;
  if (whole <= 0n) {
    throw new CommandError("Location28747", "size argument to $sample must be a positive integer");
  }
  return Number(whole);
}

/** Stages that select or count documents, except `$sort`. */
export const SELECTION_STAGES: Readonly<Record<string, StageCompiler>> = {
  $count: count,
  $limit: limit,
  $match: match,
  $sample: sample,
  $skip: skip,
};
