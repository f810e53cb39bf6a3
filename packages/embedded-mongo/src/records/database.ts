import { isDiskFull, keepDiskReserve } from "../storage/disk-reserve.js";
import { openRecordStore, type RecordStore } from "../storage/record-store.js";
import { type Catalog, type Collection, openCatalog } from "./catalog.js";

/** The open database: its files and what they hold. */
export interface Database {
  readonly store: RecordStore;
  readonly catalog: Catalog;
  /** By id of an index that is being built: the records whose keys others have changed meanwhile. */
  readonly changedInBuild: Map<number, Set<number>>;
  /** Runs a function that writes, in one transaction; what it throws undoes all of it. */
  write<T>(run: () => T): T;
  /** The same for a function that only deletes: on a full disk it gets the reserve, and is run again. */
  writeDeletion<T>(run: () => T): T;
  close(): Promise<void>;
}

/** How long one of several transactions of a command may take, but for what a single document takes. */
export const MAX_TRANSACTION_MS = 50;

export function openDatabase(path: string, durable: boolean): Database {
  const store = openRecordStore(path, durable);
  const catalog = openCatalog(store);
  const reserve = durable ? keepDiskReserve(path) : undefined;
  const write = <T>(run: () => T): T => {
    try {
      return store.transaction(() => {
        const result = run();
        catalog.flush();
        return result;
      });
    } catch (error) {
      catalog.reload();
      throw error;
    }
  };
  return {
    store,
    catalog,
    changedInBuild: new Map(),
    write,
    writeDeletion: (run) => {
      try {
        return write(run);
      } catch (error) {
        if (!isDiskFull(error) || reserve?.release() !== true) {
          throw error;
        }
        return write(run);
      }
    },
    close: () => store.close(),
  };
}

/** A collection, created if it is missing. Within a transaction. */
export function ensureCollection(database: Database, db: string, name: string): Collection {
  return database.catalog.get(db, name) ?? database.catalog.create(db, name);
}
