import { type MongoFault, startFaultyMongo } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { configureConnector } from "../connector/configure-connector.js";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import { createLogger } from "../log/create-logger.js";
import { type RunConnectorsOptions, runConnectors } from "../run/run-connectors.js";
import { describeOnMongo, type TestDatabase } from "../testing/mongo-servers.js";
import { openStore, type Store } from "./open-store.js";
import { watchDatabase } from "./watch-database.js";

const silent = createLogger({ level: "silent" });
const forEver = Number.POSITIVE_INFINITY;
/** The driver itself never gives up. */
const patient = "socketTimeoutMS=0";

/** One page of things, each with a text of this length. */
function source(things: number, length = 1) {
  const step = stepFor({ config: z.object({}) })({
    name: "things",
    summary: "things",
    collection: "things",
    record: z.object({ id: z.string(), text: z.string() }),
    async *extract() {
      const text = "x".repeat(length);
      yield { records: Array.from({ length: things }, (_, n) => ({ id: `${n}`, text })) };
    },
    transform: ({ id, text }) => [{ collection: "things", _id: id, data: { id, text }, enriched: {} }],
  });
  const definition = defineConnector({
    name: "source",
    summary: "source",
    config: z.object({}),
    steps: [step],
  });
  return configureConnector(definition, {});
}

async function openThrough(
  { store, uri }: TestDatabase,
  faults: readonly MongoFault[],
  parameters: string,
): Promise<Store> {
  const proxy = await startFaultyMongo(uri, faults, parameters);
  onTestFinished(() => proxy.close());
  const faulty = await openStore({ uri: proxy.uri, db: store.db, kind: "mongodb" });
  onTestFinished(() => faulty.close());
  return faulty;
}

const run = (store: Store, options: Partial<RunConnectorsOptions> = {}) =>
  runConnectors({ connectors: [source(3)], store, log: silent, ...options });

describeOnMongo("a database that does not answer", (database) => {
  test("is reported, with what the run waits for and for how long", async () => {
    const lines: string[] = [];
    const onWait = (message: string) => lines.push(message);
    const swallow = { command: "find", collection: "things", mode: "swallow" as const };
    const store = await openThrough(database(), [swallow], "socketTimeoutMS=400");
    const watch = watchDatabase(store, { onWait, noticeMs: 50 });
    onTestFinished(() => watch.stop());
    expect(await store.database.collection("things").find().toArray()).toEqual([]);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines[0]).toMatch(/^waiting for MongoDB at 127\.0\.0\.1:\d+ for \d+ s: find things/);
  });

  test("costs a time-out where one message is lost, and no run", async () => {
    const faults = ["find", "update", "insert"].map((command) => ({ command, mode: "swallow" as const }));
    const store = await openThrough(database(), faults, "socketTimeoutMS=500");
    expect((await run(store)).connectors).toMatchObject([{ status: "ok" }]);
    expect(await database().all("things")).toHaveLength(3);
  });

  test("ends the run where it reads nothing of a large message, which the driver would wait for forever", async () => {
    const stall = { command: "insert", collection: "things", mode: "stall" as const, times: forEver };
    const store = await openThrough(database(), [stall], "socketTimeoutMS=400");
    const report = await run(store, { connectors: [source(20, 1_000_000)] });
    expect(report.connectors).toMatchObject([
      {
        status: "failed",
        reason: expect.stringMatching(/MongoDB at \S+ has not answered for \d+ s \(insert things\)/),
      },
    ]);
  });

  test.each([
    { name: "a write", mode: "swallow" as const, command: ["insert", "update"] },
    { name: "the first look", mode: "swallow" as const, command: "find" },
    { name: "everything from then on", mode: "blackHole" as const, command: "insert" },
  ])("does not hold up an interruption: $name is lost", async ({ mode, command }) => {
    const lost = { mode, command, collection: "things", times: forEver };
    const store = await openThrough(database(), [lost], patient);
    const controller = new AbortController();
    const running = run(store, { signal: controller.signal, graceMs: 50 });
    setTimeout(() => controller.abort(new Error("interrupted")), 300);
    expect(await running).toMatchObject({ status: "interrupted", connectors: [{ status: "interrupted" }] });
    await store.close();
    // A lease that could not be released is this process's for as long as it lives.
    if (mode === "swallow") {
      const leases = (await database().all("etl_state")).filter(({ _id }) =>
        String(_id).startsWith("lease/"),
      );
      expect(leases).toEqual([]);
      expect(await database().all("etl_runs")).toMatchObject([{ status: "interrupted" }]);
      expect(await run(database().store)).toMatchObject({ status: "ok" });
      expect(await database().all("things")).toHaveLength(3);
    }
  });

  test("does not hold up an interruption before the run is recorded", async () => {
    const lost = {
      command: ["find", "update"],
      collection: "etl_runs",
      mode: "swallow" as const,
      times: forEver,
    };
    const store = await openThrough(database(), [{ ...lost, after: 1 }], patient);
    await expect(run(store, { signal: AbortSignal.abort(), graceMs: 50 })).rejects.toThrow(
      "not finished in time",
    );
  });
});
