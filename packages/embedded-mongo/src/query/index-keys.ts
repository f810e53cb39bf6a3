import { elementsOf, findElement } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { MISSING, type RawValue } from "../bson/raw-value.js";
import { limitedSortableBytes, sortableBytes } from "../bson/sortable-value.js";
import { isArrayIndex } from "../bson/values-at-path.js";
import { badValue, CommandError } from "../errors/command-error.js";

export type KeyPattern = readonly (readonly [path: string, direction: 1 | -1])[];

export interface IndexKeys {
  /** One per combination of array elements; sorted and without repetitions. */
  readonly keys: readonly Buffer[];
  /** The values that each key is made of. */
  readonly tuples: readonly (readonly RawValue[])[];
  readonly multikey: boolean;
  readonly truncated: boolean;
}

/** LMDB allows keys of 1,978 bytes; the index id and the record id take twelve of them. */
const KEY_BUDGET = 1900;

/** How long the part of one field may be in keys of an index over so many fields. */
export function partLimit(fields: number): number {
  return Math.max(56, Math.min(1024, Math.floor(KEY_BUDGET / fields)));
}

function invert(part: Buffer): Buffer {
  for (let i = 0; i < part.length; i++) {
    part[i] = (part[i] ?? 0) ^ 0xff;
  }
  return part;
}

/** The bytes of one field within an index key, from its sortable bytes. */
export function keyPart(sortable: Buffer, direction: 1 | -1, limit: number): Buffer {
  const part = limitedSortableBytes(sortable, limit);
  return direction === 1 ? part : invert(Buffer.from(part));
}

interface Remaining {
  readonly parts: readonly string[];
  /** Known once the path is at its end. */
  readonly value?: RawValue;
}

/** Follows a path until it ends or meets an array that it has to pass. */
function advance(bytes: Buffer, at: number, parts: readonly string[]): Remaining {
  let value: RawValue = { bytes, type: BsonType.document, at, end: 0 };
  let index = 0;
  for (;;) {
    if (index === parts.length) {
      return { parts: [], value };
    }
    const part = parts[index] ?? "";
    if (value.type === BsonType.document) {
      const element = findElement(value.bytes, part, value.at);
      if (element === undefined) {
        return { parts: [], value: MISSING };
      }
      value = { bytes, type: element.type, at: element.value, end: element.end };
    } else if (value.type === BsonType.array) {
      const element = isArrayIndex(part) ? elementsOf(bytes, value.at)[Number(part)] : undefined;
      if (element === undefined) {
        return { parts: parts.slice(index), value };
      }
      value = { bytes, type: element.type, at: element.value, end: element.end };
    } else {
      return { parts: [], value: MISSING };
    }
    index++;
  }
}

/** Whether a path stands at an array whose elements are still to be visited. */
function isOpen(field: Remaining): field is { parts: readonly string[]; value: RawValue } {
  return field.value?.type === BsonType.array;
}

const EMPTY_ARRAY: RawValue = { ...MISSING, type: BsonType.undefined };

interface Expansion {
  readonly tuples: RawValue[][];
  multikey: boolean;
}

/** All combinations of values that a document has for the paths of an index (MongoDB's multikey rules). */
function expand(fields: readonly Remaining[], expansion: Expansion, paths: readonly string[]): void {
  const open = fields.filter(isOpen);
  const [first] = open;
  if (first === undefined) {
    expansion.tuples.push(
      fields.map(({ value = MISSING }) =>
        value.type === NESTED_ARRAY ? { ...value, type: BsonType.array } : value,
      ),
    );
    return;
  }
  expansion.multikey = true;
  const parallel = fields.findIndex((field) => isOpen(field) && field.value.at !== first.value.at);
  if (parallel >= 0) {
    const other = fields.indexOf(first);
    throw new CommandError(
      "CannotIndexParallelArrays",
      `cannot index parallel arrays [${lastPart(paths[parallel])}] [${lastPart(paths[other])}]`,
    );
  }
  const { bytes, at } = first.value;
  const elements = elementsOf(bytes, at);
  if (elements.length === 0) {
    const closed = fields.map((field) =>
      isOpen(field) ? { parts: [], value: field.parts.length === 0 ? EMPTY_ARRAY : MISSING } : field,
    );
    expand(closed, expansion, paths);
    return;
  }
  for (const { type, value, end } of elements) {
    const element: RawValue = { bytes, type, at: value, end };
    expandElement(fields, element, expansion, paths);
  }
}

function lastPart(path = ""): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

function expandElement(
  fields: readonly Remaining[],
  element: RawValue,
  expansion: Expansion,
  paths: readonly string[],
): void {
  const closed: RawValue[] = [];
  const next = fields.map((field): Remaining => {
    if (!isOpen(field)) {
      return field;
    }
    if (field.parts.length === 0) {
      closed.push(element);
      return { parts: [], value: element };
    }
    return element.type === BsonType.document
      ? advance(element.bytes, element.at, field.parts)
      : { parts: [], value: MISSING };
  });
  // An array directly within an array is one value: it is not expanded again.
  const settled = next.map((field) =>
    field.value !== undefined && closed.includes(field.value) && field.value.type === BsonType.array
      ? { parts: field.parts, value: { ...field.value, type: NESTED_ARRAY } }
      : field,
  );
  expand(settled, expansion, paths);
}

/** Marks an array that is indexed as a value. */
const NESTED_ARRAY = -1;

/** Splits the paths of a pattern once, for many documents. */
export function compileKeyPattern(
  pattern: KeyPattern,
  sparse = false,
): (document: Buffer, limit?: number) => IndexKeys {
  const paths = pattern.map(([path]) => path);
  const splitPaths = paths.map((path) => path.split("."));
  const defaultLimit = partLimit(pattern.length);
  return (document, limit = defaultLimit) => {
    const expansion: Expansion = { tuples: [], multikey: false };
    expand(
      splitPaths.map((parts) => advance(document, 0, parts)),
      expansion,
      paths,
    );
    let truncated = false;
    const distinct = new Map<string, { readonly key: Buffer; readonly tuple: readonly RawValue[] }>();
    for (const tuple of expansion.tuples) {
      if (sparse && tuple.every((value) => value.type === BsonType.missing)) {
        continue;
      }
      const parts = tuple.map((value, i) => {
        const sortable = sortableBytes(value);
        truncated ||= sortable.length > limit;
        return keyPart(sortable, pattern[i]?.[1] ?? 1, limit);
      });
      const key = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
      if (expansion.tuples.length === 1) {
        return { keys: [key], tuples: [tuple], multikey: expansion.multikey, truncated };
      }
      distinct.set(key.toString("latin1"), { key, tuple });
    }
    const sorted = [...distinct.values()].sort((a, b) => Buffer.compare(a.key, b.key));
    return {
      keys: sorted.map(({ key }) => key),
      tuples: sorted.map(({ tuple }) => tuple),
      multikey: expansion.multikey,
      truncated,
    };
  };
}

/** The place of a document in a sort: the least of the keys it would have in an index of that pattern. */
export function compileSortKey(pattern: KeyPattern): (document: Buffer) => Buffer {
  const keysOf = compileKeyPattern(pattern);
  return (document) => {
    try {
      return keysOf(document, Number.POSITIVE_INFINITY).keys[0] ?? Buffer.alloc(0);
    } catch (error) {
      throw error instanceof CommandError
        ? badValue("cannot sort with keys that are parallel arrays")
        : error;
    }
  };
}
