import { randomUUID } from "node:crypto";
import {
  baseConfig,
  type Connector,
  createRedactor,
  GraceOverError,
  type IfRunning,
  parseConfig,
  type RunReport,
  runConnectors,
  type Store,
} from "@cti-connectors/core";
import type { RunnerStore } from "../database/open-runner-store.js";
import { isOpenForRun, openWhenFree, runningWaitMs } from "../database/open-when-free.js";
import { type ExitStatus, exitStatus } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { watchInterruption } from "../process/watch-interruption.js";
import { createRunView, isWatched, type RunView } from "../progress/run-view.js";
import { renderOutcome } from "../report/render-outcome.js";
import { showDemo } from "../report/show-demo.js";
import { type RunSettings, readSettings, withSample } from "../settings/read-settings.js";
import { selectConnectors } from "../settings/select-connectors.js";
import type { Surroundings } from "../settings/surroundings.js";
import { jsonText } from "../text/json-text.js";
import { emptyDemoDatabase, prepareDemo } from "./prepare-demo.js";
import { warnOfKeyInBackfill, withBackfill } from "./with-backfill.js";

export interface RunOptions {
  readonly demo?: boolean;
  readonly sample?: boolean;
  readonly dryRun?: boolean;
  readonly full?: boolean;
  /** Withdraw whatever upstreams stop listing, however much it is. */
  readonly acceptRemovals?: boolean;
  /** An export of ThreatFox to be loaded first: a file or URL; true: the full one. */
  readonly backfill?: string | true;
  /** What to do where another run has the embedded database or a connector. Default `wait`. */
  readonly ifRunning?: IfRunning;
  readonly json?: boolean;
}

const mib = 1024 * 1024;

/**
 * One run of all connectors, or of those named.
 *
 * @throws UsageError where a name is unknown, or there is no file to be loaded
 * @throws ConfigError where settings are wrong
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 */
export async function runCommand(
  names: readonly string[],
  options: RunOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { connectors, environment } = surroundings;
  const chosen = selectConnectors(connectors, names);
  if (!options.demo) {
    return runOnce(chosen, options, surroundings, terminal);
  }
  const { DB_NAME } = parseConfig(baseConfig.pick({ DB_NAME: true }), environment);
  const demo = await prepareDemo(connectors, environment, DB_NAME);
  try {
    if (demo.ignored.length > 0) {
      terminal.say(`A demo does not use these settings: ${demo.ignored.join(", ")}.`);
    }
    return await runOnce(chosen, options, { ...surroundings, environment: demo.environment }, terminal);
  } finally {
    await demo.close();
  }
}

async function runOnce(
  chosen: readonly Connector[],
  options: RunOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const run = prepareRun(chosen, options, surroundings, terminal);
  const { view } = run;
  const interruption = watchInterruption(() =>
    view.interrupting("Finishing the page in hand, then saving. Press Ctrl-C again to stop at once."),
  );
  try {
    const opened = await openUnlessRunning(run, surroundings, interruption.signal);
    if (opened === undefined) {
      return exitStatus.ok;
    }
    try {
      return await loadAndPrint(run, opened, surroundings.command, interruption.signal);
    } finally {
      view.close();
      await opened.close();
    }
  } catch (error) {
    if (error === interruption.signal.reason || error instanceof GraceOverError) {
      terminal.say("Interrupted before a connector had started.");
      return exitStatus.interrupted;
    }
    throw error;
  } finally {
    interruption.dispose();
  }
}

/** A run whose settings are read. */
interface PreparedRun {
  readonly options: RunOptions;
  readonly settings: RunSettings;
  /** Which nothing that is printed may hold. */
  readonly secrets: readonly string[];
  readonly view: RunView;
  readonly terminal: Terminal;
}

function prepareRun(
  chosen: readonly Connector[],
  options: RunOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): PreparedRun {
  const names = chosen.map(({ name }) => name);
  const environment = withBackfill(surroundings, options.backfill, names);
  const keyInBackfill = warnOfKeyInBackfill(options.backfill, surroundings);
  if (keyInBackfill !== undefined) {
    terminal.say(`Warning: ${keyInBackfill}`);
  }
  const settings = readSettings(
    chosen,
    options.sample ? withSample(chosen, environment) : environment,
    surroundings.connectors,
  );
  const secrets = [...surroundings.secrets, ...settings.connectors.flatMap((connector) => connector.secrets)];
  const watched = isWatched(process.stderr, environment, settings.base.LOG_FORMAT);
  const view = createRunView({ watched, config: settings.base, secrets, terminal });
  return { options, settings, secrets, view, terminal };
}

/** @returns undefined where another run has the database, and this one is skipped */
async function openUnlessRunning(
  { options, settings, secrets, view, terminal }: PreparedRun,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<RunnerStore | undefined> {
  const { ifRunning = "wait" } = options;
  try {
    return await openWhenFree(settings.base, surroundings, { ifRunning, signal, say: view.say });
  } catch (error) {
    signal.throwIfAborted();
    if (ifRunning === "fail" || !isOpenForRun(error)) {
      throw error;
    }
    view.log.warn(`skipped: ${error.message}`);
    if (options.json) {
      terminal.print(jsonText(reportSkipped(settings, error.message), createRedactor(secrets)));
    }
    return undefined;
  }
}

async function loadAndPrint(
  { options, settings, secrets, view, terminal }: PreparedRun,
  opened: RunnerStore,
  command: string,
  signal: AbortSignal,
): Promise<ExitStatus> {
  view.say(`Loading into the ${opened.place}.`);
  const report = await load(settings, options, secrets, opened.store, view, signal);
  const demo = options.demo && !options.dryRun ? await showDemo(opened.store.reader) : undefined;
  view.close();
  const redact = createRedactor(secrets);
  const text = () =>
    renderOutcome({
      report,
      progress: view.progress,
      place: opened,
      command,
      dryRun: options.dryRun ?? false,
      demo,
      colours: process.stdout.isTTY && process.stdout.hasColors(),
    });
  terminal.print(options.json ? jsonText(report, redact) : redact(text()));
  return statusOf(report);
}

/** Of a run for which the database was not free. */
function reportSkipped({ base, connectors: configured }: RunSettings, reason: string): RunReport {
  return {
    runId: randomUUID(),
    status: "ok",
    store: { kind: "embedded", db: base.DB_NAME },
    connectors: configured.map(({ name }) => ({
      name,
      status: "skipped",
      reason,
      ...{ requests: 0, retries: 0, throttled: 0, seconds: 0, steps: [] },
    })),
  };
}

async function load(
  { base, connectors: configured }: RunSettings,
  { demo = false, dryRun = false, full = false, acceptRemovals = false, ifRunning = "wait" }: RunOptions,
  secrets: readonly string[],
  store: Store,
  view: RunView,
  signal: AbortSignal,
): Promise<RunReport> {
  if (demo && !dryRun) {
    await emptyDemoDatabase(store);
  }
  const skipped = configured.filter(({ skipReason }) => skipReason !== undefined).map(({ name }) => name);
  return runConnectors({
    connectors: configured,
    store,
    log: view.log,
    signal,
    full,
    dryRun,
    acceptRemovals,
    maxRemovedShare: base.MAX_REMOVED_SHARE,
    ifRunning,
    runningWaitMs,
    http: {
      timeoutMs: base.HTTP_TIMEOUT_MS,
      retries: base.HTTP_RETRIES,
      maxBodyBytes: base.HTTP_MAX_BODY_MB * mib,
      maxDownloadBytes: base.HTTP_MAX_DOWNLOAD_MB * mib,
    },
    secrets,
    onEvent(event) {
      // That it is skipped is said when it finishes, and is enough.
      if (event.type !== "connector-started" || !skipped.includes(event.connector)) {
        view.show(event);
      }
    },
  });
}

function statusOf({ status }: RunReport): ExitStatus {
  switch (status) {
    case "ok":
      return exitStatus.ok;
    case "interrupted":
      return exitStatus.interrupted;
    case "partial":
    case "failed":
      return exitStatus.failed;
  }
}
