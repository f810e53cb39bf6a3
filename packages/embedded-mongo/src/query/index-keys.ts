import { BsonType } from "../bson/bson-type.js";
import { elementValues, MISSING, type RawValue } from "../bson/raw-value.js";
import { sortableKey } from "../bson/sortable-value.js";
import { badValue, CommandError } from "../errors/command-error.js";
import { advance, compileFieldReader, type IndexedField, isOpen } from "./indexed-fields.js";

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

/** The maximum length of one field's part in the keys of an index over this many fields. */
export function partLimit(fields: number): number {
  return Math.max(56, Math.min(1024, Math.floor(KEY_BUDGET / fields)));
}

/** The bytes of a key that sort in the opposite order. */
export function inverted(part: Buffer): Buffer {
  return Buffer.from(part.map((byte) => byte ^ 0xff));
}

/** The bytes of one field within an index key. */
export function keyPart(value: RawValue, direction: 1 | -1, limit: number): Buffer {
  return sortableKey([value], { directions: [direction], limit }).key;
}

/** Marks an array that is indexed as a value. */
const NESTED_ARRAY = -1;
const EMPTY_ARRAY: RawValue = { ...MISSING, type: BsonType.undefined };

/** All combinations of values that a document has for the paths of an index (MongoDB's multikey rules). */
function combinations(fields: readonly IndexedField[], pattern: KeyPattern): RawValue[][] {
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
function enter({ parts }: IndexedField, element: RawValue | undefined): IndexedField {
  if (parts.length > 0) {
    return advance(element?.type === BsonType.document ? element : MISSING, parts);
  }
  // An array directly within an array is one value: it is not expanded again.
  const isNested = element?.type === BsonType.array;
  return { parts, value: isNested ? { ...element, type: NESTED_ARRAY } : (element ?? EMPTY_ARRAY) };
}

const NO_BYTES = Buffer.alloc(0);
const NOT_MULTIKEY: readonly string[] = [];

/**
 * The keys of an index, from what a document has at the paths of its pattern.
 *
 * @param suffix ends each key
 */
export type KeysOf = (fields: readonly IndexedField[], suffix?: Buffer) => IndexKeys;

interface KeyOptions {
  readonly sparse?: boolean;
  /** How many bytes one value takes at most. */
  readonly limit?: number;
  /** Begins each key. */
  readonly prefix?: Buffer;
}

export function compileKeyPattern(
  pattern: KeyPattern,
  { sparse = false, limit = partLimit(pattern.length), prefix = NO_BYTES }: KeyOptions = {},
): KeysOf {
  const directions = pattern.map(([, direction]) => direction);
  return (fields, suffix = NO_BYTES) => {
    const multikeyPaths = fields.some(isOpen)
      ? pattern.filter((_, i) => fields[i] !== undefined && isOpen(fields[i])).map(([path]) => path)
      : NOT_MULTIKEY;
    const found = combinations(fields, pattern);
    let truncated = false;
    const distinct = new Map<string, { readonly key: Buffer; readonly tuple: readonly RawValue[] }>();
    for (const tuple of found) {
      if (sparse && tuple.every((value) => value.type === BsonType.missing)) {
        continue;
      }
      const { key, isCut } = sortableKey(tuple, { directions, limit, prefix, suffix });
      truncated ||= isCut;
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
  const readFields = compileFieldReader([pattern.map(([path]) => path)]);
  const keysOf = compileKeyPattern(pattern, { limit: Number.POSITIVE_INFINITY });
  return (document) => {
    try {
      const [fields = []] = readFields(document);
      return keysOf(fields).keys[0] ?? NO_BYTES;
    } catch (error) {
      throw error instanceof CommandError
        ? badValue("cannot sort with keys that are parallel arrays")
        : error;
    }
  };
}
