import { Cron } from "croner";
import { UsageError } from "../process/exit-status.js";
import { endSentence, formatCount, formatSpan } from "../text/format.js";

/** When runs are due. */
export interface SchedulePlan {
  /** For people: `every 1h`, `cron "15 * * * *" in Europe/Berlin`. */
  readonly text: string;
  /** The shortest time between two runs. */
  readonly shortestGapMs: number;
  /** The longest one. */
  readonly longestGapMs: number;
  /** The first time after this one at which a run is due. */
  next(after: Date): Date;
}

/**
 * A run in each interval.
 *
 * @param startedAt when the first one is due
 */
export function planEvery(intervalMs: number, startedAt: Date): SchedulePlan {
  const start = startedAt.getTime();
  return {
    text: `every ${formatSpan(intervalMs)}`,
    shortestGapMs: intervalMs,
    longestGapMs: intervalMs,
    next: (after) => new Date(start + (Math.floor((after.getTime() - start) / intervalMs) + 1) * intervalMs),
  };
}

/** How many runs are compared to find the time between two: a year of weekdays. */
const comparedRuns = 400;
/** At least the runs of so long are compared: every night and weekend is among them, however often runs are due. */
const comparedMs = 8 * 86_400_000;

/**
 * Runs at the times of a cron expression. Where clocks go forward, a run at a time that is left out is due right after the change;
 * where they go back, a run at a fixed time is due once.
 *
 * @param options `timeZone`: an IANA name; default: that of the process, which `TZ` sets
 * @throws UsageError where the expression or the time zone cannot be used, or no run is ever due
 */
export function planCron(
  expression: string,
  { timeZone, now }: { readonly timeZone?: string | undefined; readonly now: Date },
): SchedulePlan {
  const zone = timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  assertTimeZone(zone);
  const cron = parseCron(expression, zone);
  const next = (after: Date): Date => {
    const due = cron.nextRun(after);
    if (due === null) {
      throw new UsageError(`--cron "${expression}" has no time in the future.`);
    }
    return due;
  };
  next(now);
  const times = findTimes(cron, now);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
  return {
    text: `cron "${expression}" in ${zone}`,
    // One that is due a single time has no other.
    shortestGapMs: Math.min(Number.MAX_SAFE_INTEGER, ...gaps),
    longestGapMs: Math.max(0, ...gaps),
    next,
  };
}

function findTimes(cron: Cron, now: Date): number[] {
  const times = cron.nextRuns(comparedRuns, now).map((at) => at.getTime());
  const until = now.getTime() + comparedMs;
  for (let last = times.at(-1); last !== undefined && last < until; ) {
    last = cron.nextRun(new Date(last))?.getTime();
    if (last !== undefined) {
      times.push(last);
    }
  }
  return times;
}

const cronFields =
  'minute, hour, day of the month, month, day of the week, such as "15 * * * *" for a quarter past every hour.';

function parseCron(expression: string, timezone: string): Cron {
  try {
    return new Cron(expression, { timezone, paused: true, mode: "5-part" });
  } catch (error) {
    const fields = expression.split(/\s+/).filter((field) => field !== "").length;
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error);
    const message =
      fields === 5
        ? `cannot be used: ${endSentence(reason)} The five fields are ${cronFields}`
        : `has ${formatCount(fields, "field")}, but needs five: ${cronFields}`;
    throw new UsageError(`--cron "${expression}" ${message}`, { cause: error });
  }
}

function assertTimeZone(name: string): void {
  try {
    Intl.DateTimeFormat("en-US", { timeZone: name });
  } catch (error) {
    throw new UsageError(
      `--timezone ${name} is not a time zone. Use an IANA name, such as UTC or Europe/Berlin.`,
      { cause: error },
    );
  }
}

/** How many runs were due after one time, until another. */
export function countDue(plan: SchedulePlan, after: Date, until: Date): number {
  let count = 0;
  for (let due = plan.next(after); due <= until; due = plan.next(due)) {
    count += 1;
  }
  return count;
}
