import { BsonType } from "../bson/bson-type.js";
import {
  detached,
  documentValue,
  encodeValue,
  fieldsOf,
  isEmpty,
  isOperatorDocument,
  NULL,
  type RawValue,
  textOf,
  wholeDocument,
} from "../bson/raw-value.js";
import { equalityKey } from "../bson/sortable-value.js";
import { CommandError } from "../errors/command-error.js";
import { compileExpression } from "../expressions/compile-expression.js";
import type { Accumulator, Expression, ExpressionContext } from "../expressions/expression.js";
import { type CompiledAccumulator, compileAccumulator } from "../expressions/group-accumulators.js";
import { takeItems } from "../records/pause.js";
import { sortStage } from "./selection-stages.js";
import { runStages, type Stage, type StageCompiler, withPauses } from "./stage.js";

/** MongoDB's default of `internalDocumentSourceGroupMaxMemoryBytes`. */
const MAX_BYTES = 100 * 1024 * 1024;
/** Memory of a group, and of each of its accumulators, in addition to the bytes of the key. */
const GROUP_BYTES = 250;
const ACCUMULATOR_BYTES = 200;

interface Group {
  readonly key: RawValue;
  readonly accumulators: readonly Accumulator[];
}

type Field = readonly [name: string, accumulator: CompiledAccumulator];

/** `$group`. Groups are in the order of their first documents. */
export const groupStage: StageCompiler = (argument, { expressions }) => {
  if (argument.type !== BsonType.document) {
    throw new CommandError("Location15947", "a group's fields must be specified in an object");
  }
  let keyOf: Expression | undefined;
  const fields: Field[] = [];
  for (const [name, value] of fieldsOf(argument)) {
    if (name !== "_id") {
      const [operator, operand] = accumulatorOf(name, value);
      fields.push([
        name,
        compileAccumulator(operator, operand, (spec) => compileExpression(spec, expressions)),
      ]);
    } else if (keyOf === undefined) {
      keyOf = keyExpression(value, expressions);
    } else {
      throw new CommandError("Location15948", "a group's _id may only be specified once");
    }
  }
  if (keyOf === undefined) {
    throw new CommandError("Location15955", "a group specification must include an _id");
  }
  return grouping(keyOf, fields);
};

/** A missing value becomes null in a key of one field, and is omitted in a key of more fields (SERVER-21992). */
function keyExpression(key: RawValue, context: ExpressionContext): Expression {
  const evaluate = compileExpression(key, context);
  const [field, second] = key.type === BsonType.document && !isOperatorDocument(key) ? fieldsOf(key) : [];
  if (field === undefined || second !== undefined) {
    return evaluate;
  }
  const absent = documentValue([[field[0], NULL]]);
  return (scope) => {
    const value = evaluate(scope);
    return isEmpty(value) ? absent : value;
  };
}

function grouping(keyOf: Expression, fields: readonly Field[]): Stage {
  return function* (documents, variables) {
    const groups = new Map<string, Group>();
    const hold = countingBytes();
    yield* takeItems(documents, (document) => {
      const scope = { root: wholeDocument(document), variables };
      const { accumulators } = groupOf(groups, keyOf(scope), fields, hold);
      for (const [i, [, { argument }]] of fields.entries()) {
        accumulators[i]?.add(argument(scope));
      }
    });
    yield* withPauses(results(groups.values(), fields));
  };
}

/** @returns a function that adds to the bytes held, and throws if they exceed the limit */
function countingBytes(): (bytes: number) => void {
  let held = 0;
  return (bytes) => {
    held += bytes;
    if (held > MAX_BYTES) {
      throw new CommandError(
        "QueryExceededMemoryLimitNoDiskUseAllowed",
        `$group exceeded the memory limit of ${MAX_BYTES} bytes: group fewer documents, keep less of each, or set MONGO_URI to a MongoDB server`,
      );
    }
  };
}

function groupOf(
  groups: Map<string, Group>,
  value: RawValue,
  fields: readonly Field[],
  hold: (bytes: number) => void,
): Group {
  const key = value.type === BsonType.missing ? NULL : value;
  const order = equalityKey(key);
  const known = groups.get(order);
  if (known !== undefined) {
    return known;
  }
  hold(key.end - key.at + order.length + GROUP_BYTES + fields.length * ACCUMULATOR_BYTES);
  const group: Group = {
    key: detached(key),
    accumulators: fields.map(([, { start }]) => start(hold)),
  };
  groups.set(order, group);
  return group;
}

function* results(groups: Iterable<Group>, fields: readonly Field[]): Generator<Buffer, void, undefined> {
  for (const { key, accumulators } of groups) {
    const values = fields.map(([name], i) => [name, accumulators[i]?.result() ?? NULL] as const);
    yield documentValue([["_id", key], ...values]).bytes;
  }
}

/** @throws CommandError 40234, 40235, 40236, 40238 */
function accumulatorOf(field: string, value: RawValue): readonly [operator: string, argument: RawValue] {
  const [first, second] = value.type === BsonType.document ? fieldsOf(value) : [];
  if (first === undefined || !first[0].startsWith("$")) {
    throw new CommandError("Location40234", `The field '${field}' must be an accumulator object`);
  }
  if (field.includes(".")) {
    throw new CommandError("Location40235", `The field name '${field}' cannot contain '.'`);
  }
  if (field.startsWith("$")) {
    throw new CommandError("Location40236", `The field name '${field}' cannot be an operator name`);
  }
  if (second !== undefined) {
    throw new CommandError("Location40238", `The field '${field}' must specify one accumulator`);
  }
  return first;
}

/** `$sortByCount` is a `$group` and a `$sort`. */
export const sortByCountStage: StageCompiler = (argument, context) => {
  checkCountedExpression(argument);
  const group = groupStage(
    documentValue([
      ["_id", argument],
      ["count", encodeValue({ $sum: 1 })],
    ]),
    context,
  );
  const sort = sortStage(encodeValue({ count: -1 }), 0);
  return (documents, variables) => runStages(documents, [group, sort], variables);
};

function checkCountedExpression(argument: RawValue): void {
  const message =
    "the sortByCount field must be defined as a $-prefixed path or an expression inside an object";
  if (argument.type === BsonType.document) {
    if (!fieldsOf(argument)[0]?.[0].startsWith("$")) {
      throw new CommandError("Location40147", message);
    }
  } else if (argument.type !== BsonType.string) {
    throw new CommandError(
      "Location40149",
      "the sortByCount field must be specified as a string or as an object",
    );
  } else if (!/^\$./.test(textOf(argument))) {
    throw new CommandError("Location40148", message);
  }
}
