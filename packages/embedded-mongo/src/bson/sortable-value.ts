import { createHash } from "node:crypto";
import { elementsOf } from "./bson-elements.js";
import { BsonType } from "./bson-type.js";
import { decimalAt, decimalRank, floorOfDecimal } from "./decimal128.js";
import type { RawValue } from "./raw-value.js";

/*
 * BSON values as bytes whose order (memcmp) is MongoDB's order of values: by kind of type first, numbers of all types
 * by their value. Two values that MongoDB takes for equal have the same bytes.
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

/** A zero byte within is written as 00 FF, and 00 00 ends the text: a prefix sorts before what continues it. */
function writeText(bytes: Buffer, start: number, end: number): void {
  reserve((end - start) * 2 + 2);
  let from = start;
  for (;;) {
    const zero = bytes.indexOf(0, from);
    const to = zero < 0 || zero >= end ? end : zero;
    bytes.copy(scratch, length, from, to);
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

function writeCString(bytes: Buffer, start: number): number {
  const end = bytes.indexOf(0, start);
  writeText(bytes, start, end);
  return end + 1;
}

/** `rest` is what a 64-bit integer has beyond its nearest double. */
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

/** Sorts behind whatever may follow a number in a document or a key, be it inverted or not. */
const BEHIND_ALL = Buffer.alloc(8, 0xff);

/**
 * A decimal that is a long or a double has the same bytes. Another one has those of the greatest long or double below
 * it, and then its own.
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
  for (let i = 0; i < 8; i++) {
    scratch[length + i] = bytes[at + 7 - i] ?? 0;
  }
  if (signed) {
    scratch[length] = (scratch[length] ?? 0) ^ 0x80;
  }
  length += 8;
}

function writeBytes(bytes: Buffer, start: number, end: number): void {
  reserve(end - start);
  bytes.copy(scratch, length, start, end);
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

/** By type byte. */
const TAGS = Uint8Array.from({ length: 256 }, () => SortTag.maxKey);
for (const [tag, ...types] of [
  [SortTag.minKey, BsonType.minKey],
  [SortTag.undefined, BsonType.undefined],
  [SortTag.null, BsonType.null, BsonType.missing],
  [SortTag.number, BsonType.int, BsonType.long, BsonType.double, BsonType.decimal],
  [SortTag.string, BsonType.string, BsonType.symbol],
  [SortTag.document, BsonType.document],
  [SortTag.array, BsonType.array],
  [SortTag.binary, BsonType.binary],
  [SortTag.objectId, BsonType.objectId],
  [SortTag.boolean, BsonType.boolean],
  [SortTag.date, BsonType.date],
  [SortTag.timestamp, BsonType.timestamp],
  [SortTag.regex, BsonType.regex],
  [SortTag.dbPointer, BsonType.dbPointer],
  [SortTag.code, BsonType.code],
  [SortTag.codeWithScope, BsonType.codeWithScope],
] as const) {
  for (const type of types) {
    TAGS[type] = tag;
  }
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
    case BsonType.dbPointer:
    case BsonType.codeWithScope:
      writeBytes(bytes, at, end);
      break;
  }
}

export function sortableBytes({ bytes, type, at, end }: RawValue): Buffer {
  length = 0;
  writeValue(bytes, type, at, end);
  const sortable = Buffer.allocUnsafe(length);
  scratch.copy(sortable, 0, 0, length);
  return sortable;
}

/** The sortable bytes as a text: the same for values that MongoDB takes for equal. */
export function equalityKey(value: RawValue): string {
  return sortableBytes(value).toString("latin1");
}

/**
 * Sortable bytes, at most `limit` bytes: what is longer is cut and ends in a hash of the whole, so equal values stay equal
 * and different ones different, and their order is right up to the cut.
 */
export function limitedSortableBytes(sortable: Buffer, limit: number): Buffer {
  if (sortable.length <= limit) {
    return sortable;
  }
  const digest = createHash("sha256").update(sortable).digest();
  return Buffer.concat([sortable.subarray(0, limit - digest.length), digest]);
}
