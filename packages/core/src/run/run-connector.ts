import { waitWhileHeld } from "../async/wait-while-held.js";
import type { ConfiguredConnector, ConfiguredStep } from "../connector/configure-connector.js";
import { createHttpClient } from "../http/create-http-client.js";
import type { HttpClient, HttpLimits, HttpStats } from "../http/http-client.js";
import { RecordsRejectedError } from "../quarantine/count-rejections.js";
import { createRedactor, type Redact } from "../secrets/redact-secrets.js";
import { createCheckpoints } from "../store/checkpoints.js";
import { describeFailure } from "../store/describe-failure.js";
import { acquireLease, type Lease, LeaseHeldError } from "../store/lease.js";
import { createDataRedactor } from "../store/redact-data.js";
import type { DatabaseWatch } from "../store/watch-database.js";
import { affectsEverything } from "./affects-everything.js";
import { createConnectorBudget } from "./connector-budget.js";
import type { PageExtent } from "./load-page.js";
import type { ConnectorReport, RunEvent } from "./run-event.js";
import { createStepTally, type StepTally } from "./run-event.js";
import { createRunSession, type RunSession } from "./run-session.js";
import { type PageFindings, type RunStepOptions, runStep } from "./run-step.js";

interface RunConnectorOptions
  extends Pick<
    RunStepOptions,
    "store" | "log" | "signal" | "full" | "dryRun" | "removals" | "filesFolder" | "now" | "runId"
  > {
  readonly onEvent: (event: RunEvent) => void;
  readonly watch: DatabaseWatch;
  /** Win over the connector's own. */
  readonly http: HttpLimits;
  /** Besides those of the connector. */
  readonly secrets: readonly string[];
  readonly ifRunning: IfRunning;
  readonly runningWaitMs: number;
}

/** What to do where another run has the connector: wait for it and skip if that takes too long, skip at once, or fail. */
export type IfRunning = "wait" | "skip" | "fail";

type ConnectorOutcome = Pick<ConnectorReport, "status" | "reason">;

const interruptedReason = "interrupted: the next run resumes here";

/** One run of a connector, and what is known of it so far. */
interface ConnectorRun {
  readonly connector: ConfiguredConnector;
  readonly options: RunConnectorOptions;
  readonly redact: Redact;
  /** Undefined until it is acquired, and in a dry run. */
  lease: Lease | undefined;
  stats: HttpStats;
  readonly steps: ({ readonly name: string; readonly tally: StepTally } & {
    -readonly [Name in keyof PageFindings]: PageFindings[Name];
  })[];
}

/**
 * Runs the steps of one connector in order. Where one fails, those that need it are left out, and all others too where its fault would meet
 * them as well. Does not reject: what went wrong is in the report.
 */
export async function runConnector(
  connector: ConfiguredConnector,
  options: RunConnectorOptions,
): Promise<ConnectorReport> {
  const startedAt = performance.now();
  const run: ConnectorRun = {
    ...{ connector, options, lease: undefined, steps: [] },
    redact: createRedactor([...connector.secrets, ...options.secrets]),
    stats: { requests: 0, retries: 0, throttled: 0 },
  };
  options.onEvent({
    type: "connector-started",
    connector: connector.name,
    steps: connector.steps.map((step) => step.name),
  });
  const outcome = await runWithLease(run);
  const loadedNothing = run.steps.every(({ tally }) => tally.extracted === 0 && tally.updated === 0);
  const { requests, retries, throttled } = run.stats;
  const report: ConnectorReport = {
    name: connector.name,
    ...outcome,
    ...(outcome.status === "interrupted" &&
      loadedNothing && { reason: "interrupted before anything was loaded" }),
    ...{ requests, retries, throttled },
    seconds: secondsSince(startedAt),
    steps: run.steps.map(({ name, tally, facts, missing, gap }) => ({
      name,
      ...tally,
      ...(facts && { facts }),
      ...(missing && missing.length > 0 && { missing }),
      ...(gap && { gap }),
    })),
  };
  options.onEvent({ type: "connector-finished", report });
  return report;
}

async function runWithLease(run: ConnectorRun): Promise<ConnectorOutcome> {
  const { connector, options, redact } = run;
  if (connector.skipReason !== undefined) {
    return { status: "skipped", reason: redact(connector.skipReason) };
  }
  if (options.signal.aborted) {
    return { status: "interrupted", reason: "interrupted before it started" };
  }
  try {
    // A dry run writes no document, so it needs no lease.
    if (!options.dryRun) {
      run.lease = await options.watch.wait(acquireWhenFree(connector.name, options));
    }
    return await options.watch.wait(runSteps(run));
  } catch (error) {
    if (run.lease === undefined && error instanceof LeaseHeldError && options.ifRunning !== "fail") {
      return { status: "skipped", reason: redact(error.message) };
    }
    return failed(error, run);
  } finally {
    await releaseLease(run);
  }
}

async function acquireWhenFree(connector: string, options: RunConnectorOptions): Promise<Lease> {
  const { onEvent, signal, ifRunning, runningWaitMs } = options;
  let isWaiting = false;
  const lease = await waitWhileHeld(() => acquireLease({ ...options, connector }), {
    isHeld: (error) => error instanceof LeaseHeldError,
    waitMs: ifRunning === "wait" ? runningWaitMs : 0,
    signal,
    onWait(error, until) {
      isWaiting = true;
      const message = describeFailure(error, options.store);
      onEvent({ type: "waiting", connector, reason: "running", until, message });
    },
  });
  if (isWaiting) {
    onEvent({ type: "resumed", connector });
  }
  return lease;
}

/** What the steps of a run share. `signal` aborts on an interruption, and where the lease is lost. */
type SharedBySteps = Pick<
  RunStepOptions,
  "signal" | "http" | "reader" | "session" | "checkpoints" | "redactor"
>;

async function runSteps(run: ConnectorRun): Promise<ConnectorOutcome> {
  const { connector, options, lease, redact } = run;
  const { store, log, dryRun, full, secrets, filesFolder, now } = options;
  const { name, steps } = connector;
  const signal = lease === undefined ? options.signal : AbortSignal.any([options.signal, lease.lost]);
  const http = createHttp(connector, { ...options, signal }, redact);
  run.stats = http.stats;
  const redactor = createDataRedactor([...connector.secrets, ...secrets]);
  const names = steps.map((step) => step.name);
  const checkpoints = createCheckpoints(store, name, names, redactor);
  for (const setting of connector.weakSecrets) {
    log.warn(
      { connector: name, setting },
      `${setting} is too short or too common to be distinguished from data: if the server sends it back, it is stored`,
    );
  }
  if (full && !dryRun) {
    await checkpoints.forget();
  }
  const reader = redactor.reader(store.reader);
  const session = createRunSession(connector, { http, store: reader, log, signal, filesFolder, now });
  let outcome: ConnectorOutcome;
  try {
    outcome = await runEachStep(run, { signal, http, reader, session, checkpoints, redactor });
  } finally {
    await closeSession(session, run);
  }
  const ofThisRun = steps.filter(({ checkpointScope }) => checkpointScope === "run");
  if (outcome.status === "ok" && ofThisRun.length > 0 && !dryRun) {
    await checkpoints.forget(ofThisRun.map((step) => step.name));
  }
  return outcome;
}

/** What is loaded is loaded, whether the session can be closed or not. */
async function closeSession(
  session: RunSession,
  { connector, options, redact }: ConnectorRun,
): Promise<void> {
  try {
    await session.close();
  } catch (error) {
    const reason = redact(describeFailure(error, options.store));
    options.log.warn({ connector: connector.name, reason }, "the session could not be closed");
  }
}

async function runEachStep(run: ConnectorRun, shared: SharedBySteps): Promise<ConnectorOutcome> {
  const { connector, options } = run;
  const failures: ConnectorOutcome[] = [];
  const notDone = new Set<string>();
  for (const step of connector.steps) {
    if (shared.signal.aborted) {
      return interrupted(run);
    }
    if (step.needs === undefined ? notDone.size > 0 : step.needs.some((needed) => notDone.has(needed))) {
      notDone.add(step.name);
      continue;
    }
    try {
      if ((await runAndReport(step, run, shared)) === "stopped") {
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
  return joinFailures(failures);
}

/** Runs a step, and reports how far it is. */
async function runAndReport(
  step: ConfiguredStep,
  { connector, options, lease, steps, redact }: ConnectorRun,
  shared: SharedBySteps,
): Promise<"finished" | "stopped"> {
  const { onEvent, dryRun } = options;
  const source = { connector: connector.name, step: step.name };
  const startedAt = performance.now();
  const tally = createStepTally();
  const ofStep: ConnectorRun["steps"][number] = { name: step.name, tally };
  steps.push(ofStep);
  onEvent({ type: "step-started", ...source });
  const end = await runStep({
    ...options,
    ...shared,
    ...{ step, redact, tally, connector: connector.name },
    assertHeld: async () => {
      options.watch.gaveUp.throwIfAborted();
      await lease?.assertHeld();
    },
    onBatch: (counts, page) => onEvent({ type: "batch-stored", ...source, counts, ...extentOf(page) }),
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
    onEvent({ type: "step-finished", ...source, counts: { ...tally }, seconds });
  }
  return end;
}

function extentOf({ total, bytes }: PageExtent): PageExtent {
  return { ...(total !== undefined && { total }), ...(bytes !== undefined && { bytes }) };
}

function createHttp(
  connector: ConfiguredConnector,
  { store, log, signal, dryRun, onEvent, now, http }: RunConnectorOptions,
  redact: Redact,
): HttpClient & { readonly stats: HttpStats } {
  const limits = Object.fromEntries(Object.entries(http).filter(([, value]) => value !== undefined));
  return createHttpClient({
    settings: { ...connector.http, ...limits, secrets: connector.secrets },
    budget: createConnectorBudget(connector, { store, now, dryRun }),
    log,
    signal,
    onWait: ({ reason, until, message }) =>
      onEvent({ type: "waiting", connector: connector.name, reason, until, message: redact(message) }),
    onResume: () => onEvent({ type: "resumed", connector: connector.name }),
  });
}

function interrupted({ lease }: ConnectorRun): ConnectorOutcome {
  lease?.lost.throwIfAborted();
  return { status: "interrupted", reason: interruptedReason };
}

/** What an interruption throws is no failure; anything else is, and so is the loss of the lease. */
function failed(
  error: unknown,
  { connector: { name }, options, lease, redact }: ConnectorRun,
  step?: string,
): ConnectorOutcome {
  const { signal, log, store } = options;
  const place = { connector: name, ...(step !== undefined && { step }) };
  log.debug({ ...place, err: error }, "the connector stopped here");
  if (lease?.lost.aborted === true) {
    return { status: "failed", reason: redact(describeFailure(lease.lost.reason, store)) };
  }
  if (signal.aborted) {
    return { status: "interrupted", reason: interruptedReason };
  }
  const reason = redact(describeFailure(error, store));
  return { status: "failed", reason: step === undefined ? reason : `${step}: ${reason}` };
}

/** What the last one says decides: it may be an interruption. */
function joinFailures(failures: readonly ConnectorOutcome[]): ConnectorOutcome {
  const last = failures.at(-1);
  if (last === undefined || last.status !== "failed") {
    return last ?? { status: "ok" };
  }
  return { ...last, reason: failures.map(({ reason }) => reason).join("; ") };
}

/** A lease that cannot be released ends by itself. */
async function releaseLease({ lease, connector, options }: ConnectorRun): Promise<void> {
  try {
    if (lease !== undefined) {
      await options.watch.wrapUp(lease.release());
    }
  } catch (error) {
    const place = { connector: connector.name };
    options.log.debug({ ...place, err: error }, "the lease could not be released; it ends by itself");
  }
}

function secondsSince(startedAt: number): number {
  return Math.round(performance.now() - startedAt) / 1000;
}
