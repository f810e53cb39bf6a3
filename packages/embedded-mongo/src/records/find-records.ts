import type { PlainDocument } from "../bson/bson-document.js";
import { compileExpression } from "../expressions/mingo-expressions.js";
import { compileFilter, type Matcher } from "../query/compile-filter.js";
import { compileSortKey, type KeyPattern } from "../query/index-keys.js";
import { afterPrefix, concat, idPrefix, recordKey, trailingRecordId } from "../storage/table-keys.js";
import type { Collection } from "./catalog.js";
import type { Database } from "./database.js";
import { ID_INDEX_NAME } from "./index-definition.js";
import { type KeyRange, planQuery, type QueryPlan } from "./query-plan.js";

export interface FoundRecord {
  readonly recordId: number;
  readonly document: Buffer;
}

export interface Query {
  /** As `decodeTyped` has it. */
  readonly filter: PlainDocument;
  readonly sort?: KeyPattern | undefined;
  readonly skip?: number;
  /** 0: no limit. */
  readonly limit?: number;
  readonly hint?: unknown;
  /** The command's `let`, for `$expr`. */
  readonly variables?: PlainDocument | undefined;
}

/** How much a query had to look at, for `explain`. */
export interface ScanCounts {
  keysExamined: number;
  documentsExamined: number;
}

/** A scan reads that much at a time, and holds no LMDB cursor while its caller works. */
const CHUNK_BYTES = 1024 * 1024;
const CHUNK_RECORDS = 512;

/**
 * The documents of a query in its order. Each is read when it is asked for; one that was removed or changed meanwhile,
 * so that it no longer matches, is left out.
 */
export function* findRecords(
  database: Database,
  collection: Collection,
  query: Query,
  counts: ScanCounts = { keysExamined: 0, documentsExamined: 0 },
): Generator<FoundRecord, void, undefined> {
  const matches = compileFilter(query.filter, (expression) => compileExpression(expression, query.variables));
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
    if (skip > 0) {
      skip--;
    } else {
      yield record;
      if (--left <= 0) {
        return;
      }
    }
  }
}

function* readPlan(
  database: Database,
  collection: Collection,
  plan: QueryPlan,
  matches: Matcher,
  counts: ScanCounts,
): Generator<FoundRecord, void, undefined> {
  if (plan.kind === "collection-scan") {
    for (const record of scanCollection(database, collection, plan.reverse)) {
      counts.documentsExamined++;
      if (matches(record.document)) {
        yield record;
      }
    }
    return;
  }
  for (const recordId of recordIdsOf(database, plan, counts)) {
    const document = database.store.records.get(recordKey(collection.id, recordId));
    counts.documentsExamined++;
    if (document !== undefined && matches(document)) {
      yield { recordId, document };
    }
  }
}

function* scanCollection(
  database: Database,
  collection: Collection,
  reverse: boolean,
): Generator<FoundRecord, void, undefined> {
  const prefix = idPrefix(collection.id);
  if (reverse) {
    const keys = [...database.store.records.keys(prefix, afterPrefix(prefix))];
    for (const key of keys.reverse()) {
      const document = database.store.records.get(key);
      if (document !== undefined) {
        yield { recordId: trailingRecordId(key), document };
      }
    }
    return;
  }
  let start: Buffer | undefined = prefix;
  while (start !== undefined) {
    const chunk: FoundRecord[] = [];
    let bytes = 0;
    let full = false;
    for (const { key, value } of database.store.records.entries(start, afterPrefix(prefix))) {
      chunk.push({ recordId: trailingRecordId(key), document: value });
      bytes += value.length;
      full = bytes >= CHUNK_BYTES || chunk.length >= CHUNK_RECORDS;
      if (full) {
        break;
      }
    }
    yield* chunk;
    const last = chunk.at(-1);
    start = full && last !== undefined ? recordKey(collection.id, last.recordId + 1) : undefined;
  }
}

function recordIdsOf(database: Database, plan: QueryPlan, counts: ScanCounts): Iterable<number> {
  switch (plan.kind) {
    case "id-lookup":
      return lookUpIds(database, plan.keys, counts);
    case "index-scan": {
      const unique = new Set<number>();
      for (const range of plan.ranges) {
        readRange(database, plan.index.id, range, unique, counts, plan.index.name === ID_INDEX_NAME);
      }
      return plan.sorted === -1 ? [...unique].reverse() : unique;
    }
    case "union": {
      const unique = new Set<number>();
      for (const branch of plan.plans) {
        for (const recordId of recordIdsOf(database, branch, counts)) {
          unique.add(recordId);
        }
      }
      return [...unique].sort((a, b) => a - b);
    }
    default:
      return [];
  }
}

function* lookUpIds(
  database: Database,
  keys: readonly Buffer[],
  counts: ScanCounts,
): Generator<number, void, undefined> {
  for (const key of keys) {
    const entry = database.store.indexes.get(key);
    counts.keysExamined++;
    if (entry !== undefined) {
      yield trailingRecordId(entry);
    }
  }
}

function readRange(
  database: Database,
  indexId: number,
  range: KeyRange,
  into: Set<number>,
  counts: ScanCounts,
  idIndex: boolean,
): void {
  const start = concat(idPrefix(indexId), range.start);
  const end = concat(idPrefix(indexId), range.end);
  if (idIndex) {
    for (const { value } of database.store.indexes.entries(start, end)) {
      counts.keysExamined++;
      into.add(trailingRecordId(value));
    }
    return;
  }
  for (const key of database.store.indexes.keys(start, end)) {
    counts.keysExamined++;
    into.add(trailingRecordId(key));
  }
}

/** Keeps only the sort keys in memory, and reads the documents again in their order. */
function* sortRecords(
  database: Database,
  collection: Collection,
  found: Iterable<FoundRecord>,
  query: Query,
  matches: Matcher,
): Generator<FoundRecord, void, undefined> {
  const sortKey = compileSortKey(query.sort ?? []);
  const entries: { readonly key: Buffer; readonly recordId: number }[] = [];
  for (const { recordId, document } of found) {
    entries.push({ key: sortKey(document), recordId });
  }
  entries.sort((a, b) => a.key.compare(b.key) || a.recordId - b.recordId);
  const end = query.limit ? (query.skip ?? 0) + query.limit : entries.length;
  for (const { recordId } of entries.slice(0, end)) {
    const document = database.store.records.get(recordKey(collection.id, recordId));
    if (document !== undefined && matches(document)) {
      yield { recordId, document };
    }
  }
}
