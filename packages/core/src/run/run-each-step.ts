import type { ConfiguredConnector, ConfiguredStep } from "../connector/configure-connector.js";
import { rememberCurrent } from "../documents/current-ids.js";
import { RecordsRejectedError } from "../quarantine/count-rejections.js";
import { affectsEverything } from "./affects-everything.js";
import {
  type ConnectorOutcome,
  type ConnectorRun,
  failed,
  interrupted,
  joinFailures,
  type RunningStep,
  secondsSince,
  skipped,
} from "./connector-run.js";
import type { PageExtent } from "./load-page.js";
import { restoreDocuments } from "./restore-documents.js";
import { createStepTally, type StepCounts, type StepTally } from "./run-event.js";
import { type RunStepOptions, runStep } from "./run-step.js";

/** What the steps of a run share. `signal` aborts on an interruption, where the lease is lost, and on `giveUp`. */
export type SharedBySteps = Pick<
  RunStepOptions,
  "signal" | "giveUp" | "http" | "reads" | "session" | "checkpoints" | "redactor"
>;

/**
 * Upgrades what an older version of the steps has stored, which needs no upstream; then, unless the connector is skipped, runs the steps in
 * order. Where one fails, those that need it are left out, and all others too where its fault would meet them as well.
 */
export async function runEachStep(run: ConnectorRun, shared: SharedBySteps): Promise<ConnectorOutcome> {
  const { connector, options } = run;
  const failures: ConnectorOutcome[] = [];
  const notDone = new Set<string>();
  const parts = [
    ...connector.steps.map((step) => ({ step, work: restoreAndReport, needs: [] })),
    ...stepsToRun(connector).map((step) => {
      return { step, work: runAndReport, needs: step.needs && [step.name, ...step.needs] };
    }),
  ];
  for (const { step, work, needs } of parts) {
    if (shared.signal.aborted) {
      return interrupted(run);
    }
    if (needs === undefined ? notDone.size > 0 : needs.some((needed) => notDone.has(needed))) {
      notDone.add(step.name);
      continue;
    }
    try {
      if ((await work(step, run, shared)) === "stopped") {
        return interrupted(run);
      }
    } catch (error) {
      const failure = failed(error, run, step.name);
      failures.push(failure);
      if (shared.signal.aborted || affectsEverything(error)) {
        break;
      }
      // What could be stored is stored, so that other steps can go on.
      if (!(error instanceof RecordsRejectedError)) {
        notDone.add(step.name);
      }
      const place = { connector: connector.name, step: step.name };
      options.log.warn({ ...place, reason: failure.reason }, "the step failed");
    }
  }
  const outcome = joinFailures(failures);
  const { skipReason } = connector;
  return outcome.status === "ok" && skipReason !== undefined ? skipped(skipReason, run) : outcome;
}

function stepsToRun({ skipReason, steps }: ConfiguredConnector): readonly ConfiguredStep[] {
  return skipReason === undefined ? steps : [];
}

/** Upgrades what an older version of a step has stored, and reports how far it is. */
async function restoreAndReport(
  step: ConfiguredStep,
  run: ConnectorRun,
  shared: SharedBySteps,
): Promise<"finished" | "stopped"> {
  const { onEvent } = run.options;
  const source = { connector: run.connector.name, step: step.name };
  const tally = createStepTally();
  let isStarted = false;
  const end = await restoreDocuments({
    ...loadOptions(step, run, shared, tally),
    onStart: () => {
      isStarted = true;
      run.steps.set(step.name, { tally });
      onEvent({ type: "step-started", ...source });
    },
  });
  if (isStarted && end === "finished") {
    onEvent({ type: "step-restored", ...source, counts: { ...tally } });
  }
  return end;
}

/** Runs a step, and reports how far it is. */
async function runAndReport(
  step: ConfiguredStep,
  run: ConnectorRun,
  shared: SharedBySteps,
): Promise<"finished" | "stopped"> {
  const { connector, options, redact } = run;
  const { onEvent, dryRun } = options;
  const source = { connector: connector.name, step: step.name };
  const startedAt = performance.now();
  const ofStep: RunningStep = { tally: run.steps.get(step.name)?.tally ?? createStepTally() };
  run.steps.set(step.name, ofStep);
  onEvent({ type: "step-started", ...source });
  const end = await runStep({
    ...loadOptions(step, run, shared, ofStep.tally),
    ...shared,
    onPage: (counts, page) => {
      if (page.facts !== undefined && !dryRun) {
        ofStep.facts = page.facts;
      }
      if (page.missing !== undefined) {
        ofStep.missing = page.missing.map(redact);
      }
      if (page.gap !== undefined) {
        ofStep.gap = page.gap;
      }
      onEvent({ type: "page-loaded", ...source, counts, ...extentOf(page) });
    },
  });
  if (end === "finished") {
    const seconds = secondsSince(startedAt);
    onEvent({ type: "step-finished", ...source, counts: { ...ofStep.tally }, seconds });
  }
  return end;
}

/** What a step stores documents with. */
function loadOptions(
  step: ConfiguredStep,
  { connector, options, lease, redact }: ConnectorRun,
  { signal, redactor }: SharedBySteps,
  tally: StepTally,
) {
  const source = { connector: connector.name, step: step.name };
  return {
    ...options,
    ...{ step, redact, redactor, signal, tally, connector: connector.name, current: rememberCurrent() },
    assertHeld: async () => {
      options.watch.gaveUp.throwIfAborted();
      await lease?.assertHeld();
    },
    onBatch: (counts: StepCounts, page: PageExtent) =>
      options.onEvent({ type: "batch-stored", ...source, counts, ...extentOf(page) }),
  };
}

function extentOf({ total, bytes }: PageExtent): PageExtent {
  return { ...(total !== undefined && { total }), ...(bytes !== undefined && { bytes }) };
}
