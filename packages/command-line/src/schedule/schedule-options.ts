import { UsageError } from "../process/exit-status.js";
import type { RunOptions } from "../run/run-once.js";
import { formatSpan } from "../text/format.js";
import { planCron, planEvery, type SchedulePlan } from "./plan-runs.js";

/** The options of a run that is repeated. */
export interface ScheduleOptions {
  /** The interval, in milliseconds. */
  readonly every?: number;
  /** A cron expression of five fields. */
  readonly cron?: string;
  /** The IANA name of the time zone of `cron`. */
  readonly timezone?: string;
  /** Run once at the start, and then when `cron` says. */
  readonly now?: boolean;
  /** The longest random delay of a run, in milliseconds. */
  readonly jitter?: number;
  readonly healthFile?: string;
  readonly healthPort?: number;
  readonly healthHost?: string;
}

export interface Schedule {
  readonly plan: SchedulePlan;
  readonly atOnce: boolean;
  readonly jitterMs: number;
}

const longestDefaultJitterMs = 5 * 60_000;

/** Options that mean one run. */
const onlyOnce = {
  demo: "--demo empties its database each time: run it without a schedule.",
  dryRun: "--dry-run writes nothing, so that there is nothing to keep current: run it without a schedule.",
  full: "--full would load everything again in each run: run it once, then start the schedule without it.",
  acceptRemovals:
    "--accept-removals would switch the check of removals off for good: run it once, then start the schedule without it, or set MAX_REMOVED_SHARE=0.",
} as const satisfies Partial<Record<keyof RunOptions, string>>;

/**
 * Reads when to run. Undefined: once, and now.
 *
 * @throws UsageError where options do not fit together, or a value cannot be used
 */
export function readSchedule(options: ScheduleOptions & RunOptions, now: Date): Schedule | undefined {
  const { every, cron, timezone, jitter } = options;
  if (every === undefined && cron === undefined) {
    const alone = [
      ["--timezone", timezone],
      ["--now", options.now],
      ["--jitter", jitter],
      ["--health-file", options.healthFile],
      ["--health-port", options.healthPort],
      ["--health-host", options.healthHost],
    ].flatMap(([name, value]) => (value === undefined ? [] : [name]));
    if (alone.length > 0) {
      throw new UsageError(
        `${alone.join(", ")} ${alone.length === 1 ? "needs" : "need"} a schedule: --every 1h, or --cron "15 * * * *".`,
      );
    }
    return undefined;
  }
  for (const [name, text] of Object.entries(onlyOnce)) {
    if (Object.entries(options).some(([given, value]) => given === name && value === true)) {
      throw new UsageError(text);
    }
  }
  return planSchedule(options, now);
}

/**
 * Plans by `every` or `cron`; one of them is there.
 *
 * @throws UsageError where options do not fit together, or a value cannot be used
 */
export function planSchedule(options: ScheduleOptions, now: Date): Schedule {
  const { every, cron, timezone, jitter } = options;
  if (every !== undefined && cron !== undefined) {
    throw new UsageError("--every and --cron cannot be combined: use one of them.");
  }
  if (options.healthHost !== undefined && options.healthPort === undefined) {
    throw new UsageError("--health-host needs --health-port.");
  }
  if (cron === undefined && (timezone !== undefined || options.now !== undefined)) {
    throw new UsageError("--timezone and --now need --cron: --every always starts with a run.");
  }
  const plan = cron === undefined ? planEvery(every ?? 0, now) : planCron(cron, { timeZone: timezone, now });
  const jitterMs = jitter ?? Math.min(longestDefaultJitterMs, plan.shortestGapMs / 10);
  if (jitterMs >= plan.shortestGapMs) {
    throw new UsageError(
      `--jitter ${formatSpan(jitterMs)} must be shorter than the time between two runs (${formatSpan(plan.shortestGapMs)}).`,
    );
  }
  return { plan, atOnce: cron === undefined || options.now === true, jitterMs };
}
