import { BsonType } from "../bson/bson-type.js";
import { booleanValue, intValue, MISSING, type RawValue } from "../bson/raw-value.js";
import { sortableBytes } from "../bson/sortable-value.js";
import { type Operator, operatorOf } from "./expression.js";

/** BSON's "undefined", which MongoDB compares like a missing value: after MinKey, before null. */
const UNDEFINED: RawValue = { ...MISSING, type: BsonType.undefined };

/** MongoDB's order of two values, whatever their types (Value::compare). */
export function compareValues(a: RawValue, b: RawValue): -1 | 0 | 1 {
  if (a.type === BsonType.string && b.type === BsonType.string) {
    return a.bytes.compare(b.bytes, b.at + 4, b.end, a.at + 4, a.end);
  }
  return sortableForm(a).compare(sortableForm(b));
}

function sortableForm(value: RawValue): Buffer {
  return sortableBytes(value.type === BsonType.missing ? UNDEFINED : value);
}

function comparing(name: string, judge: (order: -1 | 0 | 1) => RawValue): Operator {
  return operatorOf(name, 2, 2, ([a, b]) =>
    judge(a === undefined || b === undefined ? 0 : compareValues(a, b)),
  );
}

function holds(name: string, judge: (order: number) => boolean): Operator {
  return comparing(name, (order) => booleanValue(judge(order)));
}

export const COMPARISON: Readonly<Record<string, Operator>> = {
  $eq: holds("$eq", (order) => order === 0),
  $ne: holds("$ne", (order) => order !== 0),
  $gt: holds("$gt", (order) => order > 0),
  $gte: holds("$gte", (order) => order >= 0),
  $lt: holds("$lt", (order) => order < 0),
  $lte: holds("$lte", (order) => order <= 0),
  $cmp: comparing("$cmp", intValue),
};
