import { Counter, Gauge, Registry } from "prom-client";
import type { ReportedConnector } from "./health-report.js";
import { type ConnectorTotals, recordOutcomes, type TrackedRuns } from "./run-tracker.js";

/** The media type of what `renderMetrics` returns. */
export const metricsType = Registry.PROMETHEUS_CONTENT_TYPE;

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number | undefined];

/** Writes metrics in Prometheus' text format. Names and units follow https://prometheus.io/docs/practices/naming/. */
export async function renderMetrics(tracked: TrackedRuns): Promise<string> {
  const registry = new Registry();
  const add: Adders = {
    gauge(name, help, samples) {
      for (const { traits, known } of withValues(name, help, samples)) {
        const gauge = new Gauge({ ...traits, registers: [registry] });
        for (const [labels, value] of known) {
          gauge.set(labels, value);
        }
      }
    },
    counter(name, help, samples) {
      for (const { traits, known } of withValues(name, help, samples)) {
        const counter = new Counter({ ...traits, registers: [registry] });
        for (const [labels, value] of known) {
          counter.inc(labels, value);
        }
      }
    },
  };
  addSchedule(add, tracked);
  addConnectors(add, tracked.report.connectors);
  addTotals(add, tracked);
  return registry.metrics();
}

interface Adders {
  gauge(name: string, help: string, samples: readonly Sample[]): void;
  counter(name: string, help: string, samples: readonly Sample[]): void;
}

type KnownSample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** A metric with its known samples; none if it has none, since prom-client writes 0 for a metric without samples. */
function withValues(name: string, help: string, samples: readonly Sample[]) {
  const known = samples.flatMap(([labels, value]): KnownSample[] =>
    value === undefined ? [] : [[labels, value]],
  );
  const labelNames = [...new Set(known.flatMap(([labels]) => Object.keys(labels)))];
  return known.length === 0 ? [] : [{ traits: { name: `cti_connectors_${name}`, help, labelNames }, known }];
}

function addSchedule({ gauge, counter }: Adders, { report, runs, lastRunSeconds }: TrackedRuns): void {
  const { version, status, schedule, lastRun, collections } = report;
  gauge("build_info", "The version that runs; always 1.", [[{ version, node: process.versions.node }, 1]]);
  gauge("healthy", "1 if /health answers 200: no connector is older than the maximum age.", [
    [{}, status === "healthy" ? 1 : 0],
  ]);
  gauge("max_data_age_seconds", "How old the data of a connector may be (MAX_DATA_AGE).", [
    [{}, schedule.maxAgeSeconds],
  ]);
  gauge("schedule_start_timestamp_seconds", "When the schedule was started.", [
    [{}, seconds(schedule.startedAt)],
  ]);
  gauge("running", "1 while a run goes on.", [[{}, schedule.runningSince === undefined ? 0 : 1]]);
  gauge("next_run_timestamp_seconds", "When the next run starts. Absent while a run goes on.", [
    [{}, seconds(schedule.nextRunAt)],
  ]);
  gauge("last_run_timestamp_seconds", "When the last run finished, whatever its outcome.", [
    [{}, seconds(lastRun?.finishedAt)],
  ]);
  gauge("last_run_duration_seconds", "How long the last run took.", [[{}, lastRunSeconds]]);
  counter(
    "runs_total",
    "Runs since the schedule was started, by outcome.",
    Object.entries(runs).map(([outcome, count]) => [{ outcome }, count]),
  );
  gauge(
    "documents",
    "Documents in a collection when the last run ended; listed: those that the upstream lists now.",
    collections.flatMap(({ name, documents, current }): Sample[] => [
      [{ collection: name, state: "listed" }, current],
      [{ collection: name, state: "removed" }, documents - current],
    ]),
  );
}

/** Those of one connector each. What is not known is left out, as Prometheus advises. */
function addConnectors({ gauge }: Adders, connectors: readonly ReportedConnector[]): void {
  const each = (value: (connector: ReportedConnector) => number | undefined): Sample[] =>
    connectors.map((connector) => [{ connector: connector.name }, value(connector)]);
  gauge(
    "last_success_timestamp_seconds",
    "When the connector last loaded everything. Absent: never.",
    each(({ lastOkAt }) => seconds(lastOkAt)),
  );
  gauge(
    "data_age_seconds",
    "Time since the connector last loaded everything. Absent: never.",
    each(({ ageSeconds }) => ageSeconds),
  );
  gauge(
    "connector_enabled",
    "1 if the connector is set up, 0 if it is skipped.",
    each(({ state }) => (state === "skipped" ? 0 : 1)),
  );
  gauge(
    "last_run_status",
    "1 for the outcome of the connector's last run, 0 for the others.",
    connectors.flatMap(({ name, lastRun }) =>
      lastRun === undefined
        ? []
        : (["ok", "failed", "skipped", "interrupted"] as const).map(
            (status): Sample => [{ connector: name, status }, lastRun.status === status ? 1 : 0],
          ),
    ),
  );
  gauge(
    "run_duration_seconds",
    "How long the connector's last run took.",
    each(({ lastRun }) => lastRun?.seconds),
  );
  gauge(
    "quarantined_records",
    "Invalid records of the connector in quarantine when the last run ended.",
    each(({ quarantined }) => quarantined),
  );
  gauge(
    "budget_remaining_requests",
    "Requests that could be sent without waiting when the last run ended.",
    each(({ budget }) => budget?.left),
  );
  gauge(
    "budget_limit_requests",
    "Requests that the upstream's quota allows in budget_window_seconds.",
    each(({ budget }) => budget?.limit),
  );
  gauge(
    "budget_window_seconds",
    "The time in which the upstream's quota allows budget_limit_requests.",
    each(({ budget }) => budget?.windowSeconds),
  );
}

/** Every series is there from the start, so that a rate sees its first increase. */
function addTotals({ counter }: Adders, { totals, report }: TrackedRuns): void {
  const known = report.connectors.map(({ name }) => [name, totals.get(name)] as const);
  const each = (value: (totals: ConnectorTotals) => number): Sample[] =>
    known.map(([connector, of]) => [{ connector }, of === undefined ? 0 : value(of)]);
  counter(
    "requests_total",
    "Requests sent to the upstream.",
    each(({ requests }) => requests),
  );
  counter(
    "retries_total",
    "Requests that were sent again.",
    each(({ retries }) => retries),
  );
  counter(
    "throttled_total",
    "Answers of the upstream with status 429.",
    each(({ throttled }) => throttled),
  );
  counter(
    "records_total",
    "Records and documents by what became of them.",
    known.flatMap(([connector, of]) =>
      recordOutcomes.map((outcome): Sample => [{ connector, outcome }, of?.records[outcome] ?? 0]),
    ),
  );
  counter(
    "connector_runs_total",
    "Runs of the connector since the schedule was started, by status.",
    known.flatMap(([connector, of]) =>
      (["ok", "failed", "skipped", "interrupted"] as const).map(
        (status): Sample => [{ connector, status }, of?.runs[status] ?? 0],
      ),
    ),
  );
}

function seconds(at: Date | undefined): number | undefined {
  return at === undefined ? undefined : at.getTime() / 1000;
}
