import { expect, test } from "vitest";
import { planEvery } from "./plan-runs.js";
import { type RunOnScheduleOptions, runOnSchedule } from "./run-on-schedule.js";

const start = Date.parse("2026-11-28T10:00:00Z");
const minute = 60_000;

/** A clock that moves only when somebody waits on it, or when it is set. */
function createFakeClock() {
  let time = start;
  return {
    now: () => new Date(time),
    async sleep(ms: number) {
      await Promise.resolve();
      time += ms;
    },
    set(ms: number) {
      time += ms;
    },
  };
}

/** Runs until so many have ended. */
async function follow(
  count: number,
  options: Partial<RunOnScheduleOptions> & {
    /** How long each run takes. */
    readonly takes?: readonly number[];
    readonly whilePlanned?: (clock: ReturnType<typeof createFakeClock>) => void;
  } = {},
) {
  const { takes = [], whilePlanned, ...rest } = options;
  const clock = createFakeClock();
  const controller = new AbortController();
  const started: string[] = [];
  const planned: string[] = [];
  const missed: number[] = [];
  let running = 0;
  const time = (at: Date) => at.toISOString().slice(11, 19);
  await runOnSchedule({
    ...{ plan: planEvery(60 * minute, new Date(start)), atOnce: true, jitterMs: 0, random: () => 0 },
    ...{ clock, signal: controller.signal },
    async run() {
      running += 1;
      expect(running).toBe(1);
      started.push(time(clock.now()));
      await clock.sleep(takes[started.length - 1] ?? minute);
      running -= 1;
      if (started.length === count) {
        controller.abort();
      }
    },
    onPlanned(at) {
      planned.push(time(at));
      whilePlanned?.(clock);
    },
    onMissed: (number) => missed.push(number),
    ...rest,
  });
  return { started, planned, missed };
}

test("runs at once, then in each interval, and says when the next one starts", async () => {
  const { started, planned, missed } = await follow(3);
  expect(started).toEqual(["10:00:00", "11:00:00", "12:00:00"]);
  expect(planned).toEqual(["11:00:00", "12:00:00"]);
  expect(missed).toEqual([]);
});

test("waits for its first time where it is asked to", async () => {
  expect((await follow(1, { atOnce: false })).started).toEqual(["11:00:00"]);
});

test("runs that are due while one goes on are skipped and counted, and never overlap", async () => {
  const { started, missed } = await follow(3, { takes: [150 * minute, 60 * minute] });
  expect(started).toEqual(["10:00:00", "13:00:00", "15:00:00"]);
  expect(missed).toEqual([2, 1]);
});

test("each run but one at the start is delayed by a share of the jitter, which does not add up", async () => {
  const shares = [0.5, 0.999, 0];
  const { started } = await follow(4, { jitterMs: 10 * minute, random: () => shares.shift() ?? 0 });
  expect(started).toEqual(["10:00:00", "11:05:00", "12:09:59", "13:00:00"]);
});

test("where the clock is set back, the next run does not wait for the old time", async () => {
  let isSet = false;
  const { started } = await follow(2, {
    whilePlanned(clock) {
      if (!isSet) {
        isSet = true;
        clock.set(-300 * minute);
      }
    },
  });
  expect(started).toEqual(["10:00:00", "06:00:00"]);
});

test("a machine that slept runs once when it wakes", async () => {
  let isSet = false;
  const { started, missed } = await follow(3, {
    whilePlanned(clock) {
      if (!isSet) {
        isSet = true;
        clock.set(200 * minute);
      }
    },
  });
  expect(started).toEqual(["10:00:00", "13:21:00", "14:00:00"]);
  expect(missed).toEqual([2]);
});

test("ends at once where it is asked to stop between two runs", async () => {
  const controller = new AbortController();
  let runs = 0;
  const ended = runOnSchedule({
    ...{ plan: planEvery(60 * minute, new Date()), atOnce: true, jitterMs: 0, random: () => 0 },
    clock: {
      now: () => new Date(),
      sleep: (_ms, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          controller.abort();
        }),
    },
    signal: controller.signal,
    run: async () => {
      runs += 1;
    },
    onPlanned: () => undefined,
    onMissed: () => undefined,
  });
  await ended;
  expect(runs).toBe(1);
});
