import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { healthReport } from "../../src/health/health-report.js";
import { readMetrics } from "../../src/testing/read-metrics.js";
import { sandboxSettings } from "../../src/testing/sandbox-settings.js";
import { closedPort, type StartedProcess, seen, startProcess } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

async function startUpstreams() {
  const sandbox = await startSandbox({ quota: null });
  onTestFinished(() => sandbox.close());
  return sandboxSettings(sandbox);
}

/** Where a schedule serves its health. */
async function originOf(schedule: StartedProcess): Promise<string> {
  const text = await seen(schedule, "stderr", /http:\S+\/health,/);
  return /(http:\S+)\/health,/.exec(text)?.[1] ?? "";
}

test("a schedule takes new secrets, outlives wrong settings, leaves the database free between runs, and ends with 0", async () => {
  const { THREATFOX_API_KEY, ...env } = await startUpstreams();
  const folder = temporaryFolder();
  const keyFile = join(folder, "key");
  writeFileSync(keyFile, `${THREATFOX_API_KEY.replaceAll(/./g, "0")}\n`);
  const schedule = startProcess(
    ["run", "threatfox", "--every", "5s", "--jitter", "0", "--json", "--health-file", "health.json"],
    { folder, env: { ...env, THREATFOX_API_KEY_FILE: keyFile, HTTP_RETRIES: "0", MAX_DATA_AGE: "1h" } },
  );
  await seen(schedule, "stderr", /connector failed: /);
  writeFileSync(keyFile, THREATFOX_API_KEY);
  await seen(schedule, "stderr", /connector finished /);
  rmSync(keyFile);
  await seen(schedule, "stderr", /the run failed; the schedule continues: .*THREATFOX_API_KEY_FILE/);
  writeFileSync(keyFile, THREATFOX_API_KEY);
  await seen(schedule, "stderr", /connector finished .*Next run at /s);

  const [status, health] = await Promise.all([
    startProcess(["status", "--json"], { folder, env: { ...env, THREATFOX_API_KEY } }),
    startProcess(["health", "--file", "health.json"], { folder }),
  ]);
  expect(JSON.parse(status.stdout)).toMatchObject({ store: { kind: "embedded" } });
  expect(health.stdout).toMatch(/^healthy \(every 5 s, .*\n {2}threatfox: fresh, loaded /);
  expect(health.exitCode).toBe(0);

  schedule.kill("SIGTERM");
  const { exitCode, stdout, stderr } = await schedule;
  expect(exitCode, stderr).toBe(0);
  const reports = stdout.split("\n").map((line) => JSON.parse(line).status);
  expect(reports[0]).toBe("failed");
  expect(reports).toContain("ok");
  expect(existsSync(join(folder, "health.json"))).toBe(false);
  expect((await startProcess(["health", "--file", "health.json"], { folder })).exitCode).toBe(1);
});

test("asked to stop in a run, it saves and ends with 0; health and metrics answer meanwhile", async () => {
  const folder = temporaryFolder();
  // The third request waits for the rest of the budget.
  const env = { ...(await startUpstreams()), MITRE_REQUEST_BUDGET: "2/600" };
  const schedule = startProcess(["run", "mitre-taxii", "--every", "1h", "--health-port", "0"], {
    folder,
    env,
  });
  const waiting = seen(schedule, "stderr", /waiting: /);
  const origin = await originOf(schedule);
  await waiting;

  const answer = await fetch(`${origin}/health`);
  const report = healthReport.parse(await answer.json());
  expect([answer.status, report.connectors[0]?.state]).toEqual([503, "never"]);
  expect(report.schedule.runningSince).toBeInstanceOf(Date);
  expect((await fetch(`${origin}/health/live`)).status).toBe(200);
  const metrics = readMetrics(await (await fetch(`${origin}/metrics`)).text());
  expect(metrics.get("cti_connectors_running")).toBe(1);

  schedule.kill("SIGTERM");
  const { exitCode, stdout, stderr } = await schedule;
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toBe("");
  expect(stderr).toContain("Finishing the current page, then saving.");
  expect(stderr).toContain("The schedule has stopped.");
  const status = await startProcess(["status", "--json"], { folder, env });
  expect(JSON.parse(status.stdout).connectors[0].runs).toMatchObject([{ status: "interrupted" }]);
});

test("a database that is down does not end it, health says why, and no secret is shown", async () => {
  const port = await closedPort();
  const schedule = startProcess(["run", "--every", "1s", "--jitter", "0", "--health-port", "0"], {
    folder: temporaryFolder(),
    env: {
      ...(await startUpstreams()),
      MONGO_URI: `mongodb://reader:hunter2-hunter2@127.0.0.1:${port}/?serverSelectionTimeoutMS=200`,
    },
  });
  const failedTwice = seen(schedule, "stderr", /the run failed; .*Next run at .*the run failed; .*Next run/s);
  const origin = await originOf(schedule);
  await failedTwice;
  const answer = await fetch(`${origin}/health`);
  const health = await answer.text();
  expect(answer.status).toBe(503);
  expect(healthReport.parse(JSON.parse(health)).lastRun).toMatchObject({
    status: "failed",
    reason: expect.stringContaining(`127.0.0.1:${port}`),
  });
  const metrics = await (await fetch(`${origin}/metrics`)).text();
  expect(readMetrics(metrics).get('cti_connectors_runs_total{outcome="failed"}')).toBeGreaterThanOrEqual(2);

  schedule.kill("SIGINT");
  const { exitCode, stderr } = await schedule;
  expect(exitCode, stderr).toBe(0);
  expect(health + metrics + stderr).not.toContain("hunter2");
});

test("wrong settings, and a port that is taken, end it before the first run, exit status 2", async () => {
  const folder = temporaryFolder();
  const env = await startUpstreams();
  const port = new URL(env.API_URL).port;
  const [taken, wrong] = await Promise.all([
    startProcess(["run", "--every", "1h", "--health-port", port], { folder, env }),
    startProcess(["run", "--cron", "15 * * * *"], { folder, env: { ...env, LOG_FORMAT: "xml" } }),
  ]);
  expect(taken.stderr).toMatch(
    `Port ${port} of 127.0.0.1 is taken by another process: choose another one with --health-port`,
  );
  expect(wrong.stderr).toContain("LOG_FORMAT must be text or json");
  expect([taken.exitCode, wrong.exitCode]).toEqual([2, 2]);
  expect(existsSync(join(folder, "database"))).toBe(false);
});
