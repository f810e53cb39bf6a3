import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { serveOnLoopback } from "@cti-connectors/sandbox";
import { Hono } from "hono";
import { bearerAuth } from "hono/bearer-auth";
import { expect, onTestFinished, test } from "vitest";
import { createHealthApp } from "../health/create-health-app.js";
import { createRunTracker } from "../health/run-tracker.js";
import { UsageError } from "../process/exit-status.js";
import { closedPort } from "../testing/start-process.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { type HealthCommandOptions, healthCommand } from "./health-command.js";

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

/** A schedule whose last load ended so many minutes ago, and that may be an hour old. */
function trackedLoad(finishedAt: Date) {
  const tracker = createRunTracker({ text: "every 20 min", version: "1.2.3", startedAt: minutesAgo(600) });
  tracker.configured([{ name: "acme", skipReason: undefined }], 3_600_000);
  tracker.finished({
    status: "ok",
    at: finishedAt,
    report: {
      ...{ runId: "1", status: "ok", store: { kind: "embedded", db: "x" } },
      connectors: [
        {
          ...{ name: "acme", status: "ok", requests: 1, retries: 0, throttled: 0, seconds: 1, steps: [] },
        },
      ],
    },
  });
  return tracker;
}

async function ask(options: HealthCommandOptions, environment = {}) {
  const folder = temporaryFolder();
  const printed: string[] = [];
  const terminal = { print: (text: string) => printed.push(text), say: () => undefined };
  const status = await healthCommand(options, { folder, environment }, terminal);
  return { status, text: printed.join("\n") };
}

/** A health file as it was at a time. */
function fileOf(tracker: ReturnType<typeof trackedLoad>, at: Date): string {
  const path = join(temporaryFolder(), "health.json");
  writeFileSync(path, JSON.stringify(tracker.read(at).report));
  return path;
}

test("fresh data is healthy", async () => {
  const { status, text } = await ask({ file: fileOf(trackedLoad(minutesAgo(50)), new Date()) });
  expect(text).toBe("healthy (every 20 min, no run is planned)\n  acme: fresh, loaded 50 minutes ago");
  expect(status).toBe(0);
});

test("data that has grown too old since the file was written is unhealthy, but the schedule is alive", async () => {
  const file = fileOf(trackedLoad(minutesAgo(61)), minutesAgo(1.5));
  const { status, text } = await ask({ file });
  expect(text).toContain("unhealthy (every 20 min");
  expect(text).toContain("acme: stale, loaded 1 hour ago, more than 1 h");
  expect(status).toBe(1);
  expect(await ask({ file, live: true })).toMatchObject({ status: 0, text: expect.stringMatching(/^alive/) });
});

test("a file that is no longer written, or is not there, is unhealthy in any case", async () => {
  const file = fileOf(trackedLoad(minutesAgo(10)), minutesAgo(2.1));
  for (const live of [true, false]) {
    const { status, text } = await ask({ file, live });
    expect(text).toMatch(/was last written 126 s ago: the schedule has ended or hangs$/);
    expect(status).toBe(1);
    expect(await ask({ file: "nothing.json", live })).toMatchObject({
      status: 1,
      text: expect.stringMatching(/there is no file .*nothing\.json/),
    });
  }
});

test("a run that does not start in time is a hang", async () => {
  const tracker = trackedLoad(minutesAgo(30));
  tracker.planned(minutesAgo(6));
  const { status, text } = await ask({ file: fileOf(tracker, new Date()), live: true });
  expect(text).toMatch(/^unhealthy: the run that was due at .* has not started/);
  expect(status).toBe(1);
});

test("a file of something else is unhealthy", async () => {
  const path = join(temporaryFolder(), "x.json");
  for (const text of ["", "{}", '{"status":"healthy"}']) {
    writeFileSync(path, text);
    expect((await ask({ file: path })).text).toContain("was not written by run --health-file");
  }
});

test("a port is asked as a file is", async () => {
  const server = await serveOnLoopback((request) =>
    createHealthApp(trackedLoad(minutesAgo(61))).fetch(request),
  );
  onTestFinished(() => server.close());
  const port = Number(new URL(server.url).port);
  expect(await ask({ port })).toMatchObject({ status: 1, text: expect.stringContaining("acme: stale") });
  expect(await ask({ port, live: true })).toMatchObject({ status: 0 });
  expect(JSON.parse((await ask({ port, json: true })).text)).toMatchObject({ status: "unhealthy" });
});

test("a port that wants a token is sent SERVE_TOKEN, and what to set is said where it wants another", async () => {
  const app = new Hono().use(bearerAuth({ token: "correct-horse" }));
  app.route("/", createHealthApp(trackedLoad(minutesAgo(10))));
  const server = await serveOnLoopback((request) => app.fetch(request));
  onTestFinished(() => server.close());
  const port = Number(new URL(server.url).port);
  const refused = await ask({ port });
  expect(refused).toMatchObject({ status: 1, text: expect.stringMatching(/401: set SERVE_TOKEN/) });
  const wrong = await ask({ port }, { SERVE_TOKEN: "wrong-horse" });
  expect(wrong).toMatchObject({
    status: 1,
    text: expect.stringMatching(/401: it does not accept SERVE_TOKEN/),
  });
  expect(wrong.text).not.toContain("horse");
  expect(await ask({ port }, { SERVE_TOKEN: "correct-horse" })).toMatchObject({ status: 0 });
});

test("a port that fetch keeps away from is asked, too", async () => {
  const { text } = await ask({ port: 6000 });
  expect(text).not.toContain("bad port");
  expect(text).toMatch(/^unhealthy: http:\/\/127\.0\.0\.1:6000\/health (?:does not answer: E|is not)/);
});

test("a port where nothing listens is unhealthy", async () => {
  const port = await closedPort();
  expect(await ask({ port })).toEqual({
    status: 1,
    text: `unhealthy: http://127.0.0.1:${port}/health does not answer: ECONNREFUSED`,
  });
});

test("one of file and port must be named", async () => {
  await expect(ask({})).rejects.toThrow(UsageError);
  await expect(ask({ file: "x", port: 1 })).rejects.toThrow(UsageError);
});
