import { createHash } from "node:crypto";
import { elementsOf, endOfName } from "./bson-elements.js";
import { BsonType } from "./bson-type.js";
import { decimalAt, decimalRank, floorOfDecimal } from "./decimal128.js";
import { MISSING, type RawValue } from "./raw-value.js";

/*
 * BSON values as bytes whose order (memcmp) is MongoDB's order of values: by kind of type first, numbers of all types
 * by their value. Values that are equal in MongoDB have the same bytes.
 */

/** The first byte: MongoDB's order of types (docs: "Comparison/Sort Order"). */
export const SortTag = {
  minKey: 1,
  undefined: 2,
  null: 3,
  number: 4,
  string: 5,
  document: 6,
  array: 7,
  binary: 8,
  objectId: 9,
  boolean: 10,
  date: 11,
  timestamp: 12,
  regex: 13,
  dbPointer: 14,
  code: 15,
  codeWithScope: 16,
  maxKey: 17,
} as const;

let scratch = Buffer.allocUnsafe(64 * 1024);
let length = 0;

function reserve(bytes: number): void {
  if (length + bytes > scratch.length) {
    const larger = Buffer.allocUnsafe((length + bytes) * 2);
    scratch.copy(larger, 0, 0, length);
    scratch = larger;
  }
}

function writeByte(byte: number): void {
  reserve(1);
  scratch[length++] = byte;
}

/** A zero byte in the text is written as 00 FF, and 00 00 ends it: a prefix sorts before a longer text. */
function writeText(bytes: Buffer, start: number, end: number): void {
  reserve((end - start) * 2 + 2);
  let from = start;
  for (;;) {
    const to = Math.min(endOfName(bytes, from), end);
    copyInto(scratch, length, bytes, from, to);
    length += to - from;
    if (to === end) {
      break;
    }
    scratch[length++] = 0;
    scratch[length++] = 0xff;
    from = to + 1;
  }
  scratch[length++] = 0;
  scratch[length++] = 0;
}

/** Fewer bytes than this are copied sooner in a loop than by a call of `copy`. */
const SHORT = 128;

function copyInto(target: Buffer, at: number, bytes: Uint8Array, start: number, end: number): void {
  if (end - start >= SHORT) {
    target.set(bytes.subarray(start, end), at);
    return;
  }
  for (let i = start, to = at; i < end; i++, to++) {
    target[to] = bytes[i] ?? 0;
  }
}

function writeCString(bytes: Buffer, start: number): number {
  const end = bytes.indexOf(0, start);
  writeText(bytes, start, end);
  return end + 1;
}

/** `rest` is the difference of a 64-bit integer from its nearest double. */
function writeNumber(value: number, rest = 0): void {
  reserve(11);
  scratch[length++] = SortTag.number;
  if (Number.isNaN(value)) {
    scratch.fill(0, length, length + 8);
  } else {
    scratch.writeDoubleBE(value === 0 ? 0 : value, length);
    const negative = ((scratch[length] ?? 0) & 0x80) !== 0;
    for (let i = 0; i < 8; i++) {
      const byte = scratch[length + i] ?? 0;
      scratch[length + i] = negative ? byte ^ 0xff : i === 0 ? byte | 0x80 : byte;
    }
  }
  scratch.writeUInt16BE(rest + 0x8000, length + 8);
  length += 10;
}

function writeLong(bytes: Buffer, at: number): void {
  const high = bytes.readInt32LE(at + 4);
  if (high >= -0x20_0000 && high < 0x20_0000) {
    writeNumber(high * 0x1_0000_0000 + bytes.readUInt32LE(at));
    return;
  }
  writeInteger(bytes.readBigInt64LE(at));
}

function writeInteger(integer: bigint): void {
  const nearest = Number(integer);
  writeNumber(nearest, Number(integer - BigInt(nearest)));
}

/** Sorts after any bytes that may follow a number in a document or a key, inverted or not. */
const BEHIND_ALL = Buffer.alloc(8, 0xff);

/**
 * A decimal that equals a long or a double has the same bytes. Any other one has those of the greatest long or double
 * below it, followed by its rank.
 */
function writeDecimal(bytes: Buffer, at: number): void {
  const decimal = decimalAt(bytes, at);
  if (typeof decimal === "number") {
    writeNumber(decimal);
    return;
  }
  const { floor, exact } = floorOfDecimal(decimal);
  if (typeof floor === "bigint") {
    writeInteger(floor);
  } else {
    writeNumber(floor);
  }
  if (!exact) {
    const rank = decimalRank(decimal);
    writeBytes(BEHIND_ALL, 0, BEHIND_ALL.length);
    writeBytes(rank, 0, rank.length);
  }
}

function writeInt64Order(bytes: Buffer, at: number, signed: boolean): void {
  reserve(8);
  for (let i = 7; i >= 0; i--) {
    scratch[length++] = bytes[at + i] ?? 0;
  }
  if (signed) {
    scratch[length - 8] = (scratch[length - 8] ?? 0) ^ 0x80;
  }
}

function writeBytes(bytes: Uint8Array, start: number, end: number): void {
  reserve(end - start);
  copyInto(scratch, length, bytes, start, end);
  length += end - start;
}

function writeNested(bytes: Buffer, at: number, named: boolean): void {
  for (const element of elementsOf(bytes, at)) {
    // MongoDB compares the kind of type, then the name, then the value.
    writeByte(tagOf(element.type) + 1);
    if (named) {
      writeText(bytes, element.start + 1, element.value - 1);
    }
    writeValue(bytes, element.type, element.value, element.end);
  }
  writeByte(0);
}

const TAG_BY_NAME: Readonly<Record<string, number>> = {
  ...SortTag,
  missing: SortTag.null,
  int: SortTag.number,
  long: SortTag.number,
  double: SortTag.number,
  decimal: SortTag.number,
  symbol: SortTag.string,
};
/** By type byte. */
const TAGS = new Uint8Array(256);
for (const [name, type] of Object.entries(BsonType)) {
  TAGS[type] = TAG_BY_NAME[name] ?? SortTag.maxKey;
}

function tagOf(type: number): number {
  return TAGS[type] ?? SortTag.maxKey;
}

function writeValue(bytes: Buffer, type: number, at: number, end: number): void {
  switch (type) {
    case BsonType.int:
      writeNumber(bytes.readInt32LE(at));
      return;
    case BsonType.double:
      writeNumber(bytes.readDoubleLE(at));
      return;
    case BsonType.long:
      writeLong(bytes, at);
      return;
    case BsonType.decimal:
      writeDecimal(bytes, at);
      return;
  }
  writeByte(tagOf(type));
  switch (type) {
    case BsonType.string:
    case BsonType.symbol:
    case BsonType.code:
      writeText(bytes, at + 4, end - 1);
      break;
    case BsonType.document:
      writeNested(bytes, at, true);
      break;
    case BsonType.array:
      writeNested(bytes, at, false);
      break;
    case BsonType.binary:
      reserve(4);
      scratch.writeUInt32BE(bytes.readInt32LE(at), length);
      length += 4;
      writeBytes(bytes, at + 4, end);
      break;
    case BsonType.objectId:
    case BsonType.boolean:
    case BsonType.dbPointer:
    case BsonType.codeWithScope:
      writeBytes(bytes, at, end);
      break;
    case BsonType.date:
      writeInt64Order(bytes, at, true);
      break;
    case BsonType.timestamp:
      writeInt64Order(bytes, at, false);
      break;
    case BsonType.regex:
      writeCString(bytes, writeCString(bytes, at));
      break;
  }
}

function written(): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  copyInto(bytes, 0, scratch, 0, length);
  return bytes;
}

/** Encodes a value so that `Buffer.compare` orders values as MongoDB does. */
export function sortableBytes({ bytes, type, at, end }: RawValue): Buffer {
  length = 0;
  writeValue(bytes, type, at, end);
  return written();
}

/** The sortable bytes as a string: the same for values that are equal in MongoDB. */
export function equalityKey(value: RawValue): string {
  return sortableBytes(value).toString("latin1");
}

/** How several values make a key. */
export interface SortableKeyOptions {
  /** By value. -1: in the opposite order. */
  readonly directions: readonly (1 | -1)[];
  /** How many bytes one value takes at most. */
  readonly limit: number;
  readonly prefix?: Uint8Array;
  readonly suffix?: Uint8Array;
}

export interface SortableKey {
  readonly key: Buffer;
  /** Some value was longer than the limit. */
  readonly isCut: boolean;
}

const NOTHING = new Uint8Array(0);

/**
 * The sortable bytes of several values, one behind the other. Those that are longer than the limit are cut and end in a hash
 * of the whole, so that equal values stay equal and different ones different: their order is right up to the cut.
 */
export function sortableKey(
  values: readonly RawValue[],
  { directions, limit, prefix = NOTHING, suffix = NOTHING }: SortableKeyOptions,
): SortableKey {
  length = 0;
  writeBytes(prefix, 0, prefix.length);
  let isCut = false;
  for (let i = 0; i < values.length; i++) {
    const { bytes, type, at, end } = values[i] ?? MISSING;
    const start = length;
    writeValue(bytes, type, at, end);
    if (length - start > limit) {
      cut(start, limit);
      isCut = true;
    }
    if (directions[i] === -1) {
      invert(start);
    }
  }
  writeBytes(suffix, 0, suffix.length);
  return { key: written(), isCut };
}

function cut(start: number, limit: number): void {
  const digest = createHash("sha256").update(scratch.subarray(start, length)).digest();
  length = start + limit - digest.length;
  writeBytes(digest, 0, digest.length);
}

function invert(start: number): void {
  for (let i = start; i < length; i++) {
    scratch[i] = (scratch[i] ?? 0) ^ 0xff;
  }
}
