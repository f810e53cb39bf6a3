import { type Database, type RangeOptions as LmdbRange, open, type RootDatabase } from "lmdb";

/** The files of the database: tables of bytes, and transactions over them. */
export interface RecordStore {
  readonly records: BinaryTable;
  readonly indexes: BinaryTable;
  readonly catalog: BinaryTable;
  /** Runs a function in one transaction; an error undoes all its writes. */
  transaction<T>(run: () => T): T;
  close(): Promise<void>;
}

export interface TableEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

interface KeyCount {
  readonly count: number;
  /** The key after those that were counted. */
  readonly next: Buffer | undefined;
}

export interface BinaryTable {
  get(key: Buffer): Buffer | undefined;
  put(key: Buffer, value: Buffer): void;
  remove(key: Buffer): void;
  /** From `start` to before `end`, in the order of the keys' bytes. */
  entries(start: Buffer, end: Buffer, options?: RangeOptions): Iterable<TableEntry>;
  keys(start: Buffer, end: Buffer, options?: RangeOptions): Iterable<Buffer>;
  /** Counts the keys from `start` to before `end`, up to `most`. */
  countKeys(start: Buffer, end: Buffer, most: number): KeyCount;
  lastKey(start: Buffer, end: Buffer): Buffer | undefined;
  /** How many changes were made since it was opened. */
  changes(): number;
}

interface RangeOptions {
  /** From before `end` down to `start`. */
  readonly reverse?: boolean;
  readonly limit?: number;
}

const BINARY = { encoding: "binary", keyEncoding: "binary" } as const;
/** With pages of 8 KB a record of up to 4 KB lies within a page, beside others. */
const PAGE_SIZE = 8192;
/**
 * A smaller file is less to read and write, and less memory where the pages that were read stay in it. Compressing the records
 * below 1 KB as well would save little, and cost a quarter of the write rate. Without a dictionary, because LZ4 reads it
 * anew for each record: lmdb's own takes as long as the record itself, and saves 2 % of the file.
 */
const COMPRESSION = { threshold: 1000, dictionary: Buffer.alloc(0) } as const;
/**
 * Address space, not disk: the file grows as it is filled. Each time that a map turns out too small LMDB makes a new one
 * and keeps the old, and both count as memory. Windows would reserve the disk space, so there the map grows by itself.
 */
const MAP = process.platform === "win32" ? {} : { mapSize: 2 ** 36 };

/**
 * @param durable whether a commit waits until the disk has it; false for a temporary database
 */
export function openRecordStore(path: string, durable: boolean): RecordStore {
  const root: RootDatabase<Buffer, Buffer> = open({
    ...BINARY,
    path,
    noSubdir: false,
    maxDbs: 3,
    pageSize: PAGE_SIZE,
    ...MAP,
    overlappingSync: false,
    noSync: !durable,
  });
  const table = (name: string, compression: boolean): BinaryTable =>
    binaryTable(
      root.openDB<Buffer, Buffer>(name, { ...BINARY, compression: compression ? COMPRESSION : false }),
    );
  return {
    records: table("records", true),
    indexes: table("indexes", false),
    catalog: table("catalog", false),
    transaction: (run) => root.transactionSync(run),
    close: () => root.close(),
  };
}

function binaryTable(database: Database<Buffer, Buffer>): BinaryTable {
  /** No key in the table is above this one: a key after it is appended, which fills pages instead of halving them. */
  let highestKey = Buffer.alloc(0);
  for (const key of database.getKeys({ reverse: true, limit: 1 })) {
    highestKey = Buffer.from(key);
  }
  let changes = 0;
  return {
    get: (key) => database.get(key),
    put: (key, value) => {
      changes++;
      if (key.compare(highestKey) > 0) {
        database.putSync(key, value, { append: true });
        highestKey = Buffer.from(key);
      } else {
        database.putSync(key, value);
      }
    },
    remove: (key) => {
      changes++;
      database.removeSync(key);
    },
    entries: (start, end, options) => database.getRange(lmdbRange(start, end, options)),
    keys: (start, end, options) => database.getKeys(lmdbRange(start, end, options)),
    countKeys: (start, end, most) => {
      // A count of LMDB has no limit: it would go through millions of keys.
      const [next] = database.getKeys({ start, end, offset: most, limit: 1 });
      return { count: next === undefined ? database.getKeysCount({ start, end }) : most, next };
    },
    lastKey: (start, end) => {
      const [last] = database.getKeys(lmdbRange(start, end, { reverse: true, limit: 1 }));
      return last;
    },
    changes: () => changes,
  };
}

/** A reverse range of LMDB begins at its upper bound. */
function lmdbRange(start: Buffer, end: Buffer, options: RangeOptions = {}): LmdbRange {
  const { reverse = false, limit = Number.POSITIVE_INFINITY } = options;
  return reverse
    ? { start: end, end: start, limit, reverse, exclusiveStart: true, inclusiveEnd: true }
    : { start, end, limit };
}
