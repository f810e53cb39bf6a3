import { BsonType } from "../bson/bson-type.js";
import { elementValues, fieldOf, MISSING, type RawValue, wholeDocument } from "../bson/raw-value.js";
import { limitedSortableBytes, sortableBytes } from "../bson/sortable-value.js";
import { isArrayIndex } from "../bson/values-at-path.js";
import { badValue, CommandError } from "../errors/command-error.js";

/** Field paths and directions, in the order of an index or a sort. */
export type KeyPattern = readonly (readonly [path: string, direction: 1 | -1])[];

export interface IndexKeys {
  /** One per combination of array elements; sorted and without repetitions. */
  readonly keys: readonly Buffer[];
  /** The values that each key is made of. */
  readonly tuples: readonly (readonly RawValue[])[];
  /** Paths on which the document has an array. */
  readonly multikeyPaths: readonly string[];
  readonly truncated: boolean;
}

/** LMDB allows keys of 1,978 bytes; the index id and the record id take twelve of them. */
const KEY_BUDGET = 1900;

/** How long the part of one field may be in keys of an index over so many fields. */
export function partLimit(fields: number): number {
  return Math.max(56, Math.min(1024, Math.floor(KEY_BUDGET / fields)));
}

/** The bytes of a key that sort in the opposite order. */
export function inverted(part: Buffer): Buffer {
  return Buffer.from(part.map((byte) => byte ^ 0xff));
}

/** The bytes of one field within an index key, from its sortable bytes. */
export function keyPart(sortable: Buffer, direction: 1 | -1, limit: number): Buffer {
  const part = limitedSortableBytes(sortable, limit);
  return direction === 1 ? part : inverted(part);
}

/** How far a path was followed. */
interface Progress {
  readonly parts: readonly string[];
  /** Where the path stands: at an array whose elements are still to be visited, or at its end. */
  readonly value: RawValue;
}

/** Follows a path until it ends or meets an array that it has to pass. */
function advance(document: RawValue, parts: readonly string[]): Progress {
  let value = document;
  for (const [i, part] of parts.entries()) {
    if (value.type === BsonType.array) {
      const element = isArrayIndex(part) ? elementValues(value)[Number(part)] : undefined;
      if (element === undefined) {
        return { parts: parts.slice(i), value };
      }
      value = element;
    } else {
      value = fieldOf(value, part);
    }
  }
  return { parts: [], value };
}

/** Marks an array that is indexed as a value. */
const NESTED_ARRAY = -1;
const EMPTY_ARRAY: RawValue = { ...MISSING, type: BsonType.undefined };

function isOpen({ value }: Progress): boolean {
  return value.type === BsonType.array;
}

/** All combinations of values that a document has for the paths of an index (MongoDB's multikey rules). */
function combinations(fields: readonly Progress[], pattern: KeyPattern): RawValue[][] {
  const first = fields.find(isOpen);
  if (first === undefined) {
    return [
      fields.map(({ value }) => (value.type === NESTED_ARRAY ? { ...value, type: BsonType.array } : value)),
    ];
  }
  const parallel = fields.findIndex((field) => isOpen(field) && field.value.at !== first.value.at);
  if (parallel >= 0) {
    const [a, b] = [parallel, fields.indexOf(first)].map((i) => pattern[i]?.[0].split(".").at(-1));
    throw new CommandError("CannotIndexParallelArrays", `cannot index parallel arrays [${a}] [${b}]`);
  }
  const elements = elementValues(first.value);
  return (elements.length === 0 ? [undefined] : elements).flatMap((element) =>
    combinations(
      fields.map((field) => (isOpen(field) ? enter(field, element) : field)),
      pattern,
    ),
  );
}

/** @param element of the array where the path stands; undefined where that is empty */
function enter({ parts }: Progress, element: RawValue | undefined): Progress {
  if (parts.length > 0) {
    return advance(element?.type === BsonType.document ? element : MISSING, parts);
  }
  // An array directly within an array is one value: it is not expanded again.
  const isNested = element?.type === BsonType.array;
  return { parts, value: isNested ? { ...element, type: NESTED_ARRAY } : (element ?? EMPTY_ARRAY) };
}

/** Splits the paths of a pattern once, for many documents. */
export function compileKeyPattern(
  pattern: KeyPattern,
  sparse = false,
): (document: Buffer, limit?: number) => IndexKeys {
  const paths = pattern.map(([path]) => path.split("."));
  const defaultLimit = partLimit(pattern.length);
  return (document, limit = defaultLimit) => {
    const fields = paths.map((parts) => advance(wholeDocument(document), parts));
    const multikeyPaths = pattern.flatMap(([path], i) => {
      const field = fields[i];
      return field !== undefined && isOpen(field) ? path : [];
    });
    const found = combinations(fields, pattern);
    let truncated = false;
    const distinct = new Map<string, { readonly key: Buffer; readonly tuple: readonly RawValue[] }>();
    for (const tuple of found) {
      if (sparse && tuple.every((value) => value.type === BsonType.missing)) {
        continue;
      }
      const parts = tuple.map((value, i) => {
        const sortable = sortableBytes(value);
        truncated ||= sortable.length > limit;
        return keyPart(sortable, pattern[i]?.[1] ?? 1, limit);
      });
      const key = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
      if (found.length === 1) {
        return { keys: [key], tuples: [tuple], multikeyPaths, truncated };
      }
      distinct.set(key.toString("latin1"), { key, tuple });
    }
    const sorted = [...distinct.values()].sort((a, b) => Buffer.compare(a.key, b.key));
    return {
      keys: sorted.map(({ key }) => key),
      tuples: sorted.map(({ tuple }) => tuple),
      multikeyPaths,
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
