import {
  Binary,
  BSONRegExp,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from "bson";

/** A value as MongoDB's messages write it, e.g. `{ _id: "a", n: 1.0 }`. */
export function shellText(value: unknown): string {
  if (value === null || value === undefined) {
    return "null";
  }
  if (typeof value === "string") {
    return `"${value.replace(/["\\]/g, "\\$&")}"`;
  }
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") {
    return String(value);
  }
  if (typeof value !== "object") {
    return "";
  }
  return objectText(value);
}

function objectText(value: object): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? "[]" : `[ ${value.map(shellText).join(", ")} ]`;
  }
  if (value instanceof Int32 || value instanceof Long) {
    return value.toString();
  }
  if (value instanceof Double) {
    return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value);
  }
  if (value instanceof ObjectId) {
    return `ObjectId('${value.toHexString()}')`;
  }
  if (value instanceof Date) {
    return `new Date(${value.getTime()})`;
  }
  if (value instanceof Decimal128) {
    return `NumberDecimal("${value.toString()}")`;
  }
  if (value instanceof Binary) {
    return `BinData(${value.sub_type}, ${value.toString("hex").toUpperCase()})`;
  }
  if (value instanceof Timestamp) {
    return `Timestamp(${value.t}, ${value.i})`;
  }
  if (value instanceof BSONRegExp) {
    return `/${value.pattern}/${value.options}`;
  }
  if (value instanceof MinKey || value instanceof MaxKey) {
    return value._bsontype;
  }
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${shellText(field)}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}
