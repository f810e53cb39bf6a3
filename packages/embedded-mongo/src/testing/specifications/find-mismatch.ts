import { BSON, ClientSession, type Document } from "mongodb";
import type { Entities } from "./entities.js";

/** Unexpected fields that a document may have: none, or any at its first level. */
export type Extras = "none" | "ofRoot" | "ofElements";

/**
 * The first difference of a value from the one that a unified test expects, with its path; undefined if it matches.
 * Source: "Evaluating Matches" of the unified test format.
 */
export function findMismatch(
  expected: unknown,
  actual: unknown,
  entities: Entities,
  extras: Extras = "none",
  path = "",
): string | undefined {
  const special = specialOperator(expected);
  if (special !== undefined) {
    return matchSpecial(special, actual, entities, extras, path);
  }
  if (Array.isArray(expected)) {
    return matchArray(expected, actual, entities, extras, path);
  }
  if (isDocument(expected)) {
    return matchDocument(expected, actual, entities, extras, path);
  }
  return actual !== undefined && text(expected) === text(actual)
    ? undefined
    : difference(text(expected), actual, path);
}

function matchArray(expected: unknown[], actual: unknown, entities: Entities, extras: Extras, path: string) {
  if (!Array.isArray(actual) || actual.length !== expected.length) {
    return difference(`an array of ${expected.length}: ${text(expected)}`, actual, path);
  }
  const ofElement = extras === "ofElements" ? "ofRoot" : "none";
  return firstOf(expected.keys(), (index) =>
    findMismatch(expected[index], actual[index], entities, ofElement, `${path}[${index}]`),
  );
}

function matchDocument(
  expected: Document,
  actual: unknown,
  entities: Entities,
  extras: Extras,
  path: string,
): string | undefined {
  const fields = actual instanceof Map ? Object.fromEntries(actual) : actual;
  if (!isDocument(fields)) {
    return difference("a document", actual, path);
  }
  const extra = Object.keys(fields).find((key) => fields[key] !== undefined && !Object.hasOwn(expected, key));
  if (extras === "none" && extra !== undefined) {
    return difference("nothing", fields[extra], `${path}.${extra}`);
  }
  return firstOf(Object.keys(expected), (key) =>
    findMismatch(expected[key], fields[key], entities, "none", `${path}.${key}`),
  );
}

function firstOf<T>(items: Iterable<T>, mismatchOf: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const mismatch = mismatchOf(item);
    if (mismatch !== undefined) {
      return mismatch;
    }
  }
  return undefined;
}

function specialOperator(expected: unknown): Document | undefined {
  if (!isDocument(expected)) {
    return undefined;
  }
  const [first, ...others] = Object.keys(expected);
  return first?.startsWith("$$") && others.length === 0 ? expected : undefined;
}

function matchSpecial(
  special: Document,
  actual: unknown,
  entities: Entities,
  extras: Extras,
  path: string,
): string | undefined {
  const [[operator, operand] = []] = Object.entries(special);
  const whether = (matches: boolean) => (matches ? undefined : difference(text(special), actual, path));
  switch (operator) {
    case "$$exists":
      return whether((actual !== undefined) === operand);
    case "$$type":
      return whether([operand].flat().some((name) => isOfType(actual, name)));
    case "$$unsetOrMatches":
      return actual === undefined ? undefined : findMismatch(operand, actual, entities, extras, path);
    case "$$matchesEntity":
      return findMismatch(entities.get(operand), actual, entities, extras, path);
    case "$$matchesHexBytes":
      return whether(actual instanceof Uint8Array && Buffer.from(actual).toString("hex") === operand);
    case "$$sessionLsid":
      return findMismatch(entities.need(operand, ClientSession).id, actual, entities, "none", path);
    case "$$lte":
      return whether(Number(actual) <= Number(operand));
    case "$$matchAsDocument":
      return findMismatch(operand, BSON.EJSON.parse(String(actual)), entities, "none", path);
    case "$$matchAsRoot":
      return findMismatch(operand, actual, entities, "ofRoot", path);
    default:
      throw new Error(`${operator}: unknown operator of the unified test format`);
  }
}

function isOfType(actual: unknown, name: string): boolean {
  if (actual === undefined) {
    return false;
  }
  if (typeof actual === "number" || typeof actual === "bigint") {
    // The driver reads every type of number as one of JavaScript's.
    return name === "double" || name === "number" || (["int", "long"].includes(name) && isWhole(actual));
  }
  const actualName = typeName(actual);
  return actualName === name || (name === "number" && NUMBERS.includes(actualName));
}

function isWhole(value: number | bigint): boolean {
  return typeof value === "bigint" || Number.isInteger(value);
}

const NUMBERS = ["int", "long", "double", "decimal"];

const TYPE_NAMES: Readonly<Record<string, string>> = {
  ObjectId: "objectId",
  Binary: "binData",
  Timestamp: "timestamp",
  Decimal128: "decimal",
  Int32: "int",
  Long: "long",
  Double: "double",
  BSONRegExp: "regex",
  MinKey: "minKey",
  MaxKey: "maxKey",
};

function typeName(actual: unknown): string {
  if (actual === null) {
    return "null";
  }
  if (Array.isArray(actual)) {
    return "array";
  }
  if (actual instanceof Date) {
    return "date";
  }
  if (actual instanceof RegExp) {
    return "regex";
  }
  if (typeof actual === "object" && "_bsontype" in actual) {
    return TYPE_NAMES[String(actual._bsontype)] ?? String(actual._bsontype);
  }
  return typeof actual === "boolean" ? "bool" : typeof actual;
}

function isDocument(value: unknown): value is Document {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date || value instanceof RegExp || value instanceof Uint8Array) &&
    !("_bsontype" in value)
  );
}

/** Relaxed Extended JSON: equal numbers of different types are the same. */
function text(value: unknown): string {
  return value === undefined ? "nothing" : BSON.EJSON.stringify(value, { relaxed: true });
}

function difference(expected: string, actual: unknown, path: string): string {
  return `${path === "" ? "the value" : path}: expected ${expected}, got ${text(actual)}`;
}
