import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { createLogger } from "@cti-connectors/core/host";
import { expect, onTestFinished, test } from "vitest";
import { healthReport } from "../health/health-report.js";
import { createRunTracker } from "../health/run-tracker.js";
import { UsageError } from "../process/exit-status.js";
import { createRunView } from "../progress/run-view.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { openHealth } from "./open-health.js";

const startedAt = new Date("2026-11-28T10:00:00Z");

function options(folder: string) {
  const said: string[] = [];
  const tracker = createRunTracker({ text: "every 1 h", version: "1.2.3", startedAt });
  const clock = { now: () => new Date(), sleep: async () => undefined };
  const config = { LOG_LEVEL: "info", LOG_FORMAT: "text" } as const;
  const log = createLogger({ destination: { write: (line) => said.push(line) } });
  const view = createRunView({
    ...{ watched: false, config, secrets: [] },
    terminal: { print: () => undefined, say: () => undefined },
  });
  return { tracker, clock, folder, view: { ...view, log, say: (text: string) => said.push(text) }, said };
}

test("the file is there from the start, is replaced in one step, and is removed at the end", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "health.json");
  const given = options(folder);
  const health = await openHealth({ healthFile: "health.json" }, given);
  const read = () => healthReport.parse(JSON.parse(readFileSync(path, "utf8")));
  expect(read().schedule.text).toBe("every 1 h");
  // A probe may run as another user.
  expect(statSync(path).mode & 0o444).toBe(0o444);

  const seen: boolean[] = [];
  const watcher = watch(folder, () => seen.push(existsSync(path)));
  onTestFinished(() => watcher.close());
  for (let hour = 1; hour <= 20; hour += 1) {
    given.tracker.planned(new Date(startedAt.getTime() + hour * 3_600_000));
    const written = health.update();
    expect(() => read()).not.toThrow();
    await written;
    expect(read().schedule.nextRunAt?.getUTCHours()).toBe((10 + hour) % 24);
  }
  expect(seen).not.toContain(false);
  expect(readdirSync(folder)).toEqual(["health.json"]);
  await health.close();
  expect(readdirSync(folder)).toEqual([]);
});

test.skipIf(!existsSync("/dev/null"))("a device in place of the file is still there at the end", async () => {
  const folder = temporaryFolder();
  symlinkSync("/dev/null", join(folder, "health.json"));
  const health = await openHealth({ healthFile: "health.json" }, options(folder));
  await health.update();
  await health.close();
  expect(readdirSync(folder)).toEqual(["health.json"]);
});

test("a file of something else is neither replaced nor removed, and an old health file is", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "notes.json");
  for (const text of ["important", '{"status":"healthy"}']) {
    writeFileSync(path, text);
    await expect(openHealth({ healthFile: "notes.json" }, options(folder))).rejects.toThrow(
      `${path} is not the health file of a schedule`,
    );
    expect(readFileSync(path, "utf8")).toBe(text);
  }
  const given = options(folder);
  writeFileSync(path, JSON.stringify(given.tracker.read(startedAt).report));
  const health = await openHealth({ healthFile: "notes.json" }, given);
  writeFileSync(path, "important");
  await health.close();
  expect(readFileSync(path, "utf8")).toBe("important");
});

test("a file that can no longer be written is logged, and does not end the schedule", async () => {
  const folder = temporaryFolder();
  const given = options(folder);
  const health = await openHealth({ healthFile: "sub/../health.json" }, given);
  await health.update();
  rmSync(folder, { recursive: true });
  await health.update();
  expect(given.said.join()).toContain("the health file could not be written");
  mkdirSync(folder);
  await health.update();
  expect(existsSync(join(folder, "health.json"))).toBe(true);
  await health.close();
});

test("a file where none can be, and a port that is taken, are wrong usage", async () => {
  const folder = temporaryFolder();
  await expect(openHealth({ healthFile: "missing/health.json" }, options(folder))).rejects.toThrow(
    UsageError,
  );
  writeFileSync(join(folder, "file"), "");
  await expect(openHealth({ healthFile: "file/health.json" }, options(folder))).rejects.toThrow(UsageError);

  const given = options(folder);
  const first = await openHealth({ healthPort: 0 }, given);
  const port = Number(/127\.0\.0\.1:(\d+)\/health/.exec(given.said.join())?.[1]);
  await expect(openHealth({ healthPort: port }, options(folder))).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is taken by another process: choose another one with --health-port`,
  );
  await first.close();
  await (await openHealth({ healthPort: port }, options(folder))).close();
});

test("on loopback, a web page that has its own name lead here is not answered", async () => {
  const given = options(temporaryFolder());
  const health = await openHealth({ healthPort: 0 }, given);
  onTestFinished(() => health.close());
  const { origin, port } = new URL(/http:\S+(?=\/health,)/.exec(given.said.join())?.[0] ?? "");
  const statusFor = (host: string) =>
    new Promise((resolve, reject) => {
      get(`${origin}/health/live`, { headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on("error", reject);
    });
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
    expect([host, await statusFor(host)]).toEqual([host, 200]);
  }
  for (const host of [`rebound.example:${port}`, "127.0.0.1.example", "localhost.example"]) {
    expect([host, await statusFor(host)]).toEqual([host, 421]);
  }
});

test("an address that this machine does not have is wrong usage", async () => {
  await expect(
    openHealth({ healthPort: 0, healthHost: "192.0.2.1" }, options(temporaryFolder())),
  ).rejects.toThrow("Health cannot be served on port 0 of 192.0.2.1 (--health-port, --health-host): ");
});

test("a file that cannot be used leaves no port open", async () => {
  const folder = temporaryFolder();
  const given = options(folder);
  const probe = await openHealth({ healthPort: 0 }, given);
  const port = Number(/127\.0\.0\.1:(\d+)\/health/.exec(given.said.join())?.[1]);
  await probe.close();
  const both = { healthPort: port, healthFile: "missing/health.json" };
  await expect(openHealth(both, options(folder))).rejects.toThrow("there is no folder");
  await (await openHealth({ healthPort: port }, options(folder))).close();
});
