import { randomUUID } from "node:crypto";
import { MongoClient } from "mongodb";
import { afterAll, afterEach, beforeAll, describe, test, vi } from "vitest";
import { startEmbeddedMongo } from "./server/start-embedded-mongo.js";

// A server, above all an independent one, takes its time on a busy machine. A file may raise it again.
vi.setConfig({ testTimeout: 30_000 });

/** A database of a test's own. */
export interface TestDatabase {
  /** The server's connection string. */
  readonly uri: string;
  readonly db: string;
}

/** Tests that use databases of their own, which are dropped after each test. */
export type NewDatabaseSuite = (newDatabase: () => TestDatabase) => void;

interface TestServer {
  readonly name: string;
  start(): Promise<{ readonly uri: string; close(): Promise<void> }>;
}

const independentUri = process.env.TEST_MONGO_URI ?? "";
const embedded: TestServer = { name: "embedded-mongo", start: () => startEmbeddedMongo() };
const independent: TestServer = {
  name: "the server in TEST_MONGO_URI",
  start: async () => ({ uri: independentUri, close: async () => {} }),
};

/** Runs a suite on embedded-mongo and, if TEST_MONGO_URI is set, on that server too. */
export function describeOnMongoServers(name: string, suite: NewDatabaseSuite): void {
  describeOn(embedded, name, suite);
  if (independentUri === "") {
    test.skip(`${name}, on ${independent.name}: it is not set`, () => {});
  } else {
    // For the whole file. On a busy machine, such a server can take a minute to drop a large database.
    vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });
    describeOn(independent, name, suite);
  }
}

/** Runs a suite on embedded-mongo only: for loads that take an independent server minutes. */
export function describeOnEmbeddedMongo(name: string, suite: NewDatabaseSuite): void {
  describeOn(embedded, name, suite);
}

function describeOn(server: TestServer, name: string, suite: NewDatabaseSuite): void {
  describe(`${name}, on ${server.name}`, () => {
    let running: Awaited<ReturnType<TestServer["start"]>> | undefined;
    let client: MongoClient | undefined;
    const used: string[] = [];
    beforeAll(async () => {
      running = await server.start();
      client = new MongoClient(running.uri);
    });
    afterEach(async () => {
      for (const db of used.splice(0)) {
        await client?.db(db).dropDatabase();
      }
    });
    afterAll(async () => {
      await client?.close();
      await running?.close();
    });
    suite(() => {
      if (running === undefined) {
        throw new TypeError("the server is only there while a test runs");
      }
      const db = `test_${randomUUID().slice(0, 8)}`;
      used.push(db);
      return { uri: running.uri, db };
    });
  });
}

/** Adds a parameter to a connection string, e.g. `monitorCommands=true`. */
export function withParameter(uri: string, parameter: string): string {
  const [address = "", query] = uri.split("?");
  const hasPath = address.replace(/^[^/]*\/\//, "").includes("/");
  return `${address}${hasPath ? "" : "/"}?${query === undefined ? "" : `${query}&`}${parameter}`;
}
