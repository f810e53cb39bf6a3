import { waitWhileHeld } from "../async/wait-while-held.js";
import type { ConfiguredConnector, ConfiguredStep } from "../connector/configure-connector.js";
import type { StoreReader } from "../connector/connector.js";
import type { RemovalPolicy } from "../documents/guard-removals.js";
import { createHttpClient } from "../http/create-http-client.js";
import type { HttpClient, HttpLimits, HttpStats } from "../http/http-client.js";
import type { Logger } from "../log/create-logger.js";
import { RecordsRejectedError } from "../quarantine/count-rejections.js";
import { createRedactor, type Redact } from "../secrets/redact-secrets.js";
import { type Checkpoints, createCheckpoints } from "../store/checkpoints.js";
import { describeFailure } from "../store/describe-failure.js";
import { acquireLease, type Lease, LeaseHeldError } from "../store/lease.js";
import type { Store } from "../store/open-store.js";
import { createDataRedactor, type DataRedactor } from "../store/redact-data.js";
import type { DatabaseWatch } from "../store/watch-database.js";
import { affectsEverything } from "./affects-everything.js";
import { createConnectorBudget } from "./connector-budget.js";
import type { PageExtent } from "./load-page.js";
import type { ConnectorReport, RunEvent } from "./run-event.js";
import { createStepTally, type StepTally } from "./run-event.js";
import { createRunSession, type RunSession } from "./run-session.js";
import { type PageFindings, runStep } from "./run-step.js";

interface RunConnectorOptions {
  readonly store: Store;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly full: boolean;
  readonly dryRun: boolean;
  readonly removals: RemovalPolicy;
  readonly onEvent: (event: RunEvent) => void;
  readonly now: () => Date;
  readonly runId: string;
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

type Outcome = Pick<ConnectorReport, "status" | "reason">;

const interruptedReason = "interrupted: the next run goes on from here";

/** What is known of a connector's run so far. */
interface Progress {
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
  const progress: Progress = { stats: { requests: 0, retries: 0, throttled: 0 }, steps: [] };
  options.onEvent({
    type: "connector-started",
    connector: connector.name,
    steps: connector.steps.map((step) => step.name),
  });
  const settled = await settle(connector, options, progress);
  const loadedNothing = progress.steps.every(({ tally }) => tally.extracted === 0);
  const outcome =
    settled.status === "interrupted" && loadedNothing
      ? { ...settled, reason: "interrupted before anything was loaded" }
      : settled;
  const { requests, retries, throttled } = progress.stats;
  const report: ConnectorReport = {
    name: connector.name,
    ...outcome,
    requests,
    retries,
    throttled,
    seconds: secondsSince(startedAt),
    steps: progress.steps.map(({ name, tally, facts, missing }) => ({
      name,
      ...tally,
      ...(facts && { facts }),
      ...(missing && missing.length > 0 && { missing }),
    })),
  };
  options.onEvent({ type: "connector-finished", report });
  return report;
}

async function settle(
  connector: ConfiguredConnector,
  options: RunConnectorOptions,
  progress: Progress,
): Promise<Outcome> {
  const redact = createRedactor([...connector.secrets, ...options.secrets]);
  if (connector.skipReason !== undefined) {
    return { status: "skipped", reason: redact(connector.skipReason) };
  }
  if (options.signal.aborted) {
    return { status: "interrupted", reason: "interrupted before it started" };
  }
  let lease: Lease | undefined;
  try {
    // A dry run writes no document, so it needs no lease.
    lease = options.dryRun ? undefined : await options.watch.wait(acquireWhenFree(connector.name, options));
  } catch (error) {
    if (error instanceof LeaseHeldError && options.ifRunning !== "fail") {
      return { status: "skipped", reason: redact(error.message) };
    }
    return failed(error, connector.name, undefined, options, lease, redact);
  }
  try {
    return await options.watch.wait(runSteps(connector, options, progress, lease, redact));
  } catch (error) {
    return failed(error, connector.name, undefined, options, lease, redact);
  } finally {
    await release(lease, connector.name, options);
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

/** What the steps of a run share. */
interface ConnectorRun {
  readonly connector: ConfiguredConnector;
  readonly options: RunConnectorOptions;
  readonly progress: Progress;
  readonly lease: Lease | undefined;
  /** Aborts on an interruption, and where the lease is lost. */
  readonly signal: AbortSignal;
  readonly http: HttpClient;
  readonly reader: StoreReader;
  readonly session: RunSession;
  readonly checkpoints: Checkpoints;
  readonly redact: Redact;
  readonly redactor: DataRedactor;
}

async function runSteps(
  connector: ConfiguredConnector,
  options: RunConnectorOptions,
  progress: Progress,
  lease: Lease | undefined,
  redact: Redact,
): Promise<Outcome> {
  const { log, dryRun, full } = options;
  const { name, steps } = connector;
  const signal = lease === undefined ? options.signal : AbortSignal.any([options.signal, lease.lost]);
  const http = createHttp(connector, { ...options, signal }, redact);
  progress.stats = http.stats;
  const redactor = createDataRedactor([...connector.secrets, ...options.secrets]);
  const checkpoints = createCheckpoints(
    options.store,
    name,
    steps.map((step) => step.name),
    redactor,
  );
  for (const setting of connector.weakSecrets) {
    log.warn(
      { connector: name, setting },
      `${setting} is too short or too common to be told from data: where the server sends it back, it is stored`,
    );
  }
  if (full && !dryRun) {
    await checkpoints.forget();
  }
  const reader = redactor.reader(options.store.reader);
  const session = createRunSession(connector, { http, store: reader, log, signal, now: options.now });
  const run: ConnectorRun = {
    ...{ connector, options, progress, lease, signal, http },
    ...{ reader, session, checkpoints, redact, redactor },
  };
  let outcome: Outcome;
  try {
    outcome = await runEachStep(run);
  } finally {
    await closeSession(run);
  }
  const ofThisRun = steps.filter(({ checkpointScope }) => checkpointScope === "run");
  if (outcome.status === "ok" && ofThisRun.length > 0 && !dryRun) {
    await checkpoints.forget(ofThisRun.map((step) => step.name));
  }
  return outcome;
}

/** What is loaded is loaded, whether the session can be closed or not. */
async function closeSession({ connector, options, session, redact }: ConnectorRun): Promise<void> {
  try {
    await session.close();
  } catch (error) {
    const reason = redact(describeFailure(error, options.store));
    options.log.warn({ connector: connector.name, reason }, "the session could not be closed");
  }
}

async function runEachStep(run: ConnectorRun): Promise<Outcome> {
  const { connector, options, lease, signal, redact } = run;
  const failures: Outcome[] = [];
  const notDone = new Set<string>();
  for (const step of connector.steps) {
    if (signal.aborted) {
      return interrupted(lease);
    }
    if (step.needs === undefined ? notDone.size > 0 : step.needs.some((needed) => notDone.has(needed))) {
      notDone.add(step.name);
      continue;
    }
    try {
      if ((await runAndReport(run, step)) === "stopped") {
        return interrupted(lease);
      }
    } catch (error) {
      const failure = failed(error, connector.name, step.name, options, lease, redact);
      failures.push(failure);
      if (signal.aborted || affectsEverything(error)) {
        return joinFailures(failures);
      }
      // What could be stored is stored, so that other steps can go on.
      if (!(error instanceof RecordsRejectedError)) {
        notDone.add(step.name);
      }
      options.log.warn(
        { connector: connector.name, step: step.name, reason: failure.reason },
        "the step failed",
      );
    }
  }
  return joinFailures(failures);
}

/** Runs a step, and tells how far it is. */
async function runAndReport(run: ConnectorRun, step: ConfiguredStep): Promise<"finished" | "stopped"> {
  const { options, lease, signal, http, reader, session, checkpoints, redact, redactor } = run;
  const { onEvent, dryRun } = options;
  const source = { connector: run.connector.name, step: step.name };
  const startedAt = performance.now();
  const tally = createStepTally();
  const ofStep: Progress["steps"][number] = { name: step.name, tally };
  run.progress.steps.push(ofStep);
  onEvent({ type: "step-started", ...source });
  const end = await runStep({
    ...options,
    ...{ step, http, reader, session, checkpoints, signal, redact, redactor, tally },
    connector: source.connector,
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
  { store, log, signal, onEvent, now, http }: RunConnectorOptions,
  redact: Redact,
): HttpClient & { readonly stats: HttpStats } {
  const limits = Object.fromEntries(Object.entries(http).filter(([, value]) => value !== undefined));
  return createHttpClient({
    settings: { ...connector.http, ...limits },
    budget: createConnectorBudget(connector, store, now),
    log,
    signal,
    onWait: ({ reason, until, message }) =>
      onEvent({ type: "waiting", connector: connector.name, reason, until, message: redact(message) }),
    onResume: () => onEvent({ type: "resumed", connector: connector.name }),
  });
}

function interrupted(lease: Lease | undefined): Outcome {
  lease?.lost.throwIfAborted();
  return { status: "interrupted", reason: interruptedReason };
}

/** What an interruption throws is no failure; anything else is, and so is the loss of the lease. */
function failed(
  error: unknown,
  connector: string,
  step: string | undefined,
  { signal, log, store }: RunConnectorOptions,
  lease: Lease | undefined,
  redact: Redact,
): Outcome {
  log.debug({ connector, ...(step !== undefined && { step }), err: error }, "the connector stopped here");
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
function joinFailures(failures: readonly Outcome[]): Outcome {
  const last = failures.at(-1);
  if (last === undefined || last.status !== "failed") {
    return last ?? { status: "ok" };
  }
  return { ...last, reason: failures.map(({ reason }) => reason).join("; ") };
}

/** A lease that cannot be released ends by itself. */
async function release(
  lease: Lease | undefined,
  connector: string,
  { log, watch }: RunConnectorOptions,
): Promise<void> {
  try {
    if (lease !== undefined) {
      await watch.wrapUp(lease.release());
    }
  } catch (error) {
    log.debug({ connector, err: error }, "the lease could not be released; it ends by itself");
  }
}

function secondsSince(startedAt: number): number {
  return Math.round(performance.now() - startedAt) / 1000;
}
