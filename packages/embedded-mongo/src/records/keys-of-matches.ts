import { BsonType } from "../bson/bson-type.js";
import { elementValues, fieldsOf, isOperatorDocument, type RawValue } from "../bson/raw-value.js";
import { sortableBytes } from "../bson/sortable-value.js";
import { partLimit } from "../query/index-keys.js";
import type { Index } from "./catalog.js";
import type { QueryPlan } from "./query-plan.js";

export type KeyScan = Extract<QueryPlan, { kind: "index-scan" }>;

/** @returns the plan if it has exactly one key for each document that matches the filter, and no other keys */
export function keysOfMatches(plan: QueryPlan, filter: RawValue): KeyScan | undefined {
  if (plan.kind !== "index-scan") {
    return undefined;
  }
  const { index, narrowedFields } = plan;
  const fields = fieldsOf(filter);
  const conditions = new Map(fields);
  const narrowings = index.key
    .slice(0, narrowedFields)
    .map(([path]) => narrowingOf(conditions.get(path), index));
  const isWhole = fields.length === narrowedFields && !narrowings.includes(undefined);
  const isOneKeyEach = index.key.every(
    ([path], i) => !index.multikeyPaths.includes(path) || narrowings[i] === "value",
  );
  return isWhole && isOneKeyEach ? plan : undefined;
}

/** The conditions that a range of keys can stand for. */
const BOUNDS = /^(?:\$gte?|\$lte?|\$gte?,\$lte?|\$lte?,\$gte?)$/;

/** What a condition leaves of the keys of an index; undefined where it may not hold for the same keys as for documents. */
function narrowingOf(condition: RawValue | undefined, index: Index): "value" | "values" | undefined {
  if (condition === undefined || !isOperatorDocument(condition)) {
    return condition !== undefined && isExact(condition) ? "value" : undefined;
  }
  const operators = fieldsOf(condition);
  const operands = operators.map(([, operand]) => operand);
  const names = operators.map(([name]) => name).join();
  if (names === "$eq") {
    return operands.every(isExact) ? "value" : undefined;
  }
  if (names === "$in") {
    return operands.flatMap(elementValues).every(isExact) ? "values" : undefined;
  }
  return BOUNDS.test(names) && areExactBounds(operands, index) ? "values" : undefined;
}

const EXACT: ReadonlySet<number> = new Set([
  BsonType.string,
  BsonType.objectId,
  BsonType.boolean,
  BsonType.date,
]);

/** Whether just the values that equal this one have its key. The keys of some decimals begin with that of another number; null is many things. */
function isExact({ type }: RawValue): boolean {
  return EXACT.has(type);
}

/** Keys that are cut are in no exact order. */
function areExactBounds(bounds: readonly RawValue[], { key, truncated }: Index): boolean {
  const [first] = bounds;
  return (
    !truncated &&
    bounds.every(
      (bound) =>
        isExact(bound) && bound.type === first?.type && sortableBytes(bound).length <= partLimit(key.length),
    )
  );
}
