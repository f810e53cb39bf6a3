import {
  type ConfiguredConnector,
  type ConnectorReport,
  isCompleteLoad,
  type RunReport,
  type Status,
} from "@cti-connectors/core/host";
import { type HealthReport, judgeReport, type ReportedConnector } from "./health-report.js";

/** How a run of the schedule ended. `skipped`: another process had the database. */
export type RunOutcome = NonNullable<HealthReport["lastRun"]>["status"];

/** What became of the records that were read. */
export const recordOutcomes = [
  "inserted",
  "updated",
  "unchanged",
  "superseded",
  "withdrawn",
  "rejected",
] as const;

/** What a connector has done since the schedule started. */
export interface ConnectorTotals {
  readonly requests: number;
  readonly retries: number;
  readonly throttled: number;
  readonly records: Readonly<Record<(typeof recordOutcomes)[number], number>>;
  readonly runs: Readonly<Record<ConnectorReport["status"], number>>;
}

/** All that is known of the runs of a schedule. */
export interface TrackedRuns {
  readonly report: HealthReport;
  /** By connector. */
  readonly totals: ReadonlyMap<string, ConnectorTotals>;
  /** Runs of the schedule by outcome. */
  readonly runs: Readonly<Record<RunOutcome, number>>;
  readonly lastRunSeconds: number | undefined;
}

export interface EndedRun {
  readonly status: RunOutcome;
  /** Why there is no report, without secrets. */
  readonly reason?: string;
  /** Absent: the run ended before a connector started. */
  readonly report?: RunReport;
  readonly at: Date;
}

/** Remembers how the runs of a schedule went, so that questions about it need no database. */
export interface RunTracker {
  /** As of that time. */
  read(now: Date): TrackedRuns;
  /** The settings may be read again before each run. */
  configured(connectors: readonly Pick<ConfiguredConnector, "name" | "skipReason">[], maxAgeMs: number): void;
  planned(nextRunAt: Date): void;
  started(at: Date): void;
  finished(run: EndedRun): void;
  /** Takes over what the database says. */
  stored(status: Pick<Status, "connectors" | "collections">): void;
}

const noTotals: ConnectorTotals = {
  ...{ requests: 0, retries: 0, throttled: 0 },
  records: { inserted: 0, updated: 0, unchanged: 0, superseded: 0, withdrawn: 0, rejected: 0 },
  runs: { ok: 0, failed: 0, skipped: 0, interrupted: 0 },
};

export function createRunTracker(schedule: {
  readonly text: string;
  readonly version: string;
  readonly startedAt: Date;
}): RunTracker {
  const { text, version, startedAt } = schedule;
  let state: TrackedRuns = {
    report: {
      ...{ status: "unhealthy", at: startedAt, version, connectors: [], collections: [] },
      schedule: { text, startedAt, maxAgeSeconds: 0 },
    },
    totals: new Map(),
    runs: { ok: 0, partial: 0, failed: 0, interrupted: 0, skipped: 0 },
    lastRunSeconds: undefined,
  };
  const update = (changes: Partial<HealthReport>) => {
    state = { ...state, report: { ...state.report, ...changes } };
  };
  const updateConnectors = (change: (connector: ReportedConnector) => ReportedConnector) =>
    update({ connectors: state.report.connectors.map(change) });

  return {
    read: (now) => ({ ...state, report: judgeReport(state.report, now) }),
    configured(connectors, maxAgeMs) {
      const known = state.report.connectors;
      update({
        schedule: { ...state.report.schedule, maxAgeSeconds: maxAgeMs / 1000 },
        connectors: connectors.map(({ name, skipReason }) => {
          const { skipReason: _, ...before } = known.find((connector) => connector.name === name) ?? { name };
          return skipReason === undefined
            ? { ...before, state: "never" as const }
            : { ...before, state: "skipped" as const, skipReason };
        }),
      });
    },
    planned(nextRunAt) {
      update({ schedule: { ...state.report.schedule, nextRunAt } });
    },
    started(runningSince) {
      const { nextRunAt: _, ...rest } = state.report.schedule;
      update({ schedule: { ...rest, runningSince } });
    },
    finished({ status, reason, report, at }) {
      const { runningSince = at, ...rest } = state.report.schedule;
      update({
        schedule: rest,
        lastRun: { status, ...(reason && { reason }), startedAt: runningSince, finishedAt: at },
      });
      updateConnectors((connector) => {
        const ofConnector = report?.connectors.find(({ name }) => name === connector.name);
        return ofConnector === undefined ? connector : { ...connector, ...describeRun(ofConnector, at) };
      });
      state = {
        ...state,
        runs: { ...state.runs, [status]: state.runs[status] + 1 },
        lastRunSeconds: (at.getTime() - runningSince.getTime()) / 1000,
        totals: addTotals(state.totals, report?.connectors ?? []),
      };
    },
    stored({ connectors, collections }) {
      updateConnectors((connector) => {
        const found = connectors.find(({ name }) => name === connector.name);
        const { partAt: _, ...before } = connector;
        return found === undefined ? connector : { ...before, ...describeStored(found) };
      });
      update({
        collections: collections.map(({ name, documents, current }) => ({ name, documents, current })),
      });
    },
  };
}

function describeRun(report: ConnectorReport, finishedAt: Date) {
  const { status, reason, seconds } = report;
  const lastRun = { status, ...(reason !== undefined && { reason }), finishedAt, seconds };
  return { lastRun, ...(isCompleteLoad(report) && { lastOkAt: finishedAt }) };
}

function describeStored({ lastOkAt, partAt, rejected, budget }: Status["connectors"][number]) {
  return {
    ...(lastOkAt !== undefined && { lastOkAt }),
    ...(partAt !== undefined && { partAt }),
    quarantined: rejected,
    ...(budget !== undefined && {
      budget: {
        left: budget.left,
        limit: budget.quota.requests,
        windowSeconds: budget.quota.windowMs / 1000,
      },
    }),
  };
}

function addTotals(
  totals: ReadonlyMap<string, ConnectorTotals>,
  reports: readonly ConnectorReport[],
): ReadonlyMap<string, ConnectorTotals> {
  const added = new Map(totals);
  for (const { name, status, requests, retries, throttled, steps } of reports) {
    const before = added.get(name) ?? noTotals;
    const records = { ...before.records };
    for (const step of steps) {
      for (const outcome of recordOutcomes) {
        records[outcome] += step[outcome];
      }
    }
    added.set(name, {
      requests: before.requests + requests,
      retries: before.retries + retries,
      throttled: before.throttled + throttled,
      records,
      runs: { ...before.runs, [status]: before.runs[status] + 1 },
    });
  }
  return added;
}
