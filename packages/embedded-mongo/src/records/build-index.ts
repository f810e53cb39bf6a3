import { CommandError } from "../errors/command-error.js";
import { afterPrefix, idPrefix, trailingRecordId } from "../storage/table-keys.js";
import type { Collection, Index } from "./catalog.js";
import type { Database } from "./database.js";
import { dropIndex } from "./drop-records.js";
import { PAUSE, type Pause } from "./pause.js";
import { addToIndex } from "./write-records.js";

/** One transaction fills an index from as many documents. */
const MAX_DOCUMENTS = 1_000;
const MAX_MS = 50;

/**
 * Fills a new index from the documents that are there, or from some of them. Within a transaction.
 *
 * @param from key of the record to go on from
 * @returns the key of the next record; undefined: there is none
 */
export function fillIndex(
  database: Database,
  collection: Collection,
  index: Index,
  from = idPrefix(collection.id),
): Buffer | undefined {
  const started = performance.now();
  let documents = 0;
  const end = afterPrefix(idPrefix(collection.id));
  for (const { key, value } of database.store.records.entries(from, end)) {
    if (documents >= MAX_DOCUMENTS || (documents > 0 && performance.now() - started > MAX_MS)) {
      return Buffer.from(key);
    }
    addToIndex(database, collection, index, trailingRecordId(key), value);
    documents++;
  }
  return undefined;
}

/** Indexes of a collection that are filled in part: by their ids, the records to go on from. */
export interface UnfinishedIndexes {
  readonly db: string;
  readonly name: string;
  readonly nextRecords: ReadonlyMap<number, Buffer>;
}

/**
 * Fills indexes in several transactions, while others write and keep them as well, and then lets queries use them. Outside of a
 * transaction. Where it fails or is interrupted, none of them stays.
 *
 * @throws CommandError DuplicateKey, CannotIndexParallelArrays, IndexBuildAborted
 */
export function* finishIndexes(
  database: Database,
  unfinished: UnfinishedIndexes,
): Generator<Pause, void, undefined> {
  const ids = [...unfinished.nextRecords.keys()];
  let isDone = false;
  try {
    for (const [id, first] of unfinished.nextRecords) {
      const fill = (from: Buffer): Buffer | undefined =>
        database.write(() => {
          const { collection, index } = find(database, unfinished, id);
          return fillIndex(database, collection, index, from);
        });
      for (let next: Buffer | undefined = first; next !== undefined; next = fill(next)) {
        yield PAUSE;
      }
    }
    database.write(() => {
      for (const id of ids) {
        const { collection, index } = find(database, unfinished, id);
        index.isUnfinished = false;
        database.catalog.touch(collection);
      }
    });
    isDone = true;
  } finally {
    if (!isDone) {
      removeUnfinished(database, (index) => ids.includes(index.id));
    }
  }
}

function find(database: Database, { db, name }: UnfinishedIndexes, id: number) {
  const collection = database.catalog.get(db, name);
  const index = collection?.indexes.find((one) => one.id === id);
  if (collection === undefined || index === undefined) {
    throw new CommandError(
      "IndexBuildAborted",
      `an index of ${db}.${name} was dropped while it was built, or its collection was dropped or renamed`,
    );
  }
  return { collection, index };
}

/** Drops indexes that are filled in part: those that a process left which was killed. `removeDropped` removes what was in them. */
export function removeUnfinished(database: Database, isMeant: (index: Index) => boolean = () => true): void {
  const isLeft = (index: Index): boolean => index.isUnfinished && isMeant(index);
  const affected = database.catalog.list().filter(({ indexes }) => indexes.some(isLeft));
  if (affected.length > 0) {
    database.writeDeletion(() => {
      for (const collection of database.catalog.list()) {
        for (const index of collection.indexes.filter(isLeft)) {
          dropIndex(database, collection, index);
        }
      }
    });
  }
}
