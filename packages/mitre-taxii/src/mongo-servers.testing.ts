import { randomUUID } from "node:crypto";
import { openStore, type Store } from "@cti-connectors/core";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { afterAll, afterEach, beforeAll, describe, test } from "vitest";

interface DatabaseServer {
  readonly uri: string;
  close(): Promise<void>;
}

const judgeUri = process.env.TEST_MONGO_URI ?? "";
interface NamedServer {
  readonly name: string;
  start(): Promise<DatabaseServer>;
}
const embedded: NamedServer = { name: "embedded-mongo", start: () => startEmbeddedMongo() };
const judge: NamedServer = {
  name: "the server in TEST_MONGO_URI",
  start: async () => ({ uri: judgeUri, close: async () => {} }),
};

type Suite = (openDatabase: () => Promise<Store>) => void;

/** Runs a suite on embedded-mongo and, where TEST_MONGO_URI is set, on that server. */
export function describeOnServers(name: string, suite: Suite): void {
  describeOnEmbedded(name, suite);
  if (judgeUri === "") test.skip(`${name}, on ${judge.name}: it is not set`, () => {});
  else describeOn(judge, name, suite);
}

/** Runs a suite on embedded-mongo only: for loads that take an independent server minutes. */
export function describeOnEmbedded(name: string, suite: Suite): void {
  describeOn(embedded, name, suite);
}

/** So that a test can listen to the driver's commands. */
function withMonitoring(uri: string): string {
  const [address = "", query] = uri.split("?");
  const hasPath = address.replace(/^[^/]*\/\//, "").includes("/");
  return `${address}${hasPath ? "" : "/"}?${query === undefined ? "" : `${query}&`}monitorCommands=true`;
}

function describeOn({ name: serverName, start }: NamedServer, name: string, suite: Suite): void {
  describe(`${name}, on ${serverName}`, () => {
    let server: DatabaseServer | undefined;
    const stores: Store[] = [];
    beforeAll(async () => {
      server = await start();
    });
    afterEach(async () => {
      for (const store of stores.splice(0)) {
        await store.database.dropDatabase();
        await store.close();
      }
    });
    afterAll(() => server?.close());
    suite(async () => {
      if (server === undefined) throw new TypeError("the server is only there while a test runs");
      const db = `mitre_test_${randomUUID().slice(0, 8)}`;
      const store = await openStore({ uri: withMonitoring(server.uri), db, kind: "mongodb" });
      stores.push(store);
      return store;
    });
  });
}
