import type { ConnectorReport, RunReport, StepCounts, StepReport } from "@cti-connectors/core";
import type { RunProgress, StepProgress } from "../progress/reduce-progress.js";
import { formatCount, formatDuration, formatNumber } from "../text/format.js";
import { oneLine } from "../text/one-line.js";
import type { Paint } from "../text/paint.js";
import { type Column, renderTable } from "../text/render-table.js";

export interface SummaryOptions {
  readonly paint: Paint;
  readonly dryRun: boolean;
}

const columns: readonly Column[] = [
  { heading: "connector", align: "left" },
  { heading: "step", align: "left" },
  { heading: "extracted", align: "right" },
  { heading: "inserted", align: "right" },
  { heading: "updated", align: "right" },
  { heading: "unchanged", align: "right" },
  { heading: "removed", align: "right" },
  { heading: "rejected", align: "right" },
  { heading: "time", align: "right" },
];

/** What a run did, for people. How long each step took is read from its progress. */
export function renderSummary(report: RunReport, progress: RunProgress, options: SummaryOptions): string {
  const rows = report.connectors.flatMap((connector) => stepRows(connector, progress));
  const table = rows.length === 0 ? [] : [renderTable(columns, rows), ""];
  const heading = options.dryRun ? ["Dry run: nothing was written. What a run would do:", ""] : [];
  return [
    ...heading,
    ...table,
    ...report.connectors.flatMap((connector) => [
      renderOutcome(connector, options),
      ...connector.steps.flatMap(renderFacts),
      ...connector.steps.flatMap(renderMissing),
    ]),
  ].join("\n");
}

function stepRows(connector: ConnectorReport, progress: RunProgress): string[][] {
  const seen = progress.connectors.find(({ name }) => name === connector.name)?.steps ?? [];
  return connector.steps.map((step, index) => [
    index === 0 ? connector.name : "",
    step.name,
    formatNumber(step.extracted),
    formatNumber(step.inserted),
    formatNumber(step.updated),
    formatNumber(step.unchanged),
    renderRemoved(step),
    formatNumber(step.rejected),
    renderTime(seen.find(({ name }) => name === step.name)),
  ]);
}

function renderFacts({ name, facts }: StepReport): string[] {
  const figures = Object.entries(facts ?? {}).map(([fact, figure]) => `${formatNumber(figure)} ${fact}`);
  return figures.length === 0 ? [] : [`  ${name} listed now: ${figures.join(", ")}`];
}

/** What a step could not load, such as `  releases: not loaded: attack-11.0-beta. The next run tries again`. */
export function renderMissing({ name, missing = [] }: StepReport): string[] {
  return missing.length === 0
    ? []
    : [`  ${name}: not loaded: ${oneLine(missing.join(", "))}. The next run tries again`];
}

function renderRemoved({ superseded, withdrawn }: StepCounts): string {
  const parts = [
    superseded > 0 ? `${formatNumber(superseded)} superseded` : "",
    withdrawn > 0 ? `${formatNumber(withdrawn)} withdrawn` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "0" : parts.join(", ");
}

function renderTime(step: StepProgress | undefined): string {
  return step?.startedAt === undefined || step.finishedAt === undefined
    ? "–"
    : formatDuration(step.finishedAt.getTime() - step.startedAt.getTime());
}

function renderOutcome(connector: ConnectorReport, { paint, dryRun }: SummaryOptions): string {
  const { name, status, reason, requests, retries, throttled, seconds } = connector;
  const traffic = [
    formatCount(requests, "request"),
    formatCount(retries, "retry", "retries"),
    `${formatNumber(throttled)} × 429`,
    formatDuration(seconds * 1000),
  ].join(", ");
  switch (status) {
    case "ok":
      return `${paint("green", "✔")} ${name}: ok (${traffic})`;
    case "failed":
      return `${paint("red", "✖")} ${name}: failed (${traffic})\n  ${paint("red", reason ?? "no reason given")}`;
    case "interrupted":
      return `${paint("yellow", "■")} ${name}: interrupted (${traffic})${renderSaved(connector, dryRun)}`;
    case "skipped":
      return `${paint("dim", "–")} ${name}: skipped: ${reason ?? "no reason given"}`;
  }
}

function renderSaved({ steps }: ConnectorReport, dryRun: boolean): string {
  if (dryRun) {
    return "";
  }
  return steps.every(({ extracted }) => extracted === 0)
    ? " before anything was loaded"
    : "; progress is saved, and the next run resumes there";
}
