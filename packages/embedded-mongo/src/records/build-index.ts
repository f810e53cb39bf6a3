import { CommandError } from "../errors/command-error.js";
import { afterPrefix, idPrefix, trailingRecordId } from "../storage/table-keys.js";
import type { Collection, Index } from "./catalog.js";
import { type Database, MAX_TRANSACTION_MS } from "./database.js";
import { dropIndex } from "./drop-records.js";
import { PAUSE, type Pause } from "./pause.js";
import { addToIndex } from "./write-records.js";

/** How many documents one transaction adds to an index. */
const MAX_DOCUMENTS = 1_000;

/**
 * Adds the stored documents, or as many as one transaction may, to a new index. Within a transaction.
 *
 * @param from key of the first record
 * @returns the key of the next record, if there is one
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
    if (documents >= MAX_DOCUMENTS || (documents > 0 && performance.now() - started > MAX_TRANSACTION_MS)) {
      return Buffer.from(key);
    }
    addToIndex(database, collection, index, trailingRecordId(key), value);
    documents++;
  }
  return undefined;
}

/** Partly filled indexes of a collection: by index id, the key of the next record. */
export interface UnfinishedIndexes {
  readonly db: string;
  readonly name: string;
  readonly nextRecords: ReadonlyMap<number, Buffer>;
}

/**
 * Fills indexes in several transactions, while writes of others update them, and then lets queries use them. Outside of a
 * transaction. If it fails or is interrupted, all of them are removed.
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

/** Drops partly filled indexes, by default all, which a killed process left. `removeDropped` removes their entries. */
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
