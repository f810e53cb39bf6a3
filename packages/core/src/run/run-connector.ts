import { waitWhileHeld } from "../async/wait-while-held.js";
import type { ConfiguredConnector } from "../connector/configure-connector.js";
import { findOutdated } from "../documents/find-outdated.js";
import { createHttpClient } from "../http/create-http-client.js";
import type { HttpClient, HttpStats } from "../http/http-client.js";
import { createRedactor, type Redact } from "../secrets/redact-secrets.js";
import { createCheckpoints } from "../store/checkpoints.js";
import { describeFailure } from "../store/describe-failure.js";
import { acquireLease, type Lease, LeaseHeldError } from "../store/lease.js";
import { createDataRedactor } from "../store/redact-data.js";
import { createConnectorBudget } from "./connector-budget.js";
import {
  type ConnectorOutcome,
  type ConnectorRun,
  failed,
  type RunConnectorOptions,
  secondsSince,
  skipped,
} from "./connector-run.js";
import { holdReads } from "./hold-reads.js";
import { runEachStep } from "./run-each-step.js";
import type { ConnectorReport } from "./run-event.js";
import { createRunSession, type RunSession } from "./run-session.js";

/**
 * Runs the steps of one connector, or, where it is skipped, only upgrades what an older version has stored. Does not reject: what went wrong is in the report.
 */
export async function runConnector(
  connector: ConfiguredConnector,
  options: RunConnectorOptions,
): Promise<ConnectorReport> {
  const startedAt = performance.now();
  const run: ConnectorRun = {
    ...{ connector, options, lease: undefined, steps: new Map() },
    redact: createRedactor([...connector.secrets, ...options.secrets]),
    stats: { requests: 0, retries: 0, throttled: 0 },
  };
  options.onEvent({
    type: "connector-started",
    connector: connector.name,
    steps: connector.steps.map((step) => step.name),
  });
  const outcome = await runWithLease(run);
  const steps = connector.steps.flatMap(({ name }) => {
    const step = run.steps.get(name);
    return step === undefined ? [] : [{ name, ...step }];
  });
  const loadedNothing = steps.every(({ tally }) => tally.extracted === 0 && tally.updated === 0);
  const { requests, retries, throttled } = run.stats;
  const report: ConnectorReport = {
    name: connector.name,
    ...outcome,
    ...(outcome.status === "interrupted" &&
      loadedNothing && { reason: "interrupted before anything was loaded" }),
    ...(outcome.status !== "skipped" &&
      connector.sampleReason !== undefined && { sample: run.redact(connector.sampleReason) }),
    ...{ requests, retries, throttled },
    seconds: secondsSince(startedAt),
    steps: steps.map(({ name, tally, facts, missing, gap }) => ({
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
  const { connector, options } = run;
  try {
    if (connector.skipReason !== undefined && !(await options.watch.wait(mustUpgrade(run)))) {
      return skipped(connector.skipReason, run);
    }
    if (options.signal.aborted) {
      return { status: "interrupted", reason: "interrupted before it started" };
    }
    // A dry run writes no document, so it needs no lease.
    if (!options.dryRun) {
      run.lease = await options.watch.wait(acquireWhenFree(connector.name, options));
    }
    return await options.watch.wait(runSteps(run));
  } catch (error) {
    if (run.lease === undefined && error instanceof LeaseHeldError && options.ifRunning !== "fail") {
      return skipped(error.message, run);
    }
    return failed(error, run);
  } finally {
    await releaseLease(run);
  }
}

async function mustUpgrade({ connector, options: { store, signal } }: ConnectorRun): Promise<boolean> {
  return !signal.aborted && (await findOutdated(store, connector)).length > 0;
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

async function runSteps(run: ConnectorRun): Promise<ConnectorOutcome> {
  const { connector, options, lease, redact } = run;
  const { store, log, dryRun, full, secrets, filesFolder, now } = options;
  const { name, steps, skipReason } = connector;
  const givenUp = new AbortController();
  const signal = AbortSignal.any([options.signal, givenUp.signal, ...(lease ? [lease.lost] : [])]);
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
  if (full && !dryRun && skipReason === undefined) {
    await checkpoints.forget();
  }
  const reads = holdReads(redactor.reader(store.reader));
  const session = createRunSession(connector, { http, store: reads.reader, log, signal, filesFolder, now });
  const giveUp = (reason: unknown) => givenUp.abort(reason);
  let outcome: ConnectorOutcome;
  try {
    outcome = await runEachStep(run, { signal, giveUp, http, reads, session, checkpoints, redactor });
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
