import { type Db, MongoClient } from "mongodb";
import type { StoreReader } from "./connector.js";
import { explainStoreFailure } from "./explain-store-failure.js";
import { findMongoUriFault } from "./find-mongo-uri-fault.js";
import { StoreConnectionError } from "./store-connection-error.js";

export interface OpenStoreOptions {
  /** Of the setting MONGO_URI, or of the embedded server. */
  readonly uri: string;
  /** Name of the database. */
  readonly db: string;
  readonly kind: "embedded" | "mongodb";
  /** How long to look for a usable server, now and whenever the connection is lost. Default 10 000, or what the URI says. */
  readonly timeoutMs?: number;
}

/** A database that connectors load into. */
export interface Store {
  readonly kind: "embedded" | "mongodb";
  /** Name of the database. */
  readonly db: string;
  /** Host and port, without credentials. */
  readonly host: string;
  readonly reader: StoreReader;
  /** The driver's handle, for core. */
  readonly database: Db;
  close(): Promise<void>;
}

/**
 * Connects to a MongoDB server and checks that it can be written to.
 *
 * @throws StoreConnectionError where that fails: it names MONGO_URI, the host and what to do
 */
export async function openStore({ uri, db, kind, timeoutMs }: OpenStoreOptions): Promise<Store> {
  const client = createClient(uri, timeoutMs);
  const host = hostOf(client);
  try {
    const database = client.db(db);
    const hello = await database.command({ hello: 1 });
    if (hello.isWritablePrimary !== true && hello.msg !== "isdbgrid") {
      throw new StoreConnectionError(
        `The server at ${host} is not a primary and takes no writes: name all members and replicaSet in MONGO_URI, without directConnection.`,
      );
    }
    await database.collection("etl_runs").findOne({}, { projection: { _id: 1 } });
    return { kind, db, host, reader: createReader(database), database, close: () => client.close() };
  } catch (error) {
    await client.close().catch(() => undefined);
    if (error instanceof StoreConnectionError) {
      throw error;
    }
    const message =
      explainStoreFailure(error, host) ?? (error instanceof Error ? error.message : String(error));
    throw new StoreConnectionError(message, { cause: error });
  }
}

/**
 * The driver's default inherits from `Object.prototype`, so it takes a list in a field named `constructor` or `__proto__` for one
 * of those that it is to read as raw BSON.
 */
const noFields: Record<string, boolean> = Object.create(null);

function createClient(uri: string, timeoutMs: number | undefined): MongoClient {
  const fault = findMongoUriFault(uri);
  if (fault !== undefined) {
    throw new StoreConnectionError(`MONGO_URI ${fault}.`);
  }
  const uriSetsTimeout = /[?&]serverSelectionTimeoutMS=/i.test(uri);
  const uriSetsName = /[?&]appName=/i.test(uri);
  const serverSelectionTimeoutMS = timeoutMs ?? (uriSetsTimeout ? undefined : 10_000);
  return new MongoClient(uri, {
    ignoreUndefined: true,
    fieldsAsRaw: noFields,
    ...(!uriSetsName && { appName: "cti-connectors" }),
    ...(serverSelectionTimeoutMS !== undefined && {
      serverSelectionTimeoutMS,
      connectTimeoutMS: serverSelectionTimeoutMS,
    }),
  });
}

function hostOf(client: MongoClient): string {
  const { srvHost, hosts } = client.options;
  return srvHost ?? hosts.map(String).join(",");
}

/** Left alone, a server sends 16 MB of documents at once. */
const readAtOnce = 1_000;

function createReader(database: Db): StoreReader {
  return {
    find: (collection, filter, options) =>
      database.collection(collection).find(filter, { batchSize: readAtOnce, ...options }),
    count: (collection, filter) => database.collection(collection).countDocuments(filter),
  };
}
