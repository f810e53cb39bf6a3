import { afterPrefix, concat, idPrefix } from "../storage/table-keys.js";
import { type Collection, type Index, indexesOf } from "./catalog.js";
import { type Database, MAX_TRANSACTION_MS } from "./database.js";
import { PAUSE, type Pause } from "./pause.js";

/** In the catalog: an id, of a collection or an index, whose records or entries are yet to be removed. */
const DROPPED_PREFIX = Buffer.from("dropped/");
const NOTHING = Buffer.from([0]);
const KEYS_AT_ONCE = 1_000;

/** Drops a collection with its indexes. Within a transaction of `dropping`. */
export function dropCollection(database: Database, collection: Collection): void {
  for (const { id } of [collection, ...indexesOf(collection)]) {
    noteDropped(database, id);
  }
  database.catalog.remove(collection);
}

/** Drops an index. Within a transaction of `dropping`. */
export function dropIndex(database: Database, collection: Collection, index: Index): void {
  noteDropped(database, index.id);
  database.catalog.removeIndex(collection, index);
}

function noteDropped(database: Database, id: number): void {
  database.store.catalog.put(concat(DROPPED_PREFIX, idPrefix(id)), NOTHING);
}

/**
 * Runs a function that drops collections or indexes, in a transaction, and removes their records and entries: in the same
 * transaction, and in further ones if that takes long. The next drop, or the next start, removes what an interruption left.
 */
export function* dropping<T>(database: Database, drop: () => T): Generator<Pause, T, undefined> {
  const result = database.writeDeletion(() => {
    const dropped = drop();
    removeSome(database);
    return dropped;
  });
  yield* removeDropped(database);
  return result;
}

/** Removes what was in dropped collections and indexes. Outside of a transaction. */
export function* removeDropped(database: Database): Generator<Pause, void, undefined> {
  while (droppedKeys(database).length > 0) {
    yield PAUSE;
    database.writeDeletion(() => removeSome(database));
  }
}

function droppedKeys({ store }: Database): readonly Buffer[] {
  return [...store.catalog.keys(DROPPED_PREFIX, afterPrefix(DROPPED_PREFIX))];
}

function removeSome(database: Database): void {
  const end = performance.now() + MAX_TRANSACTION_MS;
  const { catalog, indexes, records } = database.store;
  for (const dropped of droppedKeys(database)) {
    const prefix = dropped.subarray(DROPPED_PREFIX.length);
    for (const table of [indexes, records]) {
      for (let isLeft = true; isLeft; ) {
        const keys = [...table.keys(prefix, afterPrefix(prefix), { limit: KEYS_AT_ONCE })];
        for (const key of keys) {
          table.remove(key);
        }
        isLeft = keys.length === KEYS_AT_ONCE;
        if (isLeft && performance.now() > end) {
          return;
        }
      }
    }
    catalog.remove(dropped);
  }
}
