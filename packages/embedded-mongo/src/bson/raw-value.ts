import { serialize } from "bson";
import { isDocument } from "./bson-document.js";
import { elementsOf, findElement } from "./bson-elements.js";
import { BsonType, isNumberType } from "./bson-type.js";
import { decimalAt } from "./decimal128.js";

/** A value within a document's bytes. `type` is `BsonType.missing` for a field that the document does not have. */
export interface RawValue {
  readonly bytes: Buffer;
  readonly type: number;
  readonly at: number;
  readonly end: number;
}

function value(type: number, bytes: Buffer): RawValue {
  return { bytes, type, at: 0, end: bytes.length };
}

const NOTHING = Buffer.alloc(0);
export const MISSING = value(BsonType.missing, NOTHING);
export const NULL = value(BsonType.null, NOTHING);
const TRUE = value(BsonType.boolean, Buffer.from([1]));
const FALSE = value(BsonType.boolean, Buffer.from([0]));

export function booleanValue(truth: boolean): RawValue {
  return truth ? TRUE : FALSE;
}

export function intValue(number: number): RawValue {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32LE(number);
  return value(BsonType.int, bytes);
}

export function longValue(number: bigint): RawValue {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64LE(number);
  return value(BsonType.long, bytes);
}

export function doubleValue(number: number): RawValue {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleLE(number);
  return value(BsonType.double, bytes);
}

/** @param milliseconds since 1970, UTC */
export function dateValue(milliseconds: bigint): RawValue {
  return { ...longValue(milliseconds), type: BsonType.date };
}

export function textValue(text: string): RawValue {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(length + 5);
  bytes.writeInt32LE(length + 1);
  bytes.write(text, 4);
  bytes[length + 4] = 0;
  return value(BsonType.string, bytes);
}

/** A document with these fields in this order; missing values are left out. */
export function documentValue(fields: Iterable<readonly [string, RawValue]>): RawValue {
  const present = [...fields].filter(([, field]) => field.type !== BsonType.missing);
  return value(BsonType.document, nestedBytes(present));
}

/** An array of these items; missing values become null. */
export function arrayValue(items: readonly RawValue[]): RawValue {
  const named = items.map((item, i) => [String(i), item.type === BsonType.missing ? NULL : item] as const);
  return value(BsonType.array, nestedBytes(named));
}

function nestedBytes(fields: readonly (readonly [string, RawValue])[]): Buffer {
  let length = 5;
  for (const [name, { at, end }] of fields) {
    length += 2 + Buffer.byteLength(name) + end - at;
  }
  const bytes = Buffer.allocUnsafe(length);
  bytes.writeInt32LE(length);
  let position = 4;
  for (const [name, field] of fields) {
    bytes[position] = field.type;
    position += 1 + bytes.write(name, position + 1);
    bytes[position] = 0;
    position += 1 + field.bytes.copy(bytes, position + 1, field.at, field.end);
  }
  bytes[position] = 0;
  return bytes;
}

export const EMPTY_DOCUMENT = documentValue([]);

/** An empty document or array. */
export function isEmpty({ type, at, end }: RawValue): boolean {
  return (type === BsonType.document || type === BsonType.array) && end - at === 5;
}

/** A whole document as a value. */
export function wholeDocument(bytes: Buffer): RawValue {
  return value(BsonType.document, bytes);
}

/** The bytes of a value, without its type; those of a document are a whole document. */
export function documentBytes({ bytes, at, end }: RawValue): Buffer {
  return bytes.subarray(at, end);
}

/** Whether two values have the same type and bytes: the int 1 is not identical to the double 1. */
export function isIdentical(a: RawValue, b: RawValue): boolean {
  return a.type === b.type && a.bytes.compare(b.bytes, b.at, b.end, a.at, a.end) === 0;
}

/** A copy of the value, which does not keep the document around it in memory. */
export function detached(value: RawValue): RawValue {
  const bytes = Buffer.from(documentBytes(value));
  return { bytes, type: value.type, at: 0, end: bytes.length };
}

/** Encodes a JavaScript value like the `bson` package. It may contain raw values and maps; undefined becomes missing. */
export function encodeValue(value: unknown): RawValue {
  if (value === undefined) {
    return MISSING;
  }
  if (Array.isArray(value)) {
    return arrayValue(value.map(encodeValue));
  }
  if (isRawValue(value)) {
    return value;
  }
  if (value instanceof Map || isDocument(value)) {
    const fields: Iterable<[string, unknown]> = value instanceof Map ? value : Object.entries(value);
    return documentValue([...fields].map(([name, field]) => [name, encodeValue(field)] as const));
  }
  return fieldOf(wholeDocument(Buffer.from(serialize({ v: value }))), "v");
}

function isRawValue(value: unknown): value is RawValue {
  return (
    isDocument(value) && Buffer.isBuffer(value.bytes) && "type" in value && "at" in value && "end" in value
  );
}

/** Encodes a document with values for `encodeValue`. */
export function encode(document: object): Buffer {
  return documentBytes(encodeValue(document));
}

/** A field of a document; missing if the document does not have it, or the value is not a document. */
export function fieldOf(document: RawValue, name: string): RawValue {
  const element =
    document.type === BsonType.document ? findElement(document.bytes, name, document.at) : undefined;
  return element === undefined
    ? MISSING
    : { bytes: document.bytes, type: element.type, at: element.value, end: element.end };
}

/** The fields of a document, in their order. */
export function fieldsOf({ bytes, at }: RawValue): (readonly [string, RawValue])[] {
  return elementsOf(bytes, at).map(
    ({ name, type, value: start, end }) => [name, { bytes, type, at: start, end }] as const,
  );
}

/** Whether a value is a document like `{ $gt: 5 }`; a DBRef is not. */
export function isOperatorDocument(raw: RawValue): boolean {
  const names = raw.type === BsonType.document ? fieldsOf(raw).map(([name]) => name) : [];
  return names[0]?.startsWith("$") === true && !(names.includes("$ref") && names.includes("$id"));
}

/** The elements of an array. */
export function elementValues({ bytes, at }: RawValue): RawValue[] {
  return elementsOf(bytes, at).map(({ type, value: start, end }) => ({ bytes, type, at: start, end }));
}

export function isText({ type }: RawValue): boolean {
  return type === BsonType.string || type === BsonType.symbol;
}

/** The text of a string or symbol. */
export function textOf({ bytes, at, end }: RawValue): string {
  return bytes.toString("utf8", at + 4, end - 1);
}

/** A regular expression's pattern and options. */
export function regexParts({ bytes, at, end }: RawValue): readonly [pattern: string, options: string] {
  const zero = bytes.indexOf(0, at);
  return [bytes.toString("utf8", at, zero), bytes.toString("utf8", zero + 1, end - 1)];
}

/** Null, missing, or BSON's old "undefined". */
export function isNullish({ type }: RawValue): boolean {
  return type === BsonType.null || type === BsonType.missing || type === BsonType.undefined;
}

/** Whether MongoDB takes the value for true: all values except false, zero, null, undefined and missing. */
export function isTrue(raw: RawValue): boolean {
  if (raw.type === BsonType.boolean) {
    return raw.bytes[raw.at] === 1;
  }
  return isNumberType(raw.type) ? !isZero(raw) : !isNullish(raw);
}

function isZero({ type, bytes, at }: RawValue): boolean {
  switch (type) {
    case BsonType.int:
      return bytes.readInt32LE(at) === 0;
    case BsonType.long:
      return bytes.readBigInt64LE(at) === 0n;
    case BsonType.double:
      return bytes.readDoubleLE(at) === 0;
    default: {
      const decimal = decimalAt(bytes, at);
      return typeof decimal !== "number" && decimal.coefficient === 0n;
    }
  }
}
