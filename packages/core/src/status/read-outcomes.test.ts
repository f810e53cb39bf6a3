import { expect, test } from "vitest";
import type { ConnectorReport } from "../run/run-event.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { readOutcomes } from "./read-outcomes.js";

const at = (hour: number) => new Date(Date.UTC(2026, 10, 28, hour));

describeOnMongo("readOutcomes", (database) => {
  /** A run in each hour, with the outcome of the connector `a` after one of `b` that went through. */
  async function record(...statuses: readonly ConnectorReport["status"][]): Promise<void> {
    const runs = statuses.map((status, hour) => ({
      connectors: ["b", "a"],
      started_at: at(hour),
      finished_at: new Date(at(hour).getTime() + 60_000),
      report: {
        connectors: [
          { name: "b", status: "ok" },
          { name: "a", status },
        ],
      },
    }));
    await database().store.database.collection("etl_runs").insertMany(runs);
  }
  const outcomes = () => readOutcomes(database().store, "a");

  test("knows nothing of a connector that never ran", async () => {
    expect(await outcomes()).toEqual({ failures: 0 });
  });

  test("counts failures since the last success, and nothing that was skipped or interrupted", async () => {
    await record("failed", "ok", "failed", "skipped", "interrupted", "failed");
    const lastOkAt = new Date(at(1).getTime() + 60_000);
    expect(await outcomes()).toEqual({ lastOkAt, failures: 2, failingSince: at(2) });
  });

  test("counts all failures where none succeeded, and none after a success", async () => {
    await record("failed", "failed");
    expect(await outcomes()).toEqual({ failures: 2, failingSince: at(0) });
    expect(await readOutcomes(database().store, "b")).toMatchObject({ failures: 0 });
  });
});
