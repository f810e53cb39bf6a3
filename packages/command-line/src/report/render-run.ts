import { oneLine } from "@cti-connectors/core";
import type {
  ConnectorReport,
  RunProgress,
  RunReport,
  StepCounts,
  StepProgress,
  StepReport,
} from "@cti-connectors/core/host";
import type { ConfiguredStore } from "../database/open-configured-store.js";
import { formatCount, formatDuration, formatNumber } from "../text/format.js";
import type { Paint } from "../text/paint.js";
import { type Column, left, renderTable, right } from "../text/render-table.js";

export interface RenderRunOptions {
  /** How long each step took is read from it. */
  readonly progress: RunProgress;
  readonly place: Pick<ConfiguredStore, "place" | "look">;
  readonly command: string;
  readonly dryRun: boolean;
  /** Undefined: this run is no demo. */
  readonly demo: DemoEnd | undefined;
  readonly paint: Paint;
}

/** What a demo shows at its end. */
export interface DemoEnd {
  /** Of the data. */
  readonly answers: string;
  /** What has to be set before the real thing, a line each. */
  readonly missing: readonly string[];
}

const columns: readonly Column[] = [
  ...["connector", "step"].map(left),
  ...["extracted", "inserted", "updated", "unchanged", "removed", "rejected", "time"].map(right),
];

/** What a person reads at the end of a run: what was done, where the data is, how to look at it, what to do next. */
export function renderRun({ connectors }: RunReport, options: RenderRunOptions): string {
  const { progress, place, command, dryRun, demo } = options;
  const rows = connectors.flatMap((connector) => stepRows(connector, progress));
  const steps = connectors.flatMap((connector) => connector.steps);
  const rejected = steps.reduce((sum, step) => sum + step.rejected, 0);
  return [
    ...(dryRun ? ["Dry run: nothing was written. What a run would do:", ""] : []),
    ...(rows.length === 0 ? [] : [renderTable(columns, rows), ""]),
    ...connectors.flatMap((connector) => [
      renderEnd(connector, options),
      ...connector.steps.flatMap(renderFacts),
      ...connector.steps.flatMap(renderMissing),
    ]),
    "",
    ...(demo === undefined || demo.answers === "" ? [] : [demo.answers]),
    ...(rejected === 0 || dryRun
      ? []
      : [`${formatCount(rejected, "record was", "records were")} rejected: ${command} rejected shows why.`]),
    `The data is in the ${place.place}.`,
    `Look at it: ${place.look}`,
    ...(demo === undefined ? [] : ["", nextSteps(command, demo)]),
  ].join("\n");
}

function nextSteps(command: string, { missing }: DemoEnd): string {
  return missing.length === 0
    ? `Next, the real thing: ${command}`
    : `Next, the real thing:
  1. cp .env.example .env, and set in it:
${missing.map((line) => `     ${line}`).join("\n")}
  2. ${command}`;
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

function renderEnd(
  connector: ConnectorReport,
  { paint, dryRun }: Pick<RenderRunOptions, "paint" | "dryRun">,
): string {
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
