import type { ConnectorReport } from "@cti-connectors/core/host";
import { z } from "zod";
import { judgeHealth } from "./judge-health.js";

/** A time: a `Date` in this process, RFC 3339 in JSON. */
const time = z.union([z.date(), z.iso.datetime({ offset: true }).transform((text) => new Date(text))]);

const connectorRun = z.object({
  status: z.enum(["ok", "failed", "skipped", "interrupted"] satisfies ConnectorReport["status"][]),
  /** Why it failed or was skipped. */
  reason: z.string().exactOptional(),
  finishedAt: time,
  seconds: z.number(),
});

const connectorHealth = z.object({
  name: z.string(),
  state: z.enum(["fresh", "stale", "never", "skipped"]),
  /** When it last loaded everything. */
  lastOkAt: time.exactOptional(),
  /** When it loaded a part after that. */
  partAt: time.exactOptional(),
  ageSeconds: z.number().exactOptional(),
  /** Why it is not set up. */
  skipReason: z.string().exactOptional(),
  lastRun: connectorRun.exactOptional(),
  /** Records in quarantine. Absent: not known yet. */
  quarantined: z.number().exactOptional(),
  /** Requests that could be sent without waiting when the last run ended. */
  budget: z.object({ left: z.number(), limit: z.number(), windowSeconds: z.number() }).exactOptional(),
});

/** What the health file holds and `/health` answers. */
export const healthReport = z.object({
  status: z.enum(["healthy", "unhealthy"]),
  /** When this was found out. */
  at: time,
  version: z.string(),
  schedule: z.object({
    /** Such as `every 1h`. */
    text: z.string(),
    startedAt: time,
    /** Absent: between two runs. */
    runningSince: time.exactOptional(),
    /** Absent while a run goes on. */
    nextRunAt: time.exactOptional(),
    /** How old the data of a connector may be. */
    maxAgeSeconds: z.number(),
  }),
  lastRun: z
    .object({
      status: z.enum(["ok", "partial", "failed", "interrupted", "skipped"]),
      reason: z.string().exactOptional(),
      startedAt: time,
      finishedAt: time,
    })
    .exactOptional(),
  connectors: z.array(connectorHealth).readonly(),
  collections: z.array(z.object({ name: z.string(), documents: z.number(), current: z.number() })).readonly(),
});

export type HealthReport = Readonly<z.output<typeof healthReport>>;
export type ReportedConnector = HealthReport["connectors"][number];

/** The report as it is at another time: data ages while nobody loads. */
export function judgeReport(report: HealthReport, now: Date): HealthReport {
  const { isHealthy, connectors } = judgeHealth(
    report.connectors,
    report.connectors.map(({ name, state, skipReason }) => ({
      name,
      skipReason: state === "skipped" ? (skipReason ?? "") : undefined,
    })),
    { maxAgeMs: report.schedule.maxAgeSeconds * 1000, now },
  );
  return {
    ...report,
    status: isHealthy ? "healthy" : "unhealthy",
    at: now,
    connectors: report.connectors.map(({ ageSeconds: _, ...connector }, index) => {
      const judged = connectors[index];
      return {
        ...connector,
        ...(judged && { state: judged.state }),
        ...(judged?.ageMs !== undefined && { ageSeconds: Math.floor(judged.ageMs / 1000) }),
      };
    }),
  };
}

/** How long after its time a run may start. */
const lateMs = 5 * 60_000;

/** Why the schedule seems to hang; undefined where it goes on. */
export function findHang({ schedule }: Pick<HealthReport, "schedule">, now: Date): string | undefined {
  const { nextRunAt, runningSince } = schedule;
  return runningSince === undefined && nextRunAt !== undefined && now.getTime() - nextRunAt.getTime() > lateMs
    ? `the run that was due at ${nextRunAt.toISOString()} has not started`
    : undefined;
}
