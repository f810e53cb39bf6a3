import { execFileSync } from "node:child_process";
import { env } from "node:process";
import type { ConnectorReport } from "@cti-connectors/core/host";
import { describe, expect, test } from "vitest";
import { readMetrics } from "../testing/read-metrics.js";
import { createHealthApp } from "./create-health-app.js";
import { healthReport } from "./health-report.js";
import { createRunTracker, type EndedRun } from "./run-tracker.js";

const start = Date.parse("2026-11-28T10:00:00Z");
const at = (minutes: number) => new Date(start + minutes * 60_000);

const step = {
  ...{ name: "things", extracted: 9, inserted: 5, updated: 2, unchanged: 1 },
  ...{ superseded: 0, withdrawn: 0, rejected: 1 },
};
const reportOf = (name: string, status: ConnectorReport["status"] = "ok"): ConnectorReport => ({
  ...{ name, status, requests: 3, retries: 1, throttled: 2, seconds: 4.5, steps: [step] },
  ...(status === "failed" && { reason: "things: the upstream answers 503" }),
});
const endOf = (...connectors: ConnectorReport[]): Omit<EndedRun, "at"> => {
  const status = connectors.every((connector) => connector.status === "ok") ? "ok" : "partial";
  const report = { runId: "1", status, store: { kind: "embedded", db: "x" }, connectors } as const;
  return { status, report };
};

/** A schedule of two connectors that are set up and one that is not, whose data may be an hour old. */
function createSchedule() {
  const tracker = createRunTracker({ text: "every 20 min", version: "1.2.3", startedAt: at(0) });
  tracker.configured(
    [
      { name: "acme", skipReason: undefined },
      { name: "feed", skipReason: undefined },
      { name: "other", skipReason: "OTHER_KEY is not set" },
    ],
    60 * 60_000,
  );
  const ask = async (path: string, minutes: number) =>
    createHealthApp(tracker, { now: () => at(minutes) }).request(path);
  return {
    tracker,
    ask,
    async health(minutes: number) {
      const answer = await ask("/health", minutes);
      return { code: answer.status, report: healthReport.parse(await answer.json()) };
    },
    metrics: async (minutes: number) => readMetrics(await (await ask("/metrics", minutes)).text()),
  };
}

test("before the first load, nothing is healthy, but the schedule is alive", async () => {
  const { tracker, ask, health } = createSchedule();
  tracker.started(at(0));
  const { code, report } = await health(1);
  expect(code).toBe(503);
  expect(report.connectors.map(({ state }) => state)).toEqual(["never", "never", "skipped"]);
  expect(report.schedule.runningSince).toEqual(at(0));
  expect((await ask("/health/live", 600)).status).toBe(200);
});

test("data is healthy until it is older than promised, and says how old it is", async () => {
  const { tracker, health } = createSchedule();
  tracker.started(at(0));
  tracker.finished({ ...endOf(reportOf("acme"), reportOf("feed")), at: at(2) });
  expect((await health(62)).code).toBe(200);
  const { code, report } = await health(62.1);
  expect(code).toBe(503);
  expect(report).toMatchObject({
    status: "unhealthy",
    schedule: { maxAgeSeconds: 3600 },
    lastRun: { status: "ok", startedAt: at(0), finishedAt: at(2) },
  });
  expect(report.connectors[0]).toMatchObject({ state: "stale", ageSeconds: 3606, lastOkAt: at(2) });
});

test("a failure does not make data older, and its reason is shown", async () => {
  const { tracker, health } = createSchedule();
  tracker.finished({ ...endOf(reportOf("acme"), reportOf("feed")), at: at(2) });
  tracker.finished({ ...endOf(reportOf("acme", "failed"), reportOf("feed")), at: at(22) });
  tracker.finished({ status: "failed", reason: "MONGO_URI cannot be reached", at: at(42) });
  const { code, report } = await health(50);
  expect(code).toBe(200);
  expect(report.lastRun).toMatchObject({ status: "failed", reason: "MONGO_URI cannot be reached" });
  expect(report.connectors).toMatchObject([
    {
      state: "fresh",
      lastOkAt: at(2),
      lastRun: { status: "failed", reason: expect.stringContaining("503") },
    },
    { state: "fresh", lastOkAt: at(22) },
    { state: "skipped", skipReason: "OTHER_KEY is not set" },
  ]);
});

test("what the database says after a restart counts", async () => {
  const { tracker, health } = createSchedule();
  tracker.stored({
    connectors: ["acme", "feed"].map((name) => ({ name, runs: [], lastOkAt: at(-30), rejected: 4 })),
    collections: [{ name: "things", documents: 10, current: 8 }],
  });
  const { code, report } = await health(0);
  expect(code).toBe(200);
  expect(report.connectors[0]).toMatchObject({ state: "fresh", ageSeconds: 1800, quarantined: 4 });
});

test("a run that is five minutes late is a hang", async () => {
  const { tracker, ask } = createSchedule();
  tracker.planned(at(20));
  expect((await ask("/health/live", 25)).status).toBe(200);
  const late = await ask("/health/live", 25.1);
  expect(late.status).toBe(503);
  expect(await late.json()).toEqual({
    status: "hanging",
    reason: "the run that was due at 2026-11-28T10:20:00.000Z has not started",
  });
});

test("answers are not cached, and other paths say what there is", async () => {
  const { ask } = createSchedule();
  expect((await ask("/health", 0)).headers.get("cache-control")).toBe("no-store");
  const other = await ask("/", 0);
  expect([other.status, await other.text()]).toEqual([404, expect.stringContaining("/metrics")]);
});

describe("metrics", () => {
  test("count what has happened since the schedule was started", async () => {
    const { tracker, metrics } = createSchedule();
    expect((await metrics(0)).get('cti_connectors_requests_total{connector="acme"}')).toBe(0);
    tracker.finished({ ...endOf(reportOf("acme"), reportOf("feed")), at: at(2) });
    tracker.finished({ ...endOf(reportOf("acme", "failed"), reportOf("feed")), at: at(22) });
    expect(Object.fromEntries(await metrics(30))).toMatchObject({
      'cti_connectors_requests_total{connector="acme"}': 6,
      'cti_connectors_retries_total{connector="acme"}': 2,
      'cti_connectors_throttled_total{connector="acme"}': 4,
      'cti_connectors_records_total{connector="feed",outcome="inserted"}': 10,
      'cti_connectors_records_total{connector="feed",outcome="rejected"}': 2,
      'cti_connectors_runs_total{outcome="ok"}': 1,
      'cti_connectors_runs_total{outcome="partial"}': 1,
      'cti_connectors_connector_runs_total{connector="acme",status="failed"}': 1,
      'cti_connectors_last_run_status{connector="acme",status="failed"}': 1,
      'cti_connectors_last_run_status{connector="acme",status="ok"}': 0,
      'cti_connectors_connector_enabled{connector="other"}': 0,
    });
  });

  test("say how old data is, what is stored and what is left of the budget", async () => {
    const { tracker, metrics } = createSchedule();
    expect([...(await metrics(0)).keys()].join()).not.toMatch(
      /age_seconds\{|quarantined|budget|documents|next_run|last_run/,
    );
    const budget = { key: "acme", quota: { requests: 50, windowMs: 600_000 }, left: 42 };
    tracker.stored({
      connectors: [{ name: "acme", runs: [], lastOkAt: at(-30), rejected: 4, budget }],
      collections: [{ name: "things", documents: 10, current: 8 }],
    });
    tracker.planned(at(20));
    expect(Object.fromEntries(await metrics(0.5))).toMatchObject({
      'cti_connectors_last_success_timestamp_seconds{connector="acme"}': at(-30).getTime() / 1000,
      'cti_connectors_data_age_seconds{connector="acme"}': 1830,
      cti_connectors_max_data_age_seconds: 3600,
      'cti_connectors_quarantined_records{connector="acme"}': 4,
      'cti_connectors_budget_remaining_requests{connector="acme"}': 42,
      'cti_connectors_budget_limit_requests{connector="acme"}': 50,
      'cti_connectors_budget_window_seconds{connector="acme"}': 600,
      'cti_connectors_documents{collection="things",state="listed"}': 8,
      'cti_connectors_documents{collection="things",state="removed"}': 2,
      cti_connectors_next_run_timestamp_seconds: at(20).getTime() / 1000,
      cti_connectors_running: 0,
      cti_connectors_healthy: 0,
    });
  });

  test.skipIf(!env.PROMETHEUS_PARSER)(
    "are what Prometheus' own parser reads (needs PROMETHEUS_PARSER)",
    async () => {
      const { tracker, ask } = createSchedule();
      tracker.finished({ ...endOf(reportOf("acme"), reportOf("feed")), at: at(2) });
      tracker.planned(at(20));
      const answer = await ask("/metrics", 10);
      expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
      const text = await answer.text();
      const script = [
        "import sys, json",
        "from prometheus_client.parser import text_string_to_metric_families as parse",
        "print(json.dumps([[m.name, m.type, m.documentation, len(m.samples)] for m in parse(sys.stdin.read())]))",
      ].join("\n");
      const output = execFileSync(env.PROMETHEUS_PARSER ?? "", ["-c", script], {
        input: text,
        encoding: "utf8",
      });
      const families: readonly [string, string, string, number][] = JSON.parse(output);
      expect(families.reduce((sum, [, , , samples]) => sum + samples, 0)).toBe(readMetrics(text).size);
      for (const [name, type, help] of families) {
        expect(name).toMatch(/^cti_connectors_/);
        expect(["gauge", "counter"]).toContain(type);
        expect(help).not.toBe("");
      }
    },
  );
});
