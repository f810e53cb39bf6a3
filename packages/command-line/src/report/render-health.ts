import type { HealthReport, ReportedConnector } from "../health/health-report.js";
import { formatSpan } from "../text/format.js";
import { describeLoaded } from "./describe-data.js";

export interface RenderHealthOptions {
  /** Whether only the schedule was asked about, however old the data is. */
  readonly live: boolean;
  /** Why the schedule hangs. */
  readonly hang: string | undefined;
  readonly now: Date;
}

/** The health of a schedule, for people: a line that says it all, and one for each connector. */
export function renderHealth(report: HealthReport, { live, hang, now }: RenderHealthOptions): string {
  const { schedule, connectors, lastRun } = report;
  const what =
    schedule.runningSince !== undefined
      ? `running since ${schedule.runningSince.toISOString()}`
      : schedule.nextRunAt !== undefined
        ? `next run at ${schedule.nextRunAt.toISOString()}`
        : "no run is planned";
  const state = hang !== undefined ? `unhealthy: ${hang}` : live ? "alive" : report.status;
  return [
    `${state} (${schedule.text}, ${what})`,
    ...connectors.map((connector) => `  ${describe(connector, schedule.maxAgeSeconds * 1000, now)}`),
    ...(lastRun?.reason === undefined ? [] : [`  last run ${lastRun.status}: ${lastRun.reason}`]),
  ].join("\n");
}

function describe(connector: ReportedConnector, maxAgeMs: number, now: Date): string {
  const { name, state, lastOkAt, partAt, skipReason, lastRun } = connector;
  const loaded = describeLoaded({ loadedAt: lastOkAt, partAt }, now);
  const allowed = state === "stale" ? `, more than ${formatSpan(maxAgeMs)}` : "";
  const failure =
    lastRun?.status === "failed" ? `; last run failed${lastRun.reason ? `: ${lastRun.reason}` : ""}` : "";
  return state === "skipped"
    ? `${name}: not set up${skipReason ? ` (${skipReason})` : ""}`
    : `${name}: ${state === "never" ? loaded : `${state}, ${loaded}`}${allowed}${failure}`;
}
