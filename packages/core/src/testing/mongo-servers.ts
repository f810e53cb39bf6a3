import {
  describeOnMongoServers,
  type TestDatabase as Place,
  withParameter,
} from "@cti-connectors/embedded-mongo/testing";
import type { Document } from "mongodb";
import { afterEach, beforeEach } from "vitest";
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

/** Runs a suite on embedded-mongo and, where TEST_MONGO_URI is set, on that server too, with a store for every test. */
export function describeOnMongo(name: string, suite: (database: () => TestDatabase) => void): void {
  describeOnMongoServers(name, (newDatabase) => {
    let current: TestDatabase | undefined;
    beforeEach(async () => {
      current = await openTestDatabase(newDatabase());
    });
    afterEach(async () => {
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

async function openTestDatabase({ uri, db }: Place): Promise<TestDatabase> {
  const store = await openStore({
    uri: withParameter(uri, "monitorCommands=true"),
    db,
    kind: "mongodb",
  });
  const commands: { name: string; collection: string }[] = [];
  for (const { client } of [store.database, store.slowDatabase]) {
    client.on("commandStarted", ({ commandName, command }) => {
      commands.push({ name: commandName, collection: String(command[commandName]) });
    });
  }
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
