import { expect, test } from "vitest";
import { UsageError } from "../process/exit-status.js";
import { readSchedule } from "./schedule-options.js";

const now = new Date("2026-11-28T10:00:00Z");
const hour = 3_600_000;

test("without --every and --cron there is no schedule", () => {
  expect(readSchedule({ json: true }, now)).toBeUndefined();
});

test.each([
  [{ every: hour }, true, hour / 12],
  [{ every: hour / 4 }, true, hour / 40],
  [{ every: hour, jitter: 0 }, true, 0],
  [{ cron: "0 * * * *", timezone: "UTC" }, false, hour / 12],
  [{ cron: "0 * * * *", timezone: "UTC", now: true, jitter: hour / 2 }, true, hour / 2],
])("%j: at once %s, jitter %d ms", (options, atOnce, jitterMs) => {
  expect(readSchedule(options, now)).toMatchObject({ atOnce, jitterMs });
});

test.each([
  [
    { jitter: 1, healthFile: "x" },
    '--jitter, --health-file need a schedule: --every 1h, or --cron "15 * * * *"',
  ],
  [{ now: true }, "--now needs a schedule"],
  [{ every: hour, cron: "0 * * * *" }, "use one of them"],
  [{ every: hour, now: true }, "--timezone and --now need --cron"],
  [{ every: hour, jitter: hour }, "--jitter 1 h must be shorter than the time between two runs (1 h)"],
  [{ every: hour, healthHost: "0.0.0.0" }, "--health-host needs --health-port"],
  [{ cron: "x" }, "has 1 field, but needs five"],
  [{ every: hour, demo: true }, "--demo"],
  [{ every: hour, dryRun: true }, "--dry-run"],
  [{ cron: "0 * * * *", full: true }, "--full"],
  [{ every: hour, acceptRemovals: true }, "--accept-removals"],
])("%j is refused", (options, message) => {
  expect(() => readSchedule(options, now)).toThrow(UsageError);
  expect(() => readSchedule(options, now)).toThrow(message);
});
