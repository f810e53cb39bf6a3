import { CommandError } from "../errors/command-error.js";
import { BsonType } from "./bson-type.js";

/** Where one field of a document lies within its bytes. */
export interface RawElement {
  readonly type: number;
  readonly name: string;
  /** Offset of the type byte. */
  readonly start: number;
  /** Offset of the value. */
  readonly value: number;
  /** Offset behind the value. */
  readonly end: number;
}

/** How deep documents may be nested (manual: "MongoDB Limits and Thresholds"). */
export const MAX_DOCUMENT_DEPTH = 200;

function corrupt(reason: string): CommandError {
  return new CommandError("InvalidBSON", `Invalid BSON: ${reason}`);
}

/** Offset behind the value of a type that starts at an offset. Trusts the bytes: see `checkDocument`. */
export function endOfValue(bytes: Buffer, type: number, at: number): number {
  switch (type) {
    case BsonType.double:
    case BsonType.date:
    case BsonType.timestamp:
    case BsonType.long:
      return at + 8;
    case BsonType.string:
    case BsonType.code:
    case BsonType.symbol:
      return at + 4 + bytes.readInt32LE(at);
    case BsonType.document:
    case BsonType.array:
    case BsonType.codeWithScope:
      return at + bytes.readInt32LE(at);
    case BsonType.binary:
      return at + 5 + bytes.readInt32LE(at);
    case BsonType.undefined:
    case BsonType.null:
    case BsonType.minKey:
    case BsonType.maxKey:
    case BsonType.missing:
      return at;
    case BsonType.objectId:
      return at + 12;
    case BsonType.boolean:
      return at + 1;
    case BsonType.int:
      return at + 4;
    case BsonType.decimal:
      return at + 16;
    case BsonType.regex:
      return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1;
    case BsonType.dbPointer:
      return at + 4 + bytes.readInt32LE(at) + 12;
    default:
      throw corrupt(`unknown type ${type}`);
  }
}

/** The fields of the document (or array) that starts at an offset. */
export function elementsOf(bytes: Buffer, at = 0): RawElement[] {
  const elements: RawElement[] = [];
  let element = elementAt(bytes, at + 4);
  while (element !== undefined) {
    elements.push(element);
    element = elementAt(bytes, element.end);
  }
  return elements;
}

/** The first field of the document that starts at an offset. */
export function firstElement(bytes: Buffer, at = 0): RawElement | undefined {
  return elementAt(bytes, at + 4);
}

/** @returns undefined at the end of the document */
function elementAt(bytes: Buffer, start: number): RawElement | undefined {
  const type = bytes[start];
  if (type === undefined || type === 0) {
    return undefined;
  }
  const nameEnd = endOfName(bytes, start + 1);
  const name = bytes.toString("utf8", start + 1, nameEnd);
  return { type, name, start, value: nameEnd + 1, end: endOfValue(bytes, type, nameEnd + 1) };
}

/** Offset of the zero behind a name: names are short, so a loop takes less time than a call of `indexOf`. */
export function endOfName(bytes: Buffer, start: number): number {
  let end = start;
  while (end < bytes.length && bytes[end] !== 0) {
    end++;
  }
  return end;
}

/** Whether the bytes of a name are those of a text. */
export function isNameAt(bytes: Buffer, start: number, end: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code > MAX_ASCII) {
      return bytes.toString("utf8", start, end) === name;
    }
    if (bytes[start + i] !== code) {
      return false;
    }
  }
  return end - start === name.length;
}

const MAX_ASCII = 0x7f;

/** The field of a name in the document that starts at an offset; undefined if there is none. */
export function findElement(bytes: Buffer, name: string, at = 0): RawElement | undefined {
  let position = at + 4;
  for (;;) {
    const type = bytes[position];
    if (type === undefined || type === 0) {
      return undefined;
    }
    const nameEnd = endOfName(bytes, position + 1);
    const end = endOfValue(bytes, type, nameEnd + 1);
    if (isNameAt(bytes, position + 1, nameEnd, name)) {
      return { type, name, start: position, value: nameEnd + 1, end };
    }
    position = end;
  }
}

/** The bytes of all fields of a document. */
export function allElements(document: Buffer): Buffer {
  return document.subarray(4, -1);
}

/** A document of the given elements, each with type and name. */
export function joinElements(elements: readonly Uint8Array[]): Buffer {
  let length = 5;
  for (const element of elements) {
    length += element.length;
  }
  const bytes = Buffer.allocUnsafe(length);
  bytes.writeInt32LE(length, 0);
  let position = 4;
  for (const element of elements) {
    bytes.set(element, position);
    position += element.length;
  }
  bytes[position] = 0;
  return bytes;
}

/** The bytes before a value: its type, and the name of its field. */
export function elementHead(type: number, name: string): Buffer {
  return Buffer.concat([Buffer.from([type]), Buffer.from(`${name}\0`)]);
}

/**
 * Checks that a document's lengths, types and terminators fit together, in depth.
 *
 * @returns the offset behind it
 * @throws CommandError InvalidBSON, or Overflow if it is nested more than 200 deep
 */
export function checkDocument(bytes: Buffer, at: number, limit: number, depth = 0): number {
  if (depth > MAX_DOCUMENT_DEPTH) {
    throw new CommandError("Overflow", `BSONObj exceeds maximum nested object depth: ${MAX_DOCUMENT_DEPTH}`);
  }
  if (at + 5 > limit) {
    throw corrupt("a document is cut off");
  }
  const end = at + bytes.readInt32LE(at);
  if (end < at + 5 || end > limit || bytes[end - 1] !== 0) {
    throw corrupt(`a document's length is wrong`);
  }
  let position = at + 4;
  while (position < end - 1) {
    const type = bytes[position] ?? 0;
    const nameEnd = endOfName(bytes, position + 1);
    if (type === 0 || nameEnd >= end - 1) {
      if (nameEnd === end - 1 && bytes[position] !== 0) {
        throw corrupt("a field has no value");
      }
      throw corrupt("a field name is cut off");
    }
    position = checkValue(bytes, type, nameEnd + 1, end - 1, depth);
  }
  return end;
}

function checkValue(bytes: Buffer, type: number, at: number, limit: number, depth: number): number {
  if (type === BsonType.document || type === BsonType.array) {
    return checkDocument(bytes, at, limit, depth + 1);
  }
  const hasLength =
    type === BsonType.string ||
    type === BsonType.code ||
    type === BsonType.symbol ||
    type === BsonType.binary ||
    type === BsonType.codeWithScope ||
    type === BsonType.dbPointer;
  if (hasLength && at + 4 > limit) {
    throw corrupt("a length is cut off");
  }
  if (hasLength && bytes.readInt32LE(at) < (type === BsonType.binary ? 0 : 1)) {
    throw corrupt("a length is negative");
  }
  const end = endOfValue(bytes, type, at);
  if (end > limit || end < at) {
    throw corrupt("a value is cut off");
  }
  const isString = type === BsonType.string || type === BsonType.code || type === BsonType.symbol;
  if (isString && bytes[end - 1] !== 0) {
    throw corrupt("a string is not terminated");
  }
  if (type === BsonType.codeWithScope) {
    checkCodeWithScope(bytes, at, end, depth);
  }
  return end;
}

function checkCodeWithScope(bytes: Buffer, at: number, end: number, depth: number): void {
  if (at + 14 > end) {
    throw corrupt("code with scope is cut off");
  }
  const scope = at + 8 + bytes.readInt32LE(at + 4);
  if (scope < at + 9 || scope > end - 5 || checkDocument(bytes, scope, end, depth + 1) !== end) {
    throw corrupt("code with scope is inconsistent");
  }
}
