import { expect, test } from "vitest";
import { z } from "zod";
import { configureConnector } from "../connector/configure-connector.js";
import type { Facts } from "../connector/connector.js";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import { createLogger } from "../log/create-logger.js";
import { createBudgetLedger } from "../run/connector-budget.js";
import { runConnectors } from "../run/run-connectors.js";
import { createStepTally } from "../run/run-event.js";
import { startRunLedger } from "../run/run-ledger.js";
import { describeOnMongo, writeCommands } from "../testing/mongo-servers.js";
import { readStatus } from "./read-status.js";

const at = new Date("2026-11-23T10:00:00Z");
const config = z.object({});

function connector(
  ids: readonly string[],
  { fails = false, facts }: { fails?: boolean; facts?: Facts } = {},
) {
  const things = stepFor({ config: z.object({}) })({
    name: "things",
    summary: "",
    collection: "things",
    record: z.string(),
    async *extract() {
      const listing = { collection: "things", scope: {}, listed: new Set(ids), isSuperseded: () => false };
      yield { records: [...ids, 7], listings: [listing], ...(facts && { facts }) };
      if (fails) {
        throw new Error("no second page");
      }
    },
    transform: (id) => [{ collection: "things", _id: id, data: id, enriched: {} }],
  });
  const definition = defineConnector({
    name: "source",
    summary: "",
    config,
    http: () => ({ origin: "https://upstream.example", quota: { requests: 50, windowMs: 600_000 } }),
    steps: [things],
  });
  return configureConnector(definition, {});
}

describeOnMongo("readStatus", (database) => {
  /** From now on. */
  async function setHeartbeat(runId: string, ms: number) {
    await database()
      .store.database.collection<{ _id: string }>("etl_runs")
      .updateOne({ _id: runId }, { $set: { heartbeat_at: new Date(Date.now() + ms) } });
  }

  test("says nothing was run in an empty database, and writes nothing", async () => {
    database().commands.splice(0);
    expect(await readStatus({ store: database().store, connectors: [connector([])] })).toEqual({
      store: { kind: "mongodb", db: database().store.db, host: database().store.host },
      connectors: [
        {
          name: "source",
          runs: [],
          rejected: 0,
          budget: { key: "upstream.example", quota: { requests: 50, windowMs: 600_000 }, left: 50 },
        },
      ],
      collections: [{ name: "things", documents: 0, current: 0 }],
      others: { connectors: [], collections: [] },
      rejected: 0,
    });
    expect(database().commands.filter(({ name }) => writeCommands.has(name))).toEqual([]);
  });

  test("tells what is there of others: connectors that are not asked about, and collections of anybody", async () => {
    const { store } = database();
    const log = createLogger({ level: "silent" });
    await runConnectors({ connectors: [connector(["1", "2"])], store, log });
    await store.database.collection("notes").insertOne({ text: "mine" });
    await store.database.createCollection("nothing");
    const none = await readStatus({ store, connectors: [] });
    expect(none).toMatchObject({ connectors: [], collections: [] });
    expect(none.others).toEqual({
      connectors: ["source"],
      collections: [
        { name: "notes", documents: 1 },
        { name: "things", documents: 2 },
      ],
    });
    const { others } = await readStatus({ store, connectors: [connector([])] });
    expect(others).toEqual({ connectors: [], collections: [{ name: "notes", documents: 1 }] });
  });

  test("tells runs, collections, age of the data, refused records and the budget", async () => {
    const { store } = database();
    const log = createLogger({ level: "silent" });
    const times = [at, new Date(at.getTime() + 1_000)];
    await runConnectors({
      connectors: [connector(["1", "2", "3"])],
      store,
      log,
      runId: "run-1",
      now: () => at,
    });
    await runConnectors({
      connectors: [connector(["1", "2", "4"], { fails: true })],
      store,
      log,
      runId: "run-2",
      now: () => times[1] ?? at,
    });
    await startRunLedger({
      store,
      runId: "killed",
      connectors: ["source"],
      full: false,
      now: () => new Date(at.getTime() + 2_000),
    });
    await setHeartbeat("killed", -100_000);
    const ledger = createBudgetLedger(store);
    const { version: since } = await ledger.load("upstream.example");
    const sentAt = [at.getTime(), at.getTime()];
    await ledger.save("upstream.example", { sentAt }, { since, addsRequest: false });
    const now = () => new Date(at.getTime() + 200_000);
    const status = await readStatus({ store, connectors: [connector([])], now });
    expect(status.collections).toEqual([{ name: "things", documents: 4, current: 3, newestAt: times[1] }]);
    expect(status.rejected).toBe(1);
    const withdrawnAt = new Date(at.getTime() + 3_000);
    await runConnectors({ connectors: [connector(["1", "2"])], store, log, now: () => withdrawnAt });
    expect((await readStatus({ store, connectors: [connector([])], now })).collections).toEqual([
      { name: "things", documents: 4, current: 2, newestAt: withdrawnAt },
    ]);
    expect(status.connectors).toMatchObject([
      {
        name: "source",
        lastOkAt: at,
        rejected: 1,
        budget: { left: 48 },
        runs: [
          { runId: "killed", status: "interrupted", reason: "the process was killed" },
          {
            runId: "run-2",
            status: "failed",
            reason: "things: no second page",
            report: { steps: [{ inserted: 1 }] },
          },
          {
            runId: "run-1",
            status: "ok",
            startedAt: at,
            finishedAt: at,
            report: { steps: [{ inserted: 3 }] },
          },
        ],
      },
    ]);
  });

  test("shows a report as the run gave it, with its facts", async () => {
    const { store } = database();
    const report = await runConnectors({
      connectors: [connector(["1"], { facts: { listed: 1, deprecated: 0 } })],
      store,
      log: createLogger({ level: "silent" }),
    });
    const { connectors } = await readStatus({ store, connectors: [connector([])] });
    expect(report.connectors[0]?.steps[0]?.facts).toEqual({ listed: 1, deprecated: 0 });
    expect(connectors[0]?.runs[0]?.report).toEqual(report.connectors[0]);
  });

  test("tells how far a run is that goes on, or came that was killed, whatever its record looks like otherwise", async () => {
    const { store } = database();
    const counts = { ...createStepTally(), extracted: 40_000, inserted: 39_000 };
    const waiting = { reason: "budget", until: new Date(at.getTime() + 500_000) };
    const progress = { connector: "source", step: "things", counts, total: 90_000, waiting };
    const runs = [
      { runId: "of-an-earlier-version", startedAt: at, progress: undefined },
      { runId: "broken", startedAt: new Date(at.getTime() + 1_000), progress: { step: 7 } },
      {
        runId: "of-another",
        startedAt: new Date(at.getTime() + 2_000),
        progress: { ...progress, connector: "other" },
      },
      { runId: "killed", startedAt: new Date(at.getTime() + 3_000), progress },
      { runId: "alive", startedAt: new Date(at.getTime() + 200_000), progress },
    ];
    for (const { runId, startedAt, progress: known } of runs) {
      await startRunLedger({ store, runId, connectors: ["source"], full: false, now: () => startedAt });
      await store.database
        .collection<{ _id: string }>("etl_runs")
        .updateOne(
          { _id: runId },
          known === undefined ? { $unset: { progress: "" } } : { $set: { progress: known } },
        );
    }
    for (const { runId } of runs.filter((run) => run.runId !== "alive")) {
      await setHeartbeat(runId, -100_000);
    }
    const now = () => new Date(at.getTime() + 210_000);
    const { connectors } = await readStatus({ store, connectors: [connector([])], now, runs: 5 });
    expect(connectors[0]?.runs.map(({ runId, status, progress: known }) => [runId, status, known])).toEqual([
      ["alive", "running", progress],
      ["killed", "interrupted", progress],
      ["of-another", "interrupted", undefined],
      ["broken", "interrupted", undefined],
      ["of-an-earlier-version", "interrupted", undefined],
    ]);
  });
});
