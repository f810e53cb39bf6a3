import type { Document } from "mongodb";
import { expect, test, vi } from "vitest";
import { readOutcomes } from "../status/read-outcomes.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import type { RunReport } from "./run-event.js";
import { startRunLedger } from "./run-ledger.js";

const report: RunReport = {
  runId: "run-1",
  status: "ok",
  store: { kind: "mongodb", db: "db" },
  connectors: [],
};

describeOnMongo("startRunLedger", (database) => {
  const start = (runId: string, options: { now?: () => Date; heartbeatMs?: number } = {}) =>
    startRunLedger({ store: database().store, runId, connectors: ["source"], full: false, ...options });

  const runs = () => database().store.database.collection<{ _id: string }>("etl_runs");

  test("records a run from its start to its end", async () => {
    const ledger = await start("run-1", { heartbeatMs: 20 });
    const [started] = await database().all("etl_runs");
    expect(started).toMatchObject({ _id: "run-1", status: "running", finished_at: null, report: null });
    await vi.waitFor(async () => {
      const [beating] = await database().all("etl_runs");
      expect(beating?.heartbeat_at.getTime()).toBeGreaterThan(started?.heartbeat_at.getTime());
    });
    await ledger.finish(report);
    expect(await database().all("etl_runs")).toMatchObject([
      { _id: "run-1", status: "ok", finished_at: expect.any(Date), report },
    ]);
  });

  test("runs are found by index: by connector and time, by status, and by when they ended", async () => {
    await (await start("run-1")).finish(report);
    const indexes = await runs().listIndexes().toArray();
    expect(new Set(indexes.map(({ key }) => JSON.stringify(key)))).toEqual(
      new Set(['{"_id":1}', '{"connectors":1,"started_at":-1}', '{"status":1}', '{"finished_at":-1}']),
    );
    const finds: Document[] = [];
    database().store.database.client.on("commandStarted", ({ command }) => {
      if (command.find === "etl_runs") {
        finds.push(command.filter);
      }
    });
    await readOutcomes(database().store, "source");
    await start("run-2");
    for (const filter of finds) {
      // Not every server uses an index for filters of several fields.
      const plan = await runs()
        .find(Object.fromEntries(Object.entries(filter).slice(0, 1)))
        .explain();
      expect(JSON.stringify(plan)).toMatch(/"indexName":"(?:connectors_1_started_at_-1|status_1)"/);
    }
    expect(finds).toHaveLength(2);
  });

  test("records with a heartbeat how far a run is, and no longer once it has ended", async () => {
    const ledger = await start("run-1", { heartbeatMs: 20 });
    expect(await database().all("etl_runs")).toMatchObject([{ progress: null }]);
    const until = new Date("2026-11-23T10:10:00Z");
    ledger.follow({ type: "connector-started", connector: "source", steps: ["things"] });
    ledger.follow({ type: "step-started", connector: "source", step: "things" });
    ledger.follow({ type: "waiting", connector: "source", reason: "budget", until, message: "50/600" });
    await vi.waitFor(async () => {
      const [beating] = await database().all("etl_runs");
      expect(beating?.progress).toEqual({
        connector: "source",
        step: "things",
        waiting: { reason: "budget", until },
      });
    });
    await ledger.finish(report);
    expect(await database().all("etl_runs")).toMatchObject([{ status: "ok", progress: null }]);
  });

  test("closes a run that was killed as interrupted, at its last sign of life, and no other, whatever this machine's clock says", async () => {
    for (const runId of ["killed", "alive"]) {
      await start(runId);
    }
    const silentSince = new Date(Date.now() - 100_000);
    await runs().updateOne({ _id: "killed" }, { $set: { heartbeat_at: silentSince } });
    await start("new", { now: () => new Date(Date.now() + 3_600_000) });
    expect(await database().all("etl_runs")).toMatchObject([
      { _id: "alive", status: "running", finished_at: null },
      { _id: "killed", status: "interrupted", finished_at: silentSince, report: null },
      { _id: "new", status: "running" },
    ]);
  });

  test.skipIf(process.platform !== "linux")(
    "closes a run of this machine that is gone at once, and none of another PID namespace (Linux)",
    async () => {
      for (const [runId, pid_namespace] of [
        ["gone", undefined],
        ["elsewhere", "pid:[1]"],
      ] as const) {
        await start(runId);
        await runs().updateOne(
          { _id: runId },
          {
            $set: {
              "holder.process_id": "another",
              "holder.pid": 99_999_999,
              ...(pid_namespace !== undefined && { "holder.pid_namespace": pid_namespace }),
            },
          },
        );
      }
      await start("new");
      expect(await database().all("etl_runs")).toMatchObject([
        { _id: "elsewhere", status: "running" },
        { _id: "gone", status: "interrupted" },
        { _id: "new", status: "running" },
      ]);
    },
  );
});
