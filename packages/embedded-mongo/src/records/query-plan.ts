import { BsonType } from "../bson/bson-type.js";
import { int32Of } from "../bson/number-value.js";
import {
  elementValues,
  fieldOf,
  fieldsOf,
  isNullish,
  isOperatorDocument,
  MISSING,
  type RawValue,
} from "../bson/raw-value.js";
import { SortTag, sortableBytes } from "../bson/sortable-value.js";
import { isArrayIndex } from "../bson/values-at-path.js";
import { badValue, notSupported } from "../errors/command-error.js";
import { inverted, type KeyPattern, keyPart, partLimit } from "../query/index-keys.js";
import { patternOf } from "../query/match-regex.js";
import { literalPrefix } from "../regex/literal-prefix.js";
import { afterPrefix, concat, idPrefix } from "../storage/table-keys.js";
import { type Collection, findIndex, type Index } from "./catalog.js";

/** From `start` to before `end` in the keys of an index, without the index's own prefix. */
export interface KeyRange {
  readonly start: Buffer;
  readonly end: Buffer;
}

/** How the documents that may match are found. Each is still checked against the filter. */
export type QueryPlan =
  | { readonly kind: "collection-scan"; readonly reverse: boolean }
  /** Record ids are read straight from the index on `_id`. */
  | { readonly kind: "id-lookup"; readonly keys: readonly Buffer[]; readonly single: boolean }
  | {
      readonly kind: "index-scan";
      readonly index: Index;
      readonly ranges: readonly KeyRange[];
      /** How many fields of the index the ranges narrow. */
      readonly narrowedFields: number;
      /** Whether the index's order is already the sort's order; -1: read backwards. */
      readonly sorted: 1 | -1 | undefined;
    }
  /** One plan per clause of `$or`. */
  | { readonly kind: "union"; readonly plans: readonly QueryPlan[] }
  | { readonly kind: "nothing" };

interface Predicates {
  /** Any one of these values. */
  readonly equal: Map<string, readonly RawValue[]>;
  readonly lower: Map<string, Bound>;
  readonly upper: Map<string, Bound>;
  /** A text that begins with this, or a regular expression: what a regular expression that begins with `^` finds. */
  readonly prefix: Map<string, string>;
}

/** An end of a range of values. */
interface Bound {
  readonly value: RawValue;
  /** False for `$gt` and `$lt`. */
  readonly isIncluded: boolean;
}

const COLLECTION_SCAN: QueryPlan = { kind: "collection-scan", reverse: false };
/** More combinations of `$in` values than this are not looked up one by one. */
const MAX_RANGES = 50_000;

export interface PlanRequest {
  readonly filter: RawValue;
  readonly sort?: KeyPattern | undefined;
  /** Name or key pattern of an index, or `{ $natural: 1 | -1 }`. */
  readonly hint?: RawValue | undefined;
}

/** Chooses the index that narrows a query most. */
export function planQuery(collection: Collection, request: PlanRequest): QueryPlan {
  const { filter, sort, hint } = request;
  const natural = naturalOrder(hint);
  if (natural !== undefined) {
    return { kind: "collection-scan", reverse: natural === -1 };
  }
  const predicates: Predicates = {
    equal: new Map(),
    lower: new Map(),
    upper: new Map(),
    prefix: new Map(),
  };
  collectPredicates(filter, predicates);
  const hinted = hint === undefined ? undefined : hintedIndex(collection, hint);
  if (hinted === undefined || hinted === collection.idIndex) {
    const ids = predicates.equal.get("_id");
    if (ids !== undefined) {
      return idLookup(collection, ids);
    }
  }
  const candidates = hinted === undefined ? [...collection.indexes, collection.idIndex] : [hinted];
  let best: { plan: QueryPlan; score: number } | undefined;
  for (const index of candidates) {
    const candidate = scanOf(index, predicates, sort, hinted !== undefined);
    if (candidate !== undefined && candidate.score > (best?.score ?? 0)) {
      best = candidate;
    }
  }
  if (best === undefined || best.score < 10) {
    const union = hinted === undefined ? unionOf(collection, filter) : undefined;
    if (union !== undefined) {
      return union;
    }
  }
  return best?.plan ?? COLLECTION_SCAN;
}

/** An index that has the sort's order, of all documents. */
export function planInOrder(
  collection: Collection,
  { sort, hint }: Omit<PlanRequest, "filter">,
): QueryPlan | undefined {
  const nothingKnown = { equal: new Map(), lower: new Map(), upper: new Map(), prefix: new Map() };
  const indexes = hint === undefined ? collection.indexes : [];
  return indexes
    .flatMap((index) => scanOf(index, nothingKnown, sort, false) ?? [])
    .map(({ plan }) => plan)
    .find((plan) => !needsSort(plan, sort));
}

function naturalOrder(hint = MISSING): number | undefined {
  const natural = fieldOf(hint, "$natural");
  if (natural.type === BsonType.missing) {
    return undefined;
  }
  const direction = int32Of(natural);
  if ((direction !== 1 && direction !== -1) || fieldsOf(hint).length > 1) {
    throw badValue("$natural of a sort or hint must be 1 or -1, and stand alone");
  }
  return direction;
}

function hintedIndex(collection: Collection, hint: RawValue): Index {
  const index = findIndex(collection, hint);
  if (index === undefined || index.isUnfinished) {
    throw badValue(
      "error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index",
    );
  }
  if (index.sparse || index.partialFilter !== undefined) {
    throw notSupported(`hint of the sparse or partial index '${index.name}'`, "BadValue");
  }
  return index;
}

/** Collects conditions that every matched document satisfies, by path. Others are left to the filter. */
function collectPredicates(filter: RawValue, into: Predicates): void {
  for (const [path, condition] of fieldsOf(filter)) {
    if (path === "$and") {
      for (const clause of elementValues(condition)) {
        collectPredicates(clause, into);
      }
    } else if (!path.startsWith("$")) {
      if (!isOperatorDocument(condition)) {
        collectOperator(path, condition.type === BsonType.regex ? "$regex" : "$eq", condition, MISSING, into);
        continue;
      }
      for (const [operator, argument] of fieldsOf(condition)) {
        collectOperator(path, operator, argument, condition, into);
      }
    }
  }
}

/** @param siblings the document of the operator */
function collectOperator(
  path: string,
  operator: string,
  argument: RawValue,
  siblings: RawValue,
  into: Predicates,
): void {
  if (operator === "$eq") {
    addEqual(path, [argument], into);
  } else if (operator === "$in") {
    addEqual(path, elementValues(argument), into);
  } else if ((operator === "$gt" || operator === "$gte") && isBound(argument)) {
    into.lower.set(path, { value: argument, isIncluded: operator === "$gte" });
  } else if ((operator === "$lt" || operator === "$lte") && isBound(argument)) {
    into.upper.set(path, { value: argument, isIncluded: operator === "$lte" });
  } else if (operator === "$regex") {
    const prefix = literalPrefix(...patternOf(argument, siblings));
    if (prefix !== undefined) {
      into.prefix.set(path, prefix);
    }
  }
}

function addEqual(path: string, values: readonly RawValue[], into: Predicates): void {
  const known = into.equal.get(path);
  if (values.every(isLookupValue) && (known === undefined || values.length < known.length)) {
    into.equal.set(path, values);
  }
}

/** A regular expression matches many values; an array equals a whole array or an element of one. */
function isLookupValue({ type }: RawValue): boolean {
  return type !== BsonType.regex && type !== BsonType.array;
}

const UNBOUNDED: ReadonlySet<number> = new Set([BsonType.document, BsonType.minKey, BsonType.maxKey]);

function isBound(value: RawValue): boolean {
  return !isNullish(value) && isLookupValue(value) && !UNBOUNDED.has(value.type);
}

function idLookup(collection: Collection, values: readonly RawValue[]): QueryPlan {
  const prefix = idPrefix(collection.idIndex.id);
  const keys = values.map((value) => concat(prefix, keyPart(value, 1, partLimit(1))));
  return { kind: "id-lookup", keys: distinct(keys).sort(Buffer.compare), single: values.length === 1 };
}

/**
 * A number in a path is a position in an array or the name of a field: an index has only one of them. A sparse or partial
 * index lacks documents: it enforces uniqueness, but serves no query.
 */
function isUsable(index: Index): boolean {
  return (
    !index.isUnfinished &&
    !index.sparse &&
    index.partialFilter === undefined &&
    !index.key.some(([path]) => path.split(".").some(isArrayIndex))
  );
}

function scanOf(
  index: Index,
  predicates: Predicates,
  sort: KeyPattern | undefined,
  forced: boolean,
): { plan: QueryPlan; score: number } | undefined {
  if (!isUsable(index)) {
    return undefined;
  }
  const limit = partLimit(index.key.length);
  let prefixes: Buffer[] = [Buffer.alloc(0)];
  let equalities = 0;
  for (const [path, direction] of index.key) {
    const values = isOfSameArray(index, equalities) ? undefined : predicates.equal.get(path);
    if (values === undefined || prefixes.length * values.length > MAX_RANGES) {
      break;
    }
    const parts = distinct(values.map((value) => keyPart(value, direction, limit)));
    prefixes = prefixes.flatMap((prefix) => parts.map((part) => concat(prefix, part)));
    equalities++;
  }
  const bounds = rangesOf(index, equalities, predicates, limit);
  const ranges = prefixes.flatMap((prefix): readonly KeyRange[] =>
    bounds.length === 0
      ? [{ start: prefix, end: afterPrefixOrAll(prefix) }]
      : bounds.map(({ start, end }) => ({ start: concat(prefix, start), end: concat(prefix, end) })),
  );
  const sorted = ranges.length === 1 ? sortedBy(index, equalities, sort) : undefined;
  const score = equalities * 10 + (bounds.length === 0 ? 0 : 5) + (sorted === undefined ? 0 : 2);
  if (score === 0 && !forced) {
    return undefined;
  }
  ranges.sort((a, b) => a.start.compare(b.start));
  const narrowedFields = equalities + (bounds.length === 0 ? 0 : 1);
  const plan: QueryPlan =
    ranges.length === 0 ? { kind: "nothing" } : { kind: "index-scan", index, ranges, narrowedFields, sorted };
  return { plan, score: score + 0.1 };
}

/**
 * Whether a field of an index may lie in the same array as a field before it. A key has the values of one element of the array, but a filter
 * may find them in several.
 */
function isOfSameArray({ key, multikeyPaths }: Index, position: number): boolean {
  const [[path] = [""], ...before] = key.slice(0, position + 1).reverse();
  return (
    multikeyPaths.includes(path) &&
    before.some(([other]) => multikeyPaths.includes(other) && firstPart(other) === firstPart(path))
  );
}

function firstPart(path: string): string | undefined {
  return path.split(".", 1)[0];
}

function distinct(parts: readonly Buffer[]): Buffer[] {
  return [...new Map(parts.map((part) => [part.toString("latin1"), part])).values()];
}

const ALL_KEYS = Buffer.alloc(16, 0xff);
function afterPrefixOrAll(prefix: Buffer): Buffer {
  return prefix.length === 0 ? ALL_KEYS : afterPrefix(prefix);
}

/** Bounds on the field that follows the equalities; none where nothing is known of it. */
function rangesOf(
  index: Index,
  equalities: number,
  predicates: Predicates,
  limit: number,
): readonly KeyRange[] {
  const [path, direction = 1] = index.key[equalities] ?? [];
  if (path === undefined || isOfSameArray(index, equalities)) {
    return [];
  }
  const prefix = predicates.prefix.get(path);
  if (prefix !== undefined) {
    const beginning = Buffer.concat([Buffer.from([SortTag.string]), Buffer.from(prefix)]);
    const part = beginning.length > limit ? beginning.subarray(0, limit - 32) : beginning;
    return [part, Buffer.from([SortTag.regex])].map((bytes) =>
      rangeBetween(includedEnd(bytes), includedEnd(bytes), direction),
    );
  }
  const range = boundsOf(path, direction, index.multikeyPaths.includes(path), predicates, limit);
  return range === undefined ? [] : [range];
}

/** Where documents have arrays, only one of two bounds may be used: they may hold for different elements. */
function boundsOf(
  path: string,
  direction: 1 | -1,
  multikey: boolean,
  predicates: Predicates,
  limit: number,
): KeyRange | undefined {
  const lower = rangeEndOf(predicates.lower.get(path), limit);
  const upper = rangeEndOf(predicates.upper.get(path), limit);
  const tag = lower?.bytes[0] ?? upper?.bytes[0];
  if (tag === undefined) {
    return undefined;
  }
  const ofType = includedEnd(Buffer.from([tag]));
  const most = upper === undefined || (multikey && lower !== undefined) ? ofType : upper;
  return rangeBetween(lower ?? ofType, most, direction);
}

/** An end of a range of parts of keys: `isIncluded` says whether what begins with these bytes belongs to the range. */
interface RangeEnd {
  readonly bytes: Buffer;
  readonly isIncluded: boolean;
}

function includedEnd(bytes: Buffer): RangeEnd {
  return { bytes, isIncluded: true };
}

function rangeBetween(least: RangeEnd, most: RangeEnd, direction: 1 | -1): KeyRange {
  const [first, last] =
    direction === 1
      ? [least, most]
      : [
          { ...most, bytes: inverted(most.bytes) },
          { ...least, bytes: inverted(least.bytes) },
        ];
  return {
    start: first.isIncluded ? first.bytes : afterPrefix(first.bytes),
    end: last.isIncluded ? afterPrefix(last.bytes) : last.bytes,
  };
}

/**
 * The sortable bytes of a bound. Other values may begin with the bytes of a number (a decimal between two doubles), or with those of a value
 * that is too long for a key and cut: these bounds are included.
 */
function rangeEndOf(bound: Bound | undefined, limit: number): RangeEnd | undefined {
  if (bound === undefined) {
    return undefined;
  }
  const bytes = sortableBytes(bound.value);
  return bytes.length > limit
    ? includedEnd(bytes.subarray(0, limit - 32))
    : { bytes, isIncluded: bound.isIncluded || bytes[0] === SortTag.number };
}

function sortedBy(index: Index, equalities: number, sort: KeyPattern | undefined): 1 | -1 | undefined {
  if (sort === undefined || sort.length === 0 || index.truncated) {
    return undefined;
  }
  const rest = index.key.slice(equalities);
  const matches = (factor: 1 | -1): boolean =>
    sort.every(
      ([path, direction], i) =>
        rest[i]?.[0] === path && rest[i]?.[1] === direction * factor && !index.multikeyPaths.includes(path),
    );
  return matches(1) ? 1 : matches(-1) ? -1 : undefined;
}

/** Whether a plan finds documents in another order than the sort's. */
export function needsSort(plan: QueryPlan, sort: KeyPattern = []): boolean {
  const isSorted =
    (plan.kind === "index-scan" && plan.sorted !== undefined) || (plan.kind === "id-lookup" && plan.single);
  return sort.length > 0 && !isSorted;
}

function unionOf(collection: Collection, filter: RawValue): QueryPlan | undefined {
  const clauses = fieldOf(filter, "$or");
  const plans: QueryPlan[] = [];
  for (const clause of clauses.type === BsonType.array ? elementValues(clauses) : []) {
    const plan = planQuery(collection, { filter: clause });
    if (plan.kind === "collection-scan") {
      return undefined;
    }
    plans.push(plan);
  }
  return plans.length === 0 ? undefined : { kind: "union", plans };
}
