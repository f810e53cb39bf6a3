import { randomUUID } from "node:crypto";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import type { Document } from "mongodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import { openStore, type Store } from "../store/open-store.js";

/** A database of its own for every test, on one of the servers. */
export interface TestDatabase {
  readonly store: Store;
  /** Of the server, ending in `/`. */
  readonly uri: string;
  /** Commands that the store's driver has sent since it was opened or since this was emptied. */
  readonly commands: { readonly name: string; readonly collection: string }[];
  /** Everything in the database, as JSON, sorted. */
  dump(): Promise<string>;
  all(collection: string): Promise<Document[]>;
}

interface TestServer {
  readonly name: string;
  start(): Promise<{ readonly uri: string; close(): Promise<void> }>;
}

const independentUri = process.env.TEST_MONGO_URI;

const servers: readonly TestServer[] = [
  { name: "embedded-mongo", start: () => startEmbeddedMongo() },
  ...(independentUri === undefined
    ? []
    : [
        {
          name: "the server of TEST_MONGO_URI",
          start: async () => ({ uri: independentUri, close: async () => {} }),
        },
      ]),
];

/** Runs a suite on embedded-mongo and, where TEST_MONGO_URI is set, on that server too. */
export function describeOnMongo(name: string, suite: (database: () => TestDatabase) => void): void {
  describe.each(servers)(`${name} (on $name)`, (server) => {
    let running: Awaited<ReturnType<TestServer["start"]>> | undefined;
    let current: TestDatabase | undefined;

    beforeAll(async () => {
      running = await server.start();
    });
    afterAll(async () => {
      await running?.close();
    });
    beforeEach(async () => {
      if (running !== undefined) {
        current = await createTestDatabase(running.uri);
      }
    });
    afterEach(async () => {
      await current?.store.database.dropDatabase();
      await current?.store.close();
      current = undefined;
    });

    suite(() => {
      if (current === undefined) {
        throw new Error("the test's database is only there while a test runs");
      }
      return current;
    });
  });
}

async function createTestDatabase(uri: string): Promise<TestDatabase> {
  const store = await openStore({
    uri: withParameter(uri, "monitorCommands=true"),
    db: `core_test_${randomUUID().replaceAll("-", "")}`,
    kind: "mongodb",
  });
  const commands: { name: string; collection: string }[] = [];
  store.database.client.on("commandStarted", ({ commandName, command }) => {
    commands.push({ name: commandName, collection: String(command[commandName]) });
  });
  const all = (collection: string) => store.database.collection(collection).find().sort({ _id: 1 }).toArray();
  return {
    store,
    uri,
    commands,
    all,
    async dump() {
      const collections = await store.database.listCollections({}, { nameOnly: true }).toArray();
      const names = collections.map(({ name }) => name).sort();
      const contents = await Promise.all(
        names.map(async (name) => ({
          name,
          indexes: (await store.database.collection(name).listIndexes().toArray()).map((index) => index.name),
          documents: await all(name),
        })),
      );
      return JSON.stringify(contents, null, 1);
    },
  };
}

/** Adds a parameter to a connection string. */
export function withParameter(uri: string, parameter: string): string {
  if (uri.includes("?")) {
    return `${uri}&${parameter}`;
  }
  return `${uri.endsWith("/") ? uri : `${uri}/`}?${parameter}`;
}

/** Names of commands that change data. */
export const writeCommands: ReadonlySet<string> = new Set([
  "insert",
  "update",
  "delete",
  "findAndModify",
  "bulkWrite",
  "create",
  "createIndexes",
  "drop",
]);
