import { oneLine } from "@cti-connectors/core";
import type { ConnectorReport, RunProgress, RunReport, StepReport } from "@cti-connectors/core/host";
import type { ConfiguredStore } from "../database/open-configured-store.js";
import { formatCount, formatDuration, formatNumber } from "../text/format.js";
import type { Paint } from "../text/paint.js";
import { renderSteps } from "./render-steps.js";

export interface RenderRunOptions {
  /** How long each step took is read from it. */
  readonly progress: RunProgress;
  readonly place: Pick<ConfiguredStore, "place" | "look">;
  readonly command: string;
  readonly dryRun: boolean;
  /** Undefined: this run is no demo. */
  readonly demo: DemoEnd | undefined;
  readonly paint: Paint;
  /** Characters on a line. */
  readonly width: number;
}

/** What a demo shows at its end, and what comes after it. */
export interface DemoEnd {
  /** Of the data. */
  readonly answers: string;
  /** What has to be set before the real thing, a line each. */
  readonly missing: readonly string[];
  /** Where people set it. */
  readonly settingsFile: string;
  /** What loads the real data. */
  readonly nextCommand: string;
}

/** What a person reads at the end of a run: what was done, where the data is, how to look at it, what to do next. */
export function renderRun({ connectors }: RunReport, options: RenderRunOptions): string {
  const { progress, command, dryRun, demo, width } = options;
  const table = renderSteps(connectors, progress, width);
  const steps = connectors.flatMap((connector) => connector.steps);
  const rejected = steps.reduce((sum, step) => sum + step.rejected, 0);
  return [
    ...(dryRun ? ["Dry run: nothing was written. What a run would do:", ""] : []),
    ...(table === undefined ? [] : [table, ""]),
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
    ...(dryRun ? [] : renderPlace(connectors, options.place)),
    ...(demo === undefined ? [] : ["", nextSteps(demo)]),
  ].join("\n");
}

function renderPlace(
  connectors: readonly ConnectorReport[],
  { place, look }: RenderRunOptions["place"],
): string[] {
  // A connector that only reads what others have stored is ok where they have stored nothing.
  const isLoaded = connectors.some(
    ({ status, requests, steps }) =>
      (status === "ok" && requests > 0) || steps.some(({ extracted }) => extracted > 0),
  );
  return isLoaded
    ? [`The data is in the ${place}.`, "Query it:", ...look.map((line) => `  ${line}`)]
    : [`Nothing was loaded into the ${place}.`];
}

function nextSteps({ missing, settingsFile, nextCommand }: DemoEnd): string {
  const load = missing.length === 0 ? [`  ${nextCommand}`] : [`  2. ${nextCommand}`];
  const settings = [`  1. Set in ${settingsFile}:`, ...missing.map((line) => `     ${line}`)];
  return ["Next, load the real data:", ...(missing.length === 0 ? [] : settings), ...load].join("\n");
}

function renderFacts({ name, facts }: StepReport): string[] {
  const figures = Object.entries(facts ?? {}).map(([fact, figure]) => `${formatNumber(figure)} ${fact}`);
  return figures.length === 0 ? [] : [`  ${name} listed now: ${figures.join(", ")}`];
}

/** What a step could not load, such as `  releases: not loaded: attack-11.0-beta. The next run tries again`. */
export function renderMissing({ name, missing = [], gap }: StepReport): string[] {
  return [
    ...(missing.length === 0
      ? []
      : [`  ${name}: not loaded: ${oneLine(missing.join(", "))}. The next run tries again`]),
    ...(gap === undefined
      ? []
      : [
          `  ${name}: a gap is open from ${oneLine(gap.from)} to ${oneLine(gap.to)}. The next run tries again`,
        ]),
  ];
}

function renderEnd(
  connector: ConnectorReport,
  { paint, dryRun }: Pick<RenderRunOptions, "paint" | "dryRun">,
): string {
  const { name, status, reason, sample, requests, retries, throttled, seconds } = connector;
  const traffic = [
    formatCount(requests, "request"),
    formatCount(retries, "retry", "retries"),
    `${formatNumber(throttled)} × 429`,
    formatDuration(seconds * 1000),
  ].join(", ");
  switch (status) {
    case "ok":
      return `${paint("green", "✔")} ${name}: ok (${traffic})${sample === undefined ? "" : `\n  A sample: ${sample}`}`;
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
    ? "\n  Nothing was loaded before that."
    : "\n  Progress is saved: the next run resumes from here.";
}
