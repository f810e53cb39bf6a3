import { CommandError } from "../errors/command-error.js";
import { afterPrefix, concat, idPrefix, recordKey, trailingRecordId } from "../storage/table-keys.js";
import type { Collection, Index } from "./catalog.js";
import { type Database, MAX_TRANSACTION_MS } from "./database.js";
import { dropIndex } from "./drop-records.js";
import { PAUSE, type Pause } from "./pause.js";
import { readRange } from "./read-range.js";
import { addToIndex, entryKeys, noteShape, putEntry } from "./write-records.js";

/** How many documents one transaction adds to an index. */
const MAX_DOCUMENTS = 1_000;
/** How many keys, and bytes of them, are sorted at a time. */
const MAX_RUN_KEYS = 50_000;
const MAX_RUN_BYTES = 4 * 1024 * 1024;
const ZERO = Buffer.from([0]);

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
 * Keys are put in their order, millions of them in several runs: a transaction then changes as few pages as it can.
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
      yield* fillInRuns(database, unfinished, id, first);
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

function* fillInRuns(
  database: Database,
  unfinished: UnfinishedIndexes,
  id: number,
  first: Buffer,
): Generator<Pause, void, undefined> {
  const changed = new Set<number>();
  database.changedInBuild.set(id, changed);
  try {
    for (let from: Buffer | undefined = first; from !== undefined; ) {
      changed.clear();
      const run: KeyRun = yield* gatherKeys(database, unfinished, id, from);
      yield* putRun(database, unfinished, id, run, changed);
      from = run.next;
    }
  } finally {
    database.changedInBuild.delete(id);
  }
}

interface KeyRun {
  /** In their order; as texts, since these take less memory than buffers and are sorted sooner. */
  readonly keys: readonly string[];
  readonly multikeyPaths: readonly string[];
  readonly truncated: boolean;
  /** The key of the next record, if there is one. */
  readonly next: Buffer | undefined;
}

function* gatherKeys(
  database: Database,
  unfinished: UnfinishedIndexes,
  id: number,
  from: Buffer,
): Generator<Pause, KeyRun, undefined> {
  const { collection, index } = find(database, unfinished, id);
  const range = { start: from, end: afterPrefix(idPrefix(collection.id)) };
  const check = (): unknown => find(database, unfinished, id);
  const keys: string[] = [];
  const multikeyPaths = new Set<string>();
  let truncated = false;
  let bytes = 0;
  let next: Buffer | undefined;
  for (const record of readRange(database.store.records, range, { reverse: false, check })) {
    if (record === PAUSE) {
      yield PAUSE;
      continue;
    }
    const entries = entryKeys(index, trailingRecordId(record.key), record.value);
    for (const key of entries.keys) {
      keys.push(key.toString("latin1"));
      bytes += key.length;
    }
    for (const path of entries.multikeyPaths) {
      multikeyPaths.add(path);
    }
    truncated ||= entries.truncated;
    if (keys.length >= MAX_RUN_KEYS || bytes >= MAX_RUN_BYTES) {
      next = concat(record.key, ZERO);
      break;
    }
  }
  return { keys: keys.sort(), multikeyPaths: [...multikeyPaths], truncated, next };
}

/** @param changed records that others have changed since the keys were gathered: the keys of these are computed anew */
function* putRun(
  database: Database,
  unfinished: UnfinishedIndexes,
  id: number,
  { keys, multikeyPaths, truncated }: KeyRun,
  changed: Set<number>,
): Generator<Pause, void, undefined> {
  const add = (recordId: number): void => {
    const { collection, index } = find(database, unfinished, id);
    const document = database.store.records.get(recordKey(collection.id, recordId));
    if (document !== undefined) {
      addToIndex(database, collection, index, recordId, document);
    }
  };
  for (let at = 0; at < keys.length; ) {
    yield PAUSE;
    at = database.write(() => {
      const { collection, index } = find(database, unfinished, id);
      noteShape(database, collection, index, { multikeyPaths, truncated });
      const started = performance.now();
      let done = at;
      while (done < keys.length && (done === at || performance.now() - started < MAX_TRANSACTION_MS)) {
        const key = Buffer.from(keys[done] ?? "", "latin1");
        const recordId = trailingRecordId(key);
        if (index.unique) {
          add(recordId);
        } else if (!changed.has(recordId)) {
          putEntry(database, key);
        }
        done++;
      }
      return done;
    });
  }
  while (changed.size > 0) {
    yield PAUSE;
    database.write(() => {
      for (const recordId of [...changed].slice(0, MAX_DOCUMENTS)) {
        changed.delete(recordId);
        add(recordId);
      }
    });
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
