import type { RawValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { compileFilter, type Matcher } from "../query/compile-filter.js";
import { compileSortKey, type KeyPattern } from "../query/index-keys.js";
import {
  afterPrefix,
  concat,
  encodeRecordId,
  idPrefix,
  recordKey,
  trailingRecordId,
} from "../storage/table-keys.js";
import { type Collection, type Index, indexesOf } from "./catalog.js";
import type { Database } from "./database.js";
import { firstToEnd } from "./first-to-end.js";
import { ID_INDEX_NAME } from "./index-definition.js";
import { DOCUMENTS_BETWEEN_PAUSES, mapItems, PAUSE, type Pause, pauseClock } from "./pause.js";
import { needsSort, planInOrder, planQuery, type QueryPlan } from "./query-plan.js";
import { readRange } from "./read-range.js";
import { sortEntries } from "./sort-entries.js";

export interface FoundRecord {
  readonly recordId: number;
  readonly document: Buffer;
}

export interface Query {
  readonly filter: RawValue;
  /** Decides in place of the filter, which then only serves to plan the search. */
  readonly matches?: Matcher | undefined;
  readonly sort?: KeyPattern | undefined;
  readonly skip?: number;
  /** 0: no limit. */
  readonly limit?: number;
  readonly hint?: RawValue | undefined;
}

/** How much a query had to look at, for `explain`. */
export interface ScanCounts {
  keysExamined: number;
  documentsExamined: number;
}

export const NOTHING_EXAMINED: ScanCounts = { keysExamined: 0, documentsExamined: 0 };
/** Keys or ranges of an index that are looked up one by one. */
export const KEYS_BETWEEN_PAUSES = 256;

/**
 * The documents of a query in its order, with pauses; none without a collection. Each is read when the caller asks for it;
 * one that meanwhile was removed, or changed so that it no longer matches, is left out.
 *
 * @throws CommandError QueryPlanKilled if the collection or the index was dropped during a pause
 */
export function* findRecords(
  database: Database,
  collection: Collection | undefined,
  query: Query,
  counts: ScanCounts = { ...NOTHING_EXAMINED },
): Generator<FoundRecord | Pause, void, undefined> {
  if (collection === undefined) {
    return;
  }
  const search = startSearch(database, collection, query, counts);
  if (search.isInOrder) {
    yield* selected(search.found, query);
  } else {
    const recordIds = selected(idsInOrder(database, collection, query, search, counts), query);
    yield* onlyMatching(readRecords(database, collection, recordIds), matcherOf(query), {
      ...NOTHING_EXAMINED,
    });
  }
}

/**
 * The ids of the same records, some of which may have been changed or removed since they were found.
 *
 * @throws CommandError QueryPlanKilled if the collection or the index was dropped during a pause
 */
export function findRecordIds(
  database: Database,
  collection: Collection,
  query: Query,
): Iterable<number | Pause> {
  const counts = { ...NOTHING_EXAMINED };
  const search = startSearch(database, collection, query, counts);
  const recordIds = search.isInOrder
    ? idsOf(search.found)
    : idsInOrder(database, collection, query, search, counts);
  return selected(recordIds, query);
}

interface Search {
  readonly plan: QueryPlan;
  readonly found: Iterable<FoundRecord | Pause>;
  /** Whether they are found in the order of the sort. */
  readonly isInOrder: boolean;
}

function startSearch(database: Database, collection: Collection, query: Query, counts: ScanCounts): Search {
  const plan = planQuery(collection, query);
  const found = readPlan(database, collection, plan, matcherOf(query), counts);
  return { plan, found, isInOrder: !needsSort(plan, query.sort) };
}

/** Applies `skip` and `limit`. */
function* selected<T>(
  items: Iterable<T | Pause>,
  { skip = 0, limit = 0 }: Query,
): Generator<T | Pause, void, undefined> {
  let skipped = 0;
  let left = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  for (const item of items) {
    if (item === PAUSE) {
      yield PAUSE;
    } else if (skipped < skip) {
      skipped++;
    } else {
      yield item;
      if (--left <= 0) {
        return;
      }
    }
  }
}

export function matcherOf({ filter, matches }: Query): Matcher {
  return matches ?? compileFilter(filter);
}

function* readPlan(
  database: Database,
  collection: Collection,
  plan: QueryPlan,
  matches: Matcher,
  counts: ScanCounts,
): Generator<FoundRecord | Pause, void, undefined> {
  const records =
    plan.kind === "collection-scan"
      ? scanCollection(database, collection, plan.reverse)
      : readRecords(database, collection, recordIdsOf(database, collection, plan, counts));
  yield* onlyMatching(records, matches, counts);
}

function* onlyMatching(
  records: Iterable<FoundRecord | Pause>,
  matches: Matcher,
  counts: ScanCounts,
): Generator<FoundRecord | Pause, void, undefined> {
  const isPauseDue = pauseClock();
  for (const record of records) {
    if (record === PAUSE) {
      yield PAUSE;
      continue;
    }
    counts.documentsExamined++;
    if (matches(record.document)) {
      yield record;
    }
    if (isPauseDue()) {
      yield PAUSE;
    }
  }
}

function scanCollection(
  database: Database,
  collection: Collection,
  reverse: boolean,
): Iterable<FoundRecord | Pause> {
  const start = idPrefix(collection.id);
  const check = () => checkStillThere(database, collection);
  const range = { start, end: afterPrefix(start) };
  return mapItems(readRange(database.store.records, range, { reverse, check }), ({ key, value }) => ({
    recordId: trailingRecordId(key),
    document: value,
  }));
}

function* readRecords(
  database: Database,
  collection: Collection,
  recordIds: Iterable<number | Pause>,
): Generator<FoundRecord | Pause, void, undefined> {
  for (const recordId of recordIds) {
    if (recordId === PAUSE) {
      yield PAUSE;
      checkStillThere(database, collection);
      continue;
    }
    const document = database.store.records.get(recordKey(collection.id, recordId));
    if (document !== undefined) {
      yield { recordId, document };
    }
  }
}

/** @returns the collection in its present state @throws CommandError QueryPlanKilled if it, or the index, was dropped */
export function checkStillThere(
  database: Database,
  { db, name, namespace, id }: Collection,
  index?: Index,
): Collection {
  const current = database.catalog.get(db, name);
  if (current === undefined || current.id !== id) {
    throw new CommandError("QueryPlanKilled", `collection dropped or renamed: ${namespace}`);
  }
  if (index !== undefined && !indexesOf(current).some((one) => one.id === index.id)) {
    throw new CommandError("QueryPlanKilled", `index '${index.name}' dropped`);
  }
  return current;
}

function recordIdsOf(
  database: Database,
  collection: Collection,
  plan: QueryPlan,
  counts: ScanCounts,
): Iterable<number | Pause> {
  switch (plan.kind) {
    case "id-lookup":
      return lookUpIds(database, plan.keys, counts);
    case "index-scan": {
      const recordIds = scanIndex(database, collection, plan, counts);
      return plan.index.multikeyPaths.length > 0 ? withoutRepetitions(recordIds) : recordIds;
    }
    case "union":
      return mergePlans(database, collection, plan.plans, counts);
    default:
      return [];
  }
}

function* lookUpIds(
  database: Database,
  keys: readonly Buffer[],
  counts: ScanCounts,
): Generator<number | Pause, void, undefined> {
  for (const key of keys) {
    const entry = database.store.indexes.get(key);
    counts.keysExamined++;
    if (entry !== undefined) {
      yield trailingRecordId(entry);
    }
    if (counts.keysExamined % KEYS_BETWEEN_PAUSES === 0) {
      yield PAUSE;
    }
  }
}

function* scanIndex(
  database: Database,
  collection: Collection,
  { index, ranges, sorted }: Extract<QueryPlan, { kind: "index-scan" }>,
  counts: ScanCounts,
): Generator<number | Pause, void, undefined> {
  const isIdIndex = index.name === ID_INDEX_NAME;
  const prefix = idPrefix(index.id);
  const options = { reverse: sorted === -1, check: () => checkStillThere(database, collection, index) };
  for (const [i, { start, end }] of ranges.entries()) {
    if (i % KEYS_BETWEEN_PAUSES === KEYS_BETWEEN_PAUSES - 1) {
      yield PAUSE;
      options.check();
    }
    const range = { start: concat(prefix, start), end: concat(prefix, end) };
    for (const entry of readRange(database.store.indexes, range, options)) {
      if (entry === PAUSE) {
        yield PAUSE;
      } else {
        counts.keysExamined++;
        yield trailingRecordId(isIdIndex ? entry.value : entry.key);
      }
    }
  }
}

function* withoutRepetitions(
  recordIds: Iterable<number | Pause>,
): Generator<number | Pause, void, undefined> {
  const seen = new Set<number>();
  for (const recordId of recordIds) {
    if (recordId === PAUSE || !seen.has(recordId)) {
      yield recordId;
    }
    if (recordId !== PAUSE) {
      seen.add(recordId);
    }
  }
}

/** Each record once, in the order of the record ids. */
function* mergePlans(
  database: Database,
  collection: Collection,
  plans: readonly QueryPlan[],
  counts: ScanCounts,
): Generator<number | Pause, void, undefined> {
  function* recordIds(): Generator<number | Pause, void, undefined> {
    for (const plan of plans) {
      yield* recordIdsOf(database, collection, plan, counts);
    }
  }
  const entries = mapItems(recordIds(), (recordId) => {
    const bytes = encodeRecordId(recordId);
    return { key: bytes, value: bytes };
  });
  let last: number | undefined;
  for (const recordId of mapItems(sortEntries(entries), trailingRecordId)) {
    if (recordId === PAUSE || recordId !== last) {
      yield recordId;
    }
    last = recordId === PAUSE ? last : recordId;
  }
}

function idsOf(found: Iterable<FoundRecord | Pause>): Iterable<number | Pause> {
  return mapItems(found, ({ recordId }) => recordId);
}

/** Sorts what was found. Where few are wanted and an index has their order, it is walked at the same time. */
function idsInOrder(
  database: Database,
  collection: Collection,
  query: Query,
  { plan, found }: Search,
  counts: ScanCounts,
): Iterable<number | Pause> {
  const { skip = 0, limit = 0 } = query;
  const walk = limit === 0 ? undefined : planInOrder(collection, query);
  const sorted = sortedIds(found, query);
  if (walk === undefined) {
    return sorted;
  }
  const wanted = skip + limit;
  const walked = idsOf(readPlan(database, collection, walk, matcherOf(query), counts));
  return firstToEnd(sorted, walked, wanted, headStartOfWalk(database, collection, plan, wanted));
}

/** More are not counted: to walk is faster by then. */
const MAX_COUNTED_KEYS = 20_000;
/** In how many times the documents in which enough are expected a walk may meet them, before it is doubted. */
const WALK_DOUBT = 4;

/**
 * For how many pauses an index is walked alone: if the documents that match are spread evenly over it, enough of them are met among fewer
 * documents than there are to sort.
 */
function headStartOfWalk(
  database: Database,
  collection: Collection,
  plan: QueryPlan,
  wanted: number,
): number {
  if (plan.kind !== "index-scan") {
    return 0;
  }
  const prefix = idPrefix(plan.index.id);
  const candidates = plan.ranges.reduce(
    (sum, { start, end }) =>
      sum +
      database.store.indexes.countKeys(concat(prefix, start), concat(prefix, end), MAX_COUNTED_KEYS - sum)
        .count,
    0,
  );
  const expected = (wanted * collection.count) / candidates;
  return expected < candidates ? Math.ceil((WALK_DOUBT * expected) / DOCUMENTS_BETWEEN_PAUSES) : 0;
}

/** Keeps only the sort keys in memory; the documents are read again in their order. */
function sortedIds(
  found: Iterable<FoundRecord | Pause>,
  { sort = [], skip = 0, limit = 0 }: Query,
): Iterable<number | Pause> {
  const sortKey = compileSortKey(sort);
  const entries = mapItems(found, ({ document, recordId }) => ({
    key: sortKey(document),
    value: encodeRecordId(recordId),
  }));
  return mapItems(sortEntries(entries, limit === 0 ? 0 : skip + limit), trailingRecordId);
}
