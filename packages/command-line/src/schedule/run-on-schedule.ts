import { countDue, type SchedulePlan } from "./plan-runs.js";

/** The clock that a schedule goes by. */
export interface Clock {
  now(): Date;
  /** Waits. Rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface RunOnScheduleOptions {
  readonly plan: SchedulePlan;
  /** Whether the first run starts at once, and not when the plan says. */
  readonly atOnce: boolean;
  /** Each run that waits for its time starts up to this much later, at random. */
  readonly jitterMs: number;
  /** From 0 to less than 1. */
  readonly random: () => number;
  readonly clock: Clock;
  /** When it aborts, a run that goes on is to end, and none is started. */
  readonly signal: AbortSignal;
  /** Loads once. */
  readonly run: () => Promise<void>;
  /** Called when it is known when the next run starts. */
  readonly onPlanned: (at: Date) => void;
  /** Called with how many runs were due while one went on, or while the machine slept. They are skipped. */
  readonly onMissed: (count: number) => void;
}

/** The clock is looked at so often: it may be set, and a machine may sleep. */
const longestSleepMs = 60_000;

/**
 * Starts runs when they are due, one at a time, until the signal aborts.
 *
 * @throws what `run` throws
 */
export async function runOnSchedule(options: RunOnScheduleOptions): Promise<void> {
  const { plan, atOnce, clock, signal, run, onMissed } = options;
  let due = atOnce ? clock.now() : await waitForNext(options);
  while (due !== undefined) {
    await run();
    if (signal.aborted) {
      return;
    }
    const missed = countDue(plan, due, clock.now());
    if (missed > 0) {
      onMissed(missed);
    }
    due = await waitForNext(options);
  }
}

/** @returns when the run was due, once it is to start; undefined where the signal aborts meanwhile */
async function waitForNext(options: RunOnScheduleOptions): Promise<Date | undefined> {
  const { plan, jitterMs, random, clock, signal, onPlanned } = options;
  for (;;) {
    const due = plan.next(clock.now());
    const startsAt = new Date(due.getTime() + Math.floor(random() * jitterMs));
    onPlanned(startsAt);
    if ((await waitUntil(startsAt, due, options)) === "reached") {
      return due;
    }
    if (signal.aborted) {
      return undefined;
    }
  }
}

/** @returns `set-back` where the clock was set to a time before which another run is due */
async function waitUntil(
  startsAt: Date,
  due: Date,
  { plan, clock, signal }: RunOnScheduleOptions,
): Promise<"reached" | "set-back" | "aborted"> {
  for (;;) {
    if (signal.aborted) {
      return "aborted";
    }
    const now = clock.now();
    const leftMs = startsAt.getTime() - now.getTime();
    if (leftMs <= 0) {
      return "reached";
    }
    if (plan.next(now) < due) {
      return "set-back";
    }
    await clock.sleep(Math.min(leftMs, longestSleepMs), signal).catch((error: unknown) => {
      if (!signal.aborted) {
        throw error;
      }
    });
  }
}
