import { type ConnectorReport, isCompleteLoad, type Outcomes, readOutcomes } from "@cti-connectors/core/host";
import { judgeHealth } from "../health/judge-health.js";
import type { LoadedRun } from "../run/run-once.js";
import type { NotifyEvent } from "../settings/program-config.js";
import {
  describeComplete,
  describeFailing,
  describeFilled,
  describeFresh,
  describeGap,
  describeMissing,
  describeRecovered,
  describeStale,
} from "./describe-news.js";
import type { Message } from "./notification.js";

/** A run whose outcome users are notified of. */
export interface FinishedRun extends LoadedRun {
  /** How users start the program. */
  readonly command: string;
}

/** Something that users are notified of when it begins, and when it is over. */
export interface Condition {
  readonly event: NotifyEvent;
  /** Identifies the last notification in the database. */
  readonly subject: string;
  /** Tells this episode from others. undefined: all is well. */
  readonly episode: string | undefined;
  /** That it has begun. */
  begun(episode: string): Message;
  /** That it is over. */
  over(episode: string): Message;
}

/** The conditions that a run can judge for a connector, whether they hold or not. Users are not notified about any other. */
export async function findConditions(
  report: ConnectorReport,
  run: FinishedRun,
  now: Date,
): Promise<readonly Condition[]> {
  const outcomes = isCompleteLoad(report)
    ? { lastOkAt: now, failures: 0 }
    : await readOutcomes(run.store, report.name);
  const failing = findFailing(report, outcomes, run);
  const isReported =
    failing.some(({ episode }) => episode !== undefined) &&
    run.settings.base.NOTIFY_EVENTS.includes("failing");
  return [
    ...failing,
    // That its data gets old is what users expect of a connector that is reported as failing.
    ...findStale(report, outcomes, run, now).filter(({ episode }) => episode === undefined || !isReported),
    ...findGap(report),
    ...findMissing(report),
  ];
}

function findFailing(
  { name, status, reason }: ConnectorReport,
  outcomes: Outcomes,
  { settings, command }: FinishedRun,
): readonly Condition[] {
  const isFailing = status === "failed" && outcomes.failures >= settings.base.NOTIFY_AFTER_FAILURES;
  if (status !== "ok" && !isFailing) {
    return [];
  }
  return [
    {
      event: "failing",
      subject: `failing/${name}`,
      episode: isFailing ? outcomes.failingSince?.toISOString() : undefined,
      begun: () => describeFailing(name, outcomes, { reason, command }),
      over: (since) => describeRecovered(name, since),
    },
  ];
}

function findStale(
  { name }: ConnectorReport,
  { lastOkAt }: Outcomes,
  { settings }: FinishedRun,
  now: Date,
): readonly Condition[] {
  const maxAgeMs = settings.base.MAX_DATA_AGE;
  if (maxAgeMs === undefined || lastOkAt === undefined) {
    return [];
  }
  const configured = settings.connectors.filter((connector) => connector.name === name);
  const { connectors } = judgeHealth([{ name, lastOkAt }], configured, { maxAgeMs, now });
  return connectors
    .filter(({ state }) => state === "fresh" || state === "stale")
    .map(({ state }) => ({
      event: "stale",
      subject: `stale/${name}`,
      episode: state === "stale" ? lastOkAt.toISOString() : undefined,
      begun: (lastSuccess) => describeStale(name, lastSuccess, { maxAgeMs, now }),
      over: (lastSuccess) => describeFresh(name, lastSuccess, maxAgeMs),
    }));
}

function findGap({ name, status, steps }: ConnectorReport): readonly Condition[] {
  const gap = steps.find((step) => step.gap !== undefined)?.gap;
  if (status !== "ok" && gap === undefined) {
    return [];
  }
  return [
    {
      event: "gap",
      subject: `gap/${name}`,
      episode: gap && `${gap.from}/${gap.to}`,
      begun: (range) => describeGap(name, range),
      over: (range) => describeFilled(name, range),
    },
  ];
}

/** A connector that failed is missing what it failed at, and that is another event. */
function findMissing({ name, status, steps }: ConnectorReport): readonly Condition[] {
  if (status !== "ok") {
    return [];
  }
  const names = steps.flatMap((step) => step.missing ?? []);
  return [
    {
      event: "missing",
      subject: `missing/${name}`,
      episode: names.length === 0 ? undefined : [...new Set(names)].sort().join("\n"),
      begun: (list) => describeMissing(name, list),
      over: (list) => describeComplete(name, list),
    },
  ];
}
