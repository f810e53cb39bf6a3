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
import { ID_INDEX_NAME } from "./index-definition.js";
import { mapItems, PAUSE, type Pause, pauseClock } from "./pause.js";
import { planQuery, type QueryPlan } from "./query-plan.js";
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

const NOTHING_EXAMINED: ScanCounts = { keysExamined: 0, documentsExamined: 0 };
/** Keys of an index that are looked up one by one. */
const KEYS_BETWEEN_PAUSES = 256;

/**
 * The documents of a query in its order, with pauses; none where there is no collection. Each is read when it is asked for; one that was removed or changed
 * meanwhile, so that it no longer matches, is left out.
 *
 * @throws CommandError QueryPlanKilled where the collection or the index went in a pause
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
  const matches = matcherOf(query);
  const plan = planQuery(collection, query);
  const inOrder =
    query.sort === undefined ||
    query.sort.length === 0 ||
    (plan.kind === "index-scan" && plan.sorted !== undefined) ||
    (plan.kind === "id-lookup" && plan.single);
  const found = readPlan(database, collection, plan, matches, counts);
  const ordered = inOrder ? found : sortRecords(database, collection, found, query, matches);
  let skip = query.skip ?? 0;
  let left = query.limit === undefined || query.limit === 0 ? Number.POSITIVE_INFINITY : query.limit;
  for (const record of ordered) {
    if (record === PAUSE) {
      yield PAUSE;
    } else if (skip > 0) {
      skip--;
    } else {
      yield record;
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
      continue;
    }
    const document = database.store.records.get(recordKey(collection.id, recordId));
    if (document !== undefined) {
      yield { recordId, document };
    }
  }
}

function checkStillThere(database: Database, { db, name, namespace, id }: Collection, index?: Index): void {
  const current = database.catalog.get(db, name);
  if (current?.id !== id) {
    throw new CommandError("QueryPlanKilled", `collection dropped or renamed: ${namespace}`);
  }
  if (index !== undefined && !indexesOf(current).some((one) => one.id === index.id)) {
    throw new CommandError("QueryPlanKilled", `index '${index.name}' dropped`);
  }
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
      return plan.index.multikey ? withoutRepetitions(recordIds) : recordIds;
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
  for (const { start, end } of ranges) {
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

/** Keeps only the sort keys in memory, and reads the documents again in their order. */
function* sortRecords(
  database: Database,
  collection: Collection,
  found: Iterable<FoundRecord | Pause>,
  query: Query,
  matches: Matcher,
): Generator<FoundRecord | Pause, void, undefined> {
  const end = query.limit ? (query.skip ?? 0) + query.limit : 0;
  const sortKey = compileSortKey(query.sort ?? []);
  const entries = mapItems(found, ({ document, recordId }) => ({
    key: sortKey(document),
    value: encodeRecordId(recordId),
  }));
  const recordIds = mapItems(sortEntries(entries, end), trailingRecordId);
  yield* onlyMatching(readRecords(database, collection, recordIds), matches, { ...NOTHING_EXAMINED });
}
