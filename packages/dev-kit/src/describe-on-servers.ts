import { randomUUID } from "node:crypto";
import { openStore, type Store } from "@cti-connectors/core";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { afterAll, afterEach, beforeAll, describe, test } from "vitest";

interface MongoServer {
  readonly uri: string;
  close(): Promise<void>;
}

interface NamedServer {
  readonly name: string;
  start(): Promise<MongoServer>;
}

const independentUri = process.env.TEST_MONGO_URI ?? "";
const embedded: NamedServer = { name: "embedded-mongo", start: () => startEmbeddedMongo() };
const independent: NamedServer = {
  name: "the server in TEST_MONGO_URI",
  start: async () => ({ uri: independentUri, close: async () => {} }),
};

/** Tests that open databases of their own, which are gone after each test. */
export type DatabaseSuite = (openDatabase: () => Promise<Store>) => void;

/** Runs a suite on embedded-mongo and, where TEST_MONGO_URI is set, on that server. Stores tell of the driver's commands. */
export function describeOnServers(name: string, suite: DatabaseSuite): void {
  describeOnEmbedded(name, suite);
  if (independentUri === "") {
    test.skip(`${name}, on ${independent.name}: it is not set`, () => {});
  } else {
    describeOn(independent, name, suite);
  }
}

/** Runs a suite on embedded-mongo only: for loads that take an independent server minutes. */
export function describeOnEmbedded(name: string, suite: DatabaseSuite): void {
  describeOn(embedded, name, suite);
}

function describeOn(named: NamedServer, name: string, suite: DatabaseSuite): void {
  describe(`${name}, on ${named.name}`, () => {
    let server: MongoServer | undefined;
    const stores: Store[] = [];
    beforeAll(async () => {
      server = await named.start();
    });
    afterEach(async () => {
      for (const store of stores.splice(0)) {
        await store.database.dropDatabase();
        await store.close();
      }
    });
    afterAll(() => server?.close());
    suite(async () => {
      if (server === undefined) {
        throw new TypeError("the server is only there while a test runs");
      }
      const db = `connector_test_${randomUUID().slice(0, 8)}`;
      const store = await openStore({ uri: withMonitoring(server.uri), db, kind: "mongodb" });
      stores.push(store);
      return store;
    });
  });
}

/** So that a test can listen to the driver's commands. */
function withMonitoring(uri: string): string {
  const [address = "", query] = uri.split("?");
  const hasPath = address.replace(/^[^/]*\/\//, "").includes("/");
  return `${address}${hasPath ? "" : "/"}?${query === undefined ? "" : `${query}&`}monitorCommands=true`;
}
