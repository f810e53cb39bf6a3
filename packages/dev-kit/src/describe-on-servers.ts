import { openStore, type Store } from "@cti-connectors/core/host";
import {
  describeOnEmbeddedMongo,
  describeOnMongoServers,
  type NewDatabaseSuite,
  withParameter,
} from "@cti-connectors/embedded-mongo/testing";
import { afterEach } from "vitest";

/** Tests that open databases of their own, which are gone after each test. Stores report the driver's commands. */
export type DatabaseSuite = (openDatabase: () => Promise<Store>) => void;

/** Runs a suite on embedded-mongo and, where TEST_MONGO_URI is set, on that server too. */
export function describeOnServers(name: string, suite: DatabaseSuite): void {
  describeOnMongoServers(name, withStores(suite));
}

/** Runs a suite on embedded-mongo only: for loads that take an independent server minutes. */
export function describeOnEmbedded(name: string, suite: DatabaseSuite): void {
  describeOnEmbeddedMongo(name, withStores(suite));
}

function withStores(suite: DatabaseSuite): NewDatabaseSuite {
  return (newDatabase) => {
    const stores: Store[] = [];
    afterEach(async () => {
      for (const store of stores.splice(0)) {
        await store.close();
      }
    });
    suite(async () => {
      const { uri, db } = newDatabase();
      const store = await openStore({
        uri: withParameter(uri, "monitorCommands=true"),
        db,
        kind: "mongodb",
      });
      stores.push(store);
      return store;
    });
  };
}
