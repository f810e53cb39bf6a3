import type { RunReport } from "@cti-connectors/core";
import type { RunnerStore } from "../database/open-runner-store.js";
import type { RunProgress } from "../progress/reduce-progress.js";
import { formatCount } from "../text/format.js";
import { coloured, plain } from "../text/paint.js";
import { renderSummary } from "./render-summary.js";

export interface RunOutcome {
  readonly report: RunReport;
  readonly progress: RunProgress;
  readonly place: Pick<RunnerStore, "place" | "look">;
  readonly command: string;
  readonly dryRun: boolean;
  /** What a demo shows of the data. */
  readonly demo: string | undefined;
  /** Whether standard output shows colours. */
  readonly colours: boolean;
}

/** What a person reads at the end of a run: what was done, where the data is, how to look at it, what to do next. */
export function renderOutcome({
  report,
  progress,
  place,
  command,
  dryRun,
  demo,
  colours,
}: RunOutcome): string {
  const summary = renderSummary(report, progress, { paint: colours ? coloured : plain, dryRun });
  const rejected = report.connectors
    .flatMap(({ steps }) => steps)
    .reduce((sum, step) => sum + step.rejected, 0);
  return [
    summary,
    "",
    ...(demo === undefined ? [] : [demo]),
    ...(rejected === 0 || dryRun
      ? []
      : [`${formatCount(rejected, "record was", "records were")} rejected: ${command} rejected shows why.`]),
    `The data is in the ${place.place}.`,
    `Look at it: ${place.look}`,
    ...(demo === undefined ? [] : ["", nextSteps(command)]),
  ].join("\n");
}

const nextSteps = (command: string) => `Next, the real thing:
  1. Get a free key for ThreatFox at https://auth.abuse.ch/ (ATT&CK needs none).
  2. cp .env.example .env, and set THREATFOX_API_KEY in it.
  3. ${command}`;
