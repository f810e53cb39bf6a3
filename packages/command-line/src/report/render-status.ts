import type { ConnectorStatus, RunPosition, RunStatus, Status } from "@cti-connectors/core/host";
import type { ConfiguredStore } from "../database/open-configured-store.js";
import type { ConnectorHealth, Health } from "../health/judge-health.js";
import { formatAge, formatCount, formatDuration, formatNumber, formatSpan } from "../text/format.js";
import { left, renderTable, right } from "../text/render-table.js";
import { describeLoaded, describeOutdated } from "./describe-data.js";
import { renderMissing } from "./render-run.js";

export interface RenderStatusOptions extends Pick<ConfiguredStore, "place" | "look"> {
  /** How the program is started. */
  readonly command: string;
  readonly health: Health;
  /** How old data may be. Undefined: any age will do. */
  readonly maxAgeMs: number | undefined;
  readonly now: Date;
  /** Characters on a line. */
  readonly width: number;
}

/** What is stored, how old it is, how the last runs went, how many requests are left, and what is out of date: for people. */
export function renderStatus(
  { connectors, collections, others, rejected }: Status,
  { place, look, command, health, maxAgeMs, now, width }: RenderStatusOptions,
): string {
  const heading = `The ${place}`;
  if (
    [...collections, ...others.collections].every(({ documents }) => documents === 0) &&
    connectors.every(({ runs }) => runs.length === 0) &&
    others.connectors.length === 0
  ) {
    return [
      `${heading} is empty.`,
      `Load data: ${command}`,
      `Or try it with sample data: ${command} --demo`,
    ].join("\n");
  }
  const rows = collections.map(({ name, documents, current, newestAt }) => [
    name,
    formatNumber(documents),
    formatNumber(current),
    newestAt === undefined ? "–" : formatAge(newestAt, now),
  ]);
  return [
    heading,
    "",
    renderTable([left("collection"), right("documents"), right("listed now"), left("last change")], rows, {
      width,
    }),
    "",
    ...connectors.flatMap((connector) => renderConnectorStatus(connector, now)),
    ...renderOthers(others),
    ...describeOutdated(
      connectors.map(({ name, outdated }) => ({ connector: name, ...(outdated && { outdated }) })),
      command,
    ),
    rejected === 0
      ? "No record is in quarantine."
      : `${formatCount(rejected, "record is", "records are")} in quarantine: ${command} rejected shows why, and --retry tries again.`,
    "Query the data:",
    ...look.map((line) => `  ${line}`),
    ...renderFaults(health, maxAgeMs, command),
  ].join("\n");
}

/** What is out of date, and what to do: nothing where all is well. */
function renderFaults({ connectors }: Health, maxAgeMs: number | undefined, command: string): string[] {
  const lines = connectors.flatMap((connector) => {
    const fault = faultOf(connector, maxAgeMs);
    return fault === undefined
      ? []
      : [`✖ ${connector.name}: ${fault}`, `  Load it: ${command} run ${connector.name}`];
  });
  return lines.length === 0 ? [] : ["", ...lines];
}

function faultOf({ state, ageMs = 0 }: ConnectorHealth, maxAgeMs = 0): string | undefined {
  switch (state) {
    case "never":
      return "no complete load yet";
    case "stale":
      return `its data is ${formatSpan(ageMs)} old, and may be ${formatSpan(maxAgeMs)} old at most`;
    case "fresh":
    case "skipped":
      return undefined;
  }
}

/** What a program with other connectors, or somebody else, has put there. */
function renderOthers({ connectors, collections }: Status["others"]): string[] {
  const held = collections.map(
    ({ name, documents }) => `${name} (${formatCount(documents, "document", "documents")})`,
  );
  const lines = [
    ...(held.length === 0 ? [] : [`Other collections: ${held.join(", ")}`]),
    ...(connectors.length === 0
      ? []
      : [`Other connectors that have run with this database: ${connectors.join(", ")}`]),
  ];
  return lines.length === 0 ? [] : [...lines, ""];
}

function renderConnectorStatus(
  { name, runs, lastOkAt, partAt, budget }: ConnectorStatus,
  now: Date,
): string[] {
  const loaded = describeLoaded({ loadedAt: lastOkAt, partAt }, now);
  const requests =
    budget === undefined
      ? []
      : [
          `  ${formatNumber(budget.left)} of ${formatNumber(budget.quota.requests)} requests left (per ${formatSpan(budget.quota.windowMs)}, ${budget.key})`,
        ];
  const missing = runs.find(({ report }) => report !== undefined)?.report?.steps.flatMap(renderMissing) ?? [];
  return [`${name}: ${loaded}`, ...requests, ...runs.flatMap((run) => renderRun(run, now)), ...missing, ""];
}

function renderRun({ startedAt, status, reason, progress, report }: RunStatus, now: Date): string[] {
  const steps = report?.steps ?? [];
  const sum = (pick: (step: (typeof steps)[number]) => number) =>
    formatNumber(steps.reduce((total, step) => total + pick(step), 0));
  const details = [
    ...(report === undefined || steps.length === 0
      ? []
      : [
          `${sum((step) => step.inserted)} inserted, ${sum((step) => step.updated)} updated, ${sum((step) => step.superseded + step.withdrawn)} removed, ${formatCount(report.requests, "request")}, ${formatDuration(report.seconds * 1000)}`,
        ]),
    ...(progress === undefined ? [] : renderPosition(progress, now)),
    ...(reason === undefined ? [] : [reason]),
  ];
  return [
    `  ${renderTime(startedAt)} (${formatAge(startedAt, now)}): ${status}`,
    ...details.map((detail) => `    ${detail}`),
  ];
}

/** To the second, and shorter than ISO 8601. */
function renderTime(at: Date): string {
  return `${at.toISOString().slice(0, "2026-11-01T10:00:00".length).replace("T", " ")} UTC`;
}

const waits = {
  budget: "waits for the request budget",
  throttled: "waits because the upstream asks for it",
  retry: "waits before it tries again",
  running: "waits for another run",
} as const;

/** Such as `step releases: 40,000 of 90,000 records`, `waits for the request budget until 2026-11-23 10:10:00 UTC`. */
function renderPosition({ step, counts, total, bytes, waiting }: RunPosition, now: Date): string[] {
  const extent = total === undefined ? "" : ` of ${formatNumber(total)}`;
  const records = counts === undefined ? "" : `: ${formatNumber(counts.extracted)}${extent} records`;
  const share =
    bytes === undefined || bytes.total === 0
      ? ""
      : ` (${Math.floor((100 * bytes.read) / bytes.total)} % of the file)`;
  const isWaiting = waiting !== undefined && waiting.until > now;
  return [
    `step ${step}${records}${share}`,
    ...(isWaiting ? [`${waits[waiting.reason]} until ${renderTime(waiting.until)}`] : []),
  ];
}
