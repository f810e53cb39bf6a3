import { type MongoFault, startFaultyMongo } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { describeOnMongo, type TestDatabase } from "../testing/mongo-servers.js";
import { openStore } from "./open-store.js";
import { useStore } from "./use-store.js";
import { GraceOverError } from "./watch-database.js";
import { StoreError } from "./with-store-retry.js";

async function openLosing({ store, uri }: TestDatabase, mode: MongoFault["mode"], parameters: string) {
  const lost = { command: "find", collection: "things", mode, times: Number.POSITIVE_INFINITY };
  const proxy = await startFaultyMongo(uri, [lost], parameters);
  onTestFinished(() => proxy.close());
  const faulty = await openStore({ uri: proxy.uri, db: store.db, kind: "mongodb", timeoutMs: 1_000 });
  onTestFinished(() => faulty.close());
  return faulty;
}

const onWait = () => {};

describeOnMongo("useStore", (database) => {
  test.each(["swallow", "blackHole"] as const)(
    "fails whatever reads from it, explained: %s",
    async (mode) => {
      const store = await openLosing(database(), mode, "socketTimeoutMS=200");
      const reading = useStore(store, { onWait }, () => store.database.collection("things").find().toArray());
      await expect(reading).rejects.toThrow(StoreError);
      await expect(reading).rejects.toThrow(/^MongoDB at \S+ did not answer in time .*: check the server/);
    },
  );

  test("fails what waits for it when the person interrupts, so that it can clean up", async () => {
    // The driver itself never gives up.
    const store = await openLosing(database(), "swallow", "socketTimeoutMS=0");
    const controller = new AbortController();
    let cleanedUp = false;
    const reading = useStore(store, { onWait, signal: controller.signal, graceMs: 0 }, async () => {
      try {
        for await (const _ of store.reader.find("things", {})) {
          // Nothing comes.
        }
      } finally {
        cleanedUp = true;
      }
    });
    setTimeout(() => controller.abort(new Error("interrupted")), 200);
    await expect(reading).rejects.toThrow(GraceOverError);
    expect(cleanedUp).toBe(true);
  });
});
