import { setTimeout as delay } from "node:timers/promises";
import { type Db, MongoClient } from "mongodb";
import { unlessAborted } from "../async/unless-aborted.js";
import { findMongoUriFault } from "../config/mongo-uri-setting.js";
import type { StoreReader } from "../connector/connector.js";
import { explainStoreFailure } from "./explain-store-failure.js";
import { findInCollection } from "./find-in-collection.js";
import type { StorePlace } from "./store-place.js";
import { asStoreError, withStoreRetry } from "./with-store-retry.js";

interface OpenStoreOptions {
  /** The setting MONGO_URI, or the URI of the embedded server. */
  readonly uri: string;
  /** Name of the database. */
  readonly db: string;
  readonly kind: "embedded" | "mongodb";
  /** The folder of the embedded database, for messages. */
  readonly folder?: string;
  /** Another process has the embedded database open, and serves it at `uri`. */
  readonly isBorrowed?: boolean;
  /** When it aborts, connecting ends at once. */
  readonly signal?: AbortSignal;
  /** How long to look for a usable server, now and whenever the connection is lost. Default 10 000, or what the URI says. */
  readonly timeoutMs?: number;
}

/** A database that connectors load into. */
export interface Store extends StorePlace {
  /** Name of the database. */
  readonly db: string;
  readonly reader: StoreReader;
  /** The driver's handle, for core. */
  readonly database: Db;
  /** The same for commands that may take an hour, such as an index over millions of documents. It connects when it is first used. */
  readonly slowDatabase: Db;
  close(): Promise<void>;
}

/** What reads and writes need: the database, and where it is, for messages. */
export type StoreAccess = Pick<Store, "database"> & StorePlace;

/**
 * Connects to a MongoDB server and checks that it can be written to. Reads go to the primary, whatever `readPreference` the URI has: a
 * secondary may lag behind, and what a run has just stored would look missing.
 *
 * @throws StoreConnectionError if that fails: it names MONGO_URI, the host and what to do; the signal's reason if it aborts
 */
export async function openStore({
  uri,
  db,
  kind,
  folder,
  isBorrowed,
  signal = new AbortController().signal,
  timeoutMs,
}: OpenStoreOptions): Promise<Store> {
  const client = createClient(uri, timeoutMs);
  const slowClient = createClient(uri, timeoutMs, longestCommandMs);
  const { srvHost, hosts } = client.options;
  const host = srvHost ?? hosts.map(String).join(",");
  const place: StorePlace = { kind, host, ...(folder !== undefined && { folder }), isBorrowed };
  try {
    const database = client.db(db, { readPreference: "primary" });
    await unlessAborted(signal, assertUsable(database, host));
    return {
      ...place,
      db,
      reader: createReader(database, place),
      database,
      slowDatabase: slowClient.db(db, { readPreference: "primary" }),
      async close() {
        await Promise.all([client, slowClient].map(closeClient));
      },
    };
  } catch (error) {
    await closeClient(client).catch(() => undefined);
    if (error instanceof StoreConnectionError || signal.aborted) {
      throw error;
    }
    const message =
      explainStoreFailure(error, place) ?? (error instanceof Error ? error.message : String(error));
    throw new StoreConnectionError(message, { cause: error });
  }
}

/** To end its sessions, the driver writes to a server that may never answer. */
const longestCloseMs = 1_000;

async function closeClient(client: MongoClient): Promise<void> {
  const timeOut = new AbortController();
  await Promise.race([client.close(), delay(longestCloseMs, undefined, { signal: timeOut.signal })]);
  timeOut.abort();
}

async function assertUsable(database: Db, host: string): Promise<void> {
  const hello = await database.command({ hello: 1 });
  if (hello.isWritablePrimary !== true && hello.msg !== "isdbgrid") {
    throw new StoreConnectionError(
      `The server at ${host} is not a primary and does not accept writes: name all members and replicaSet in MONGO_URI, without directConnection.`,
    );
  }
  await database.collection("etl_runs").findOne({}, { projection: { _id: 1 } });
}

/**
 * The driver's default inherits from `Object.prototype`, so it takes a list in a field named `constructor` or `__proto__` for one
 * of those that it is to read as raw BSON.
 */
const noFields: Record<string, boolean> = Object.create(null);

/** A message that is lost on a connection which stays open must not be waited for forever. `socketTimeoutMS` in the URI wins. */
const defaultAnswerTimeMs = 60_000;
const longestCommandMs = 3_600_000;

/** @param answerTimeMs how long to wait for an answer, whatever the URI says */
function createClient(uri: string, timeoutMs: number | undefined, answerTimeMs?: number): MongoClient {
  const fault = findMongoUriFault(uri);
  if (fault !== undefined) {
    throw new StoreConnectionError(`MONGO_URI ${fault}.`);
  }
  const uriSetsTimeout = /[?&]serverSelectionTimeoutMS=/i.test(uri);
  const uriSetsName = /[?&]appName=/i.test(uri);
  const uriSetsAnswerTime = /[?&](?:socketTimeoutMS|timeoutMS)=/i.test(uri);
  const serverSelectionTimeoutMS = timeoutMs ?? (uriSetsTimeout ? undefined : 10_000);
  return new MongoClient(uri, {
    ignoreUndefined: true,
    fieldsAsRaw: noFields,
    // For the watch over what a run waits for.
    monitorCommands: true,
    // To connect, the driver looks for a server that the URI prefers, and finds none in a set without secondaries. `primary` cannot be
    // combined with a `maxStalenessSeconds` of the URI.
    readPreference: "primaryPreferred",
    ...(!uriSetsName && { appName: "cti-connectors" }),
    ...(!uriSetsAnswerTime && { socketTimeoutMS: defaultAnswerTimeMs }),
    ...(answerTimeMs !== undefined && { socketTimeoutMS: answerTimeMs }),
    ...(serverSelectionTimeoutMS !== undefined && {
      serverSelectionTimeoutMS,
      connectTimeoutMS: serverSelectionTimeoutMS,
    }),
  });
}

/** Left alone, a server sends 16 MB of documents at once. */
const readAtOnce = 1_000;

function createReader(database: Db, place: StorePlace): StoreReader {
  return {
    async *find(name, filter, options) {
      // To MongoDB, 0 is no limit, and a negative one is positive.
      if (options?.limit !== undefined && options.limit <= 0) {
        return;
      }
      // What was handed out cannot be taken back, so only the beginning is tried again.
      const cursor = await withStoreRetry(place, async () => {
        const opened = findInCollection(database.collection(name), filter, {
          batchSize: readAtOnce,
          ...options,
        });
        await opened.hasNext();
        return opened;
      });
      try {
        yield* cursor;
      } catch (error) {
        throw asStoreError(error, place);
      }
    },
    count: (name, filter, options) =>
      withStoreRetry(place, () => database.collection(name).countDocuments(filter, options)),
    exists: (name, filter) =>
      withStoreRetry(place, async () => {
        const found = await database.collection(name).findOne(filter, { projection: { _id: 1 } });
        return found !== null;
      }),
  };
}

/** The database cannot be reached or used. The message names the setting and says what to do. */
export class StoreConnectionError extends Error {
  override readonly name = "StoreConnectionError";
}
