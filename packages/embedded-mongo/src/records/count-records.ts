import { isEmpty } from "../bson/raw-value.js";
import { concat, idPrefix } from "../storage/table-keys.js";
import type { Collection } from "./catalog.js";
import type { Database } from "./database.js";
import {
  checkStillThere,
  findRecords,
  KEYS_BETWEEN_PAUSES,
  NOTHING_EXAMINED,
  type Query,
  type ScanCounts,
} from "./find-records.js";
import { type KeyScan, keysOfMatches } from "./keys-of-matches.js";
import { PAUSE, type Pause, takeItems } from "./pause.js";
import { planQuery } from "./query-plan.js";

/** LMDB counts these in two milliseconds. */
const KEYS_AT_ONCE = 100_000;

/**
 * How many documents a query finds, with pauses. Reads none of them where the keys of an index tell.
 *
 * @throws CommandError QueryPlanKilled if the collection or the index was dropped during a pause
 */
export function* countRecords(
  database: Database,
  collection: Collection | undefined,
  query: Query,
  counts: ScanCounts = { ...NOTHING_EXAMINED },
): Generator<Pause, number, undefined> {
  if (collection === undefined) {
    return 0;
  }
  const { filter, skip = 0, limit = 0 } = query;
  const most = limit === 0 ? Number.POSITIVE_INFINITY : skip + limit;
  const plan = planQuery(collection, query);
  if (isEmpty(filter)) {
    return Math.max(0, Math.min(collection.count, most) - skip);
  }
  const scan = keysOfMatches(plan, filter);
  if (scan !== undefined) {
    counts.keysExamined = yield* countKeys(database, collection, scan, most);
    return Math.max(0, counts.keysExamined - skip);
  }
  let found = 0;
  yield* takeItems(findRecords(database, collection, query, counts), () => found++);
  return found;
}

function* countKeys(
  database: Database,
  collection: Collection,
  { index, ranges }: KeyScan,
  most: number,
): Generator<Pause, number, undefined> {
  const prefix = idPrefix(index.id);
  let counted = 0;
  for (const [i, { start, end }] of ranges.entries()) {
    let next: Buffer | undefined = concat(prefix, start);
    while (next !== undefined && counted < most) {
      const some = Math.min(KEYS_AT_ONCE, most - counted);
      const found = database.store.indexes.countKeys(next, concat(prefix, end), some);
      counted += found.count;
      next = found.next;
      if (found.count === KEYS_AT_ONCE || i % KEYS_BETWEEN_PAUSES === KEYS_BETWEEN_PAUSES - 1) {
        yield PAUSE;
        checkStillThere(database, collection, index);
      }
    }
  }
  return counted;
}
