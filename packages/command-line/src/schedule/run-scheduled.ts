import { setTimeout as delay } from "node:timers/promises";
import { oneLine } from "@cti-connectors/core";
import { type RunReport, readStatus, useStore } from "@cti-connectors/core/host";
import { openForReading } from "../database/open-for-reading.js";
import { createRunTracker, type EndedRun, type RunTracker } from "../health/run-tracker.js";
import { type ExitStatus, exitStatus } from "../process/exit-status.js";
import { explainFault } from "../process/explain-fault.js";
import { readProgramVersion } from "../process/program-version.js";
import type { Terminal } from "../process/terminal.js";
import type { RunView } from "../progress/run-view.js";
import { type AskedRun, type PreparedRun, prepareRun, runOnce, type StartingRun } from "../run/run-once.js";
import type { RunSettings } from "../settings/read-settings.js";
import type { Surroundings } from "../settings/surroundings.js";
import { formatCount, formatSpan } from "../text/format.js";
import { type OpenHealth, openHealth } from "./open-health.js";
import { type Clock, runOnSchedule } from "./run-on-schedule.js";
import type { Schedule, ScheduleOptions } from "./schedule-options.js";

export interface RunScheduledOptions {
  readonly asked: AskedRun;
  readonly schedule: Schedule;
  readonly health: Pick<ScheduleOptions, "healthFile" | "healthPort" | "healthHost">;
  readonly surroundings: Surroundings;
  readonly terminal: Terminal;
  /** When it aborts, a run that goes on finishes its page and saves, and the schedule ends. */
  readonly signal: AbortSignal;
  /** Serves beside the runs, until the schedule ends. */
  readonly openServer?: (beside: ServedBeside) => Promise<Closable>;
  /** Default: the real one. */
  readonly clock?: Clock;
  /** Default `Math.random`. */
  readonly random?: () => number;
}

/** What a server beside the runs of a schedule needs of it. */
export interface ServedBeside {
  readonly tracker: RunTracker;
  readonly view: RunView;
}

interface Closable {
  close(): Promise<void>;
}

const realClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};

/** Data is too old after this many intervals without a load, unless MAX_DATA_AGE is set. */
const intervalsToStale = 3;
/** The longest MAX_DATA_AGE. */
const longestAgeMs = 3650 * 86_400_000;

/** What the runs of a schedule share. */
interface ScheduleContext extends Pick<RunScheduledOptions, "asked" | "signal"> {
  readonly schedule: Schedule;
  readonly clock: Clock;
  readonly tracker: RunTracker;
  readonly health: OpenHealth;
  readonly terminal: Terminal;
  /** The last run, or the first one before it starts. */
  current: PreparedRun;
  /** Whether the database has told what earlier runs loaded. */
  isStoreKnown: boolean;
}

/**
 * Runs connectors again and again, until it is asked to stop. A run that fails, and a database that cannot be used, do not end it.
 *
 * @throws ConfigError, UsageError where settings or options are wrong at the start, or a port or a file of its health cannot be used
 */
export async function runScheduled(options: RunScheduledOptions): Promise<ExitStatus> {
  const {
    asked,
    schedule,
    surroundings,
    terminal,
    signal,
    clock = realClock,
    random = Math.random,
  } = options;
  const { plan, atOnce, jitterMs } = schedule;
  const tracker = createRunTracker({
    ...{ text: plan.text, version: readProgramVersion(), startedAt: clock.now() },
  });
  const current = prepare(asked, surroundings, { schedule, terminal });
  const { view } = current;
  track(tracker, current.settings);
  const health = await openHealth(options.health, { tracker, clock, folder: surroundings.folder, view });
  const context: ScheduleContext = {
    ...{ asked, schedule, signal, clock, tracker, health, terminal, current },
    isStoreKnown: false,
  };
  let server: Closable | undefined;
  try {
    server = await options.openServer?.({ tracker, view });
    const { maxAgeSeconds } = tracker.read(clock.now()).report.schedule;
    view.say(
      `Running ${plan.text}. Data is stale when it is older than ${formatSpan(maxAgeSeconds * 1000)}.`,
    );
    if (!atOnce) {
      await lookAtStore(context);
    }
    await runOnSchedule({
      ...{ plan, atOnce, jitterMs, random, clock, signal },
      run: () => runTracked(context),
      onPlanned(at) {
        tracker.planned(at);
        void health.update();
        context.current.view.say(`Next run at ${at.toISOString()}.`);
      },
      onMissed: (count) =>
        context.current.view.log.warn(
          { count },
          `skipped ${formatCount(count, "run")} that ${count === 1 ? "was" : "were"} due meanwhile`,
        ),
    });
    context.current.view.say("The schedule has stopped.");
    return exitStatus.ok;
  } finally {
    await server?.close();
    await health.close();
  }
}

function prepare(
  asked: AskedRun,
  found: Surroundings,
  { schedule, terminal }: Pick<RunScheduledOptions, "schedule" | "terminal">,
): PreparedRun {
  const run: PreparedRun = prepareRun(asked, promiseAge(found, schedule), {
    say: (text) => terminal.say(found.redact(text)),
    // A table among log lines would keep programs from reading them.
    print: (text) => (run.watched || asked.options.json ? terminal.print(text) : undefined),
  });
  return run;
}

/** Everything in a run that judges the age of data, notifications too, goes by the same promise. */
function promiseAge(surroundings: Surroundings, { plan }: Schedule): Surroundings {
  const { environment } = surroundings;
  const isSet = (environment.MAX_DATA_AGE?.trim() ?? "") !== "";
  const seconds = Math.ceil(Math.min(intervalsToStale * plan.longestGapMs, longestAgeMs) / 1000);
  return isSet
    ? surroundings
    : { ...surroundings, environment: { ...environment, MAX_DATA_AGE: `${seconds}s` } };
}

function track(tracker: RunTracker, { base, connectors }: RunSettings): void {
  tracker.configured(connectors, base.MAX_DATA_AGE ?? longestAgeMs);
}

/** Until a run has the database open, it tells how old the data is. */
async function lookAtStore(context: ScheduleContext): Promise<void> {
  const { current, signal } = context;
  const { settings, surroundings, view, database } = current;
  try {
    const opened = await (database?.connect(signal) ?? openForReading(settings.base, surroundings, signal));
    try {
      await takeOver({ settings, store: opened.store, log: view.log }, 0, context);
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (!signal.aborted) {
      view.log.warn({ err: error }, "could not read the age of the data from the database");
    }
  }
}

async function runTracked(context: ScheduleContext): Promise<void> {
  const { tracker, clock, health } = context;
  const isFirst = tracker.read(clock.now()).report.lastRun === undefined;
  tracker.started(clock.now());
  void health.update();
  const outcome = await attempt(context, isFirst);
  if (outcome.status === "skipped") {
    await lookAtStore(context);
  }
  tracker.finished({ ...outcome, at: clock.now() });
}

/** Settings are read again before each run but the first, so that a new key is taken without a restart. */
async function attempt(context: ScheduleContext, isFirst: boolean): Promise<Omit<EndedRun, "at">> {
  const { asked, tracker, schedule, signal, terminal } = context;
  let report: RunReport | undefined;
  try {
    if (!isFirst) {
      context.current = prepare(asked, await context.current.surroundings.readAgain(), {
        schedule,
        terminal,
      });
      track(tracker, context.current.settings);
    }
    const run = context.current;
    const hooks: PreparedRun["hooks"] = {
      ...run.hooks,
      async beforeRun(starting) {
        if (!context.isStoreKnown) {
          await takeOver(starting, 1_000, context);
        }
        await run.hooks.beforeRun?.(starting);
      },
      async afterRun(loaded) {
        report = loaded.report;
        await takeOver(loaded, 1_000, context);
        await run.hooks.afterRun?.(loaded);
      },
    };
    const status = await runOnce({ ...run, hooks }, signal);
    if (report !== undefined) {
      return { status: report.status, report };
    }
    return status === exitStatus.interrupted
      ? { status: "interrupted" }
      : { status: "skipped", reason: "another run has the database open" };
  } catch (error) {
    const reason = reportFailure(error, context.current);
    return { status: "failed", reason, ...(report !== undefined && { report }) };
  }
}

function reportFailure(error: unknown, { surroundings, settings, view }: PreparedRun): string {
  const { text } = explainFault(error, surroundings.redact, { debug: false });
  const reason = oneLine(text.replace(/^Error: /, ""));
  const isDebug = settings.base.LOG_LEVEL === "debug";
  view.log.error({ ...(isDebug && { err: error }) }, `the run failed; the schedule continues: ${reason}`);
  return reason;
}

/**
 * Takes over what the database says. Where it says nothing, what runs have reported must do.
 *
 * @param graceMs how long it may take after an interruption
 */
async function takeOver(
  { settings, store, log }: Pick<StartingRun, "settings" | "store" | "log">,
  graceMs: number,
  context: ScheduleContext,
): Promise<void> {
  const { tracker, signal } = context;
  if (signal.aborted) {
    return;
  }
  try {
    tracker.stored(
      await useStore(store, { signal, graceMs, onWait: (text) => log.warn(text) }, () =>
        readStatus({ store, connectors: settings.connectors, runs: 1 }),
      ),
    );
    context.isStoreKnown = true;
    void context.health.update();
  } catch (error) {
    if (!signal.aborted) {
      log.warn({ err: error }, "could not read the age of the data from the database");
    }
  }
}
