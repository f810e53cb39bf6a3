import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { startSandbox } from "@cti-connectors/sandbox";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { type HealthReport, healthReport } from "../../src/health/health-report.js";
import { notifying } from "../../src/notify/notifying.js";
import { runScheduled } from "../../src/schedule/run-scheduled.js";
import { readSchedule } from "../../src/schedule/schedule-options.js";
import { findSurroundings } from "../../src/settings/surroundings.js";
import { foldersIn, program } from "../../src/testing/program.js";
import { readMetrics } from "../../src/testing/read-metrics.js";
import { inDatabase } from "../../src/testing/run-process.js";
import { sandboxSettings } from "../../src/testing/sandbox-settings.js";
import { closedPort } from "../../src/testing/start-process.js";
import { startReceiver } from "../../src/testing/start-receiver.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

const midnight = Date.parse("2026-11-28T00:00:00Z");
const hour = 3_600_000;

// Only the clock is not real: upstreams, HTTP, the database and its files are.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: midnight });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a day of hourly runs with three outages and a restart: health and metrics are right at each step, and two notifications are sent", async () => {
  const day = await startDay();
  // All upstreams are down for two hours, ThreatFox for four, and another process has the database for two.
  day.at(3.5, () => day.breakUpstreams("taxii", "threatfox"));
  day.at(5.5, () => day.repairUpstreams());
  day.at(8.5, () => day.breakUpstreams("threatfox"));
  day.at(12.5, () => day.repairUpstreams());
  day.at(16.5, () => day.holdDatabase());
  day.at(18.5, () => day.releaseDatabase());

  await day.follow(14.75);
  await day.follow(23.5);

  // After each run and half an hour later: the status of /health, and the age of ATT&CK and of ThreatFox in minutes. 180 are allowed.
  expect(day.lines).toEqual([
    "00:00 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "01:00 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "02:00 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "03:00 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "04:00 failed: 200 fresh 60, fresh 60; 200 fresh 90, fresh 90",
    "05:00 failed: 200 fresh 120, fresh 120; 200 fresh 150, fresh 150",
    "06:00 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "07:00 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "08:00 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "09:00 partial: 200 fresh 0, fresh 60; 200 fresh 30, fresh 90",
    "10:00 partial: 200 fresh 0, fresh 120; 200 fresh 30, fresh 150",
    "11:00 partial: 200 fresh 0, fresh 180; 503 fresh 30, stale 210",
    "12:00 partial: 503 fresh 0, stale 240; 503 fresh 30, stale 270",
    "13:00 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "14:00 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "14:45 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "15:45 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "16:45 failed: 200 fresh 60, fresh 60; 200 fresh 90, fresh 90",
    "17:45 failed: 200 fresh 120, fresh 120; 200 fresh 150, fresh 150",
    "18:45 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "19:45 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "20:45 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "21:45 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
    "22:45 ok: 200 fresh 0, fresh 0; 200 fresh 30, fresh 30",
  ]);
  // ThreatFox fails for the third time in a row. That its data is older than three hours an hour later is no news.
  expect(day.notifications()).toEqual(["11:00 failing threatfox", "13:00 failing threatfox resolved"]);
  expect(day.runningAtRequests).not.toContain(false);
  // The first run after the restart knows what is stored before it sends a request.
  expect(day.statesAtRequests.get("14:45")).toEqual(new Set(["fresh"]));
  expect(existsSync(day.healthFile)).toBe(false);
  // Two runs could not open the database. No others are missing, and none has started before the last one ended.
  const runs = await inDatabase({ folder: day.folder }, (database) =>
    database.collection("etl_runs").find().sort({ started_at: 1 }).toArray(),
  );
  const times = runs.map(({ started_at }) => new Date(started_at).toISOString().slice(11, 16));
  const unrecorded = ["16:45", "17:45"];
  expect(times).toEqual(
    day.lines.map((line) => line.slice(0, 5)).filter((time) => !unrecorded.includes(time)),
  );
  for (const [index, { finished_at }] of runs.slice(0, -1).entries()) {
    expect(Number(finished_at)).toBeLessThanOrEqual(Number(runs[index + 1]?.started_at));
  }
}, 240_000);

/** Upstreams, a database in a folder, and a clock that moves when the schedule waits on it. */
async function startDay() {
  const folder = temporaryFolder();
  const healthFile = join(folder, "health.json");
  const database = join(folder, "database");
  const port = await closedPort();
  const receiver = await startReceiver();
  const asked: Promise<HealthReport>[] = [];
  const runningAtRequests: boolean[] = [];
  const statesAtRequests = new Map<string, Set<string>>();
  const sandbox = await startSandbox({ quota: null, onAnswer: () => asked.push(askHealth()) });
  onTestFinished(() => sandbox.close());
  const events: { readonly time: number; readonly happen: () => unknown }[] = [];
  const repairs: (() => unknown)[] = [];
  const lines: string[] = [];
  let holder: Awaited<ReturnType<typeof startEmbeddedMongo>> | undefined;
  let runs = 0;

  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const askHealth = async () => healthReport.parse(await (await get("/health")).json());

  /** Compares what the port and the file say, and describes it. */
  async function look(): Promise<string> {
    for (const report of await Promise.all(asked.splice(0))) {
      runningAtRequests.push(report.schedule.runningSince !== undefined);
      const time = report.at.toISOString().slice(11, 16);
      const states = statesAtRequests.get(time) ?? new Set();
      statesAtRequests.set(time, states);
      for (const { state } of report.connectors.slice(0, 2)) {
        states.add(state);
      }
    }
    const answer = await get("/health");
    const report = healthReport.parse(await answer.json());
    const metrics = readMetrics(await (await get("/metrics")).text());
    expect((await get("/health/live")).status).toBe(200);
    expect(report.schedule.runningSince).toBeUndefined();
    expect(metrics.get("cti_connectors_running")).toBe(0);
    expect(metrics.get("cti_connectors_healthy")).toBe(answer.status === 200 ? 1 : 0);
    expect(metrics.get("cti_connectors_next_run_timestamp_seconds")).toBe(
      (report.schedule.nextRunAt?.getTime() ?? 0) / 1000,
    );
    expect(report.schedule.nextRunAt?.getTime()).toBe((report.lastRun?.startedAt.getTime() ?? 0) + hour);
    const states = report.connectors.map(({ name, state, lastOkAt, ageSeconds = -1, lastRun }) => {
      const labels = `{connector="${name}"}`;
      expect(metrics.get(`cti_connectors_data_age_seconds${labels}`)).toBe(ageSeconds);
      expect(ageSeconds).toBe((Date.now() - (lastOkAt?.getTime() ?? 0)) / 1000);
      expect(metrics.get(`cti_connectors_last_run_status{connector="${name}",status="failed"}`)).toBe(
        lastRun?.status === "failed" ? 1 : 0,
      );
      return `${state} ${ageSeconds / 60}`;
    });
    return `${answer.status} ${states.join(", ")}`;
  }

  /** The file is written while the schedule goes on. */
  async function fileShows(lastRun: HealthReport["lastRun"]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const report = healthReport.parse(JSON.parse(readFileSync(healthFile, "utf8")));
      if (attempt === 500 || isDeepStrictEqual(report.lastRun, lastRun)) {
        expect(report.lastRun).toEqual(lastRun);
        return;
      }
      await delay(20);
    }
  }

  async function observe(startedAt: number): Promise<void> {
    const sinceRun = (Date.now() - startedAt) % hour;
    if (sinceRun === 0) {
      const seen = await look();
      const { lastRun } = await askHealth();
      runs += 1;
      const counts = readMetrics(await (await get("/metrics")).text());
      const outcomes = ["ok", "partial", "failed", "interrupted", "skipped"].map(
        (outcome) => counts.get(`cti_connectors_runs_total{outcome="${outcome}"}`) ?? Number.NaN,
      );
      expect(outcomes.reduce((sum, count) => sum + count, 0)).toBe(runs);
      lines.push(`${new Date().toISOString().slice(11, 16)} ${lastRun?.status}: ${seen}`);
    } else if (sinceRun === hour / 2) {
      lines.push(`${lines.pop()}; ${await look()}`);
      await fileShows((await askHealth()).lastRun);
    }
  }

  async function pass(ms: number): Promise<void> {
    const until = Date.now() + ms;
    for (const event of events.filter(({ time }) => time > Date.now() && time <= until)) {
      await event.happen();
    }
    vi.setSystemTime(until);
  }

  return {
    folder,
    healthFile,
    lines,
    runningAtRequests,
    statesAtRequests,
    notifications: () =>
      receiver
        .notifications()
        .map(({ time, event, connector, resolved }) =>
          [time.slice(11, 16), event, connector, ...(resolved ? ["resolved"] : [])].join(" "),
        ),
    at(hours: number, happen: () => unknown) {
      events.push({ time: midnight + hours * hour, happen });
    },
    breakUpstreams(...upstreams: readonly ("taxii" | "threatfox")[]) {
      for (const upstream of upstreams) {
        const answer = { kind: "status", status: 503 } as const;
        repairs.push(sandbox.addFault({ upstream, times: Number.MAX_SAFE_INTEGER, answer }));
      }
    },
    repairUpstreams() {
      for (const repair of repairs.splice(0)) {
        repair();
      }
    },
    async holdDatabase() {
      holder = await startEmbeddedMongo({ path: database, purpose: "mongo" });
    },
    async releaseDatabase() {
      await holder?.close();
    },
    /** Runs a schedule until that hour of the day. */
    async follow(until: number): Promise<void> {
      const controller = new AbortController();
      const startedAt = Date.now();
      const schedule = readSchedule({ every: hour, jitter: 0 }, new Date());
      runs = 0;
      if (schedule === undefined) {
        throw new Error("there is no schedule");
      }
      const surroundings = await findSurroundings(program, {
        processEnvironment: {
          ...sandboxSettings(sandbox),
          ...{ DATA_DIR: database, LOG_LEVEL: "silent", HTTP_RETRIES: "0", NOTIFY_URL: receiver.url },
        },
        currentFolder: folder,
        folders: foldersIn(folder),
      });
      const { signal } = controller;
      await runScheduled({
        ...{ schedule, surroundings, signal },
        asked: {
          ...{ chosen: program.connectors, options: {}, asked: {} },
          ...notifying(program.command, { signal, isScheduled: true }),
        },
        health: { healthPort: port, healthFile },
        terminal: { print: () => undefined, say: () => undefined },
        clock: {
          now: () => new Date(),
          async sleep(ms, signal) {
            await observe(startedAt);
            await pass(ms);
            if (Date.now() >= midnight + until * hour) {
              controller.abort();
            }
            signal.throwIfAborted();
          },
        },
      });
    },
  };
}
