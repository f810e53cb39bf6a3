import { randomUUID } from "node:crypto";
import type { Logger, StoreReader } from "@cti-connectors/core";
import {
  type Connector,
  createRedactor,
  GraceOverError,
  httpLimitsOf,
  type IfRunning,
  type Redact,
  type RunOptionValues,
  type RunReport,
  runConnectors,
  type Store,
} from "@cti-connectors/core/host";
import type { ConfiguredDatabase, ConfiguredStore } from "../database/open-configured-store.js";
import { isOpenForRun, openWhenFree, runningWaitMs } from "../database/open-when-free.js";
import { type ExitStatus, exitStatus } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { createRunView, isWatched, type RunView } from "../progress/run-view.js";
import { type DemoEnd, renderRun } from "../report/render-run.js";
import { showDemo } from "../report/show-demo.js";
import { checkConnectorOptions, warnOfSecrets } from "../settings/connector-options.js";
import { findMissingSettings } from "../settings/find-missing-settings.js";
import { type RunSettings, readSettings } from "../settings/read-settings.js";
import type { Surroundings } from "../settings/surroundings.js";
import { answerText } from "../text/answer-text.js";
import { paintFor } from "../text/paint.js";
import { widthFor } from "../text/width.js";
import { askLoaded, emptyDemoDatabase } from "./prepare-demo.js";

export interface RunOptions {
  readonly demo?: boolean;
  readonly dryRun?: boolean;
  readonly full?: boolean;
  /** Withdraw whatever upstreams stop listing, however much it is. */
  readonly acceptRemovals?: boolean;
  /** What to do where another run has the embedded database or a connector. Default `wait`. */
  readonly ifRunning?: IfRunning;
  readonly json?: boolean;
}

/** The status of the process after a run. */
const exitStatuses: Readonly<Record<RunReport["status"], ExitStatus>> = {
  ok: exitStatus.ok,
  partial: exitStatus.failed,
  failed: exitStatus.failed,
  interrupted: exitStatus.interrupted,
};

/** What to run, and how. */
export interface AskedRun {
  readonly chosen: readonly Connector[];
  readonly options: RunOptions;
  /** Options that connectors have. */
  readonly asked: RunOptionValues;
  /** What to load into: it is open, and stays so. Default: the run opens the database and closes it. */
  readonly database?: ConfiguredDatabase;
  /** Called before anything is loaded. Not called before a demo or a dry run. */
  readonly beforeRun?: (starting: StartingRun) => Promise<void>;
  /** Called where the database cannot be used, before the error is thrown. Not called for a demo or a dry run. */
  readonly onDatabaseFailure?: (failed: Omit<StartingRun, "store">, error: unknown) => Promise<void>;
  /** Called with what was loaded, before the database is closed. Not called after a demo or a dry run. */
  readonly afterRun?: (loaded: LoadedRun) => Promise<void>;
  /** Called when everything is printed, before the database is closed. Also called after a demo. */
  readonly whileOpen?: (opened: ConfiguredStore, run: PreparedRun) => Promise<void>;
}

/** A run whose database is open. */
export interface StartingRun {
  readonly settings: RunSettings;
  readonly store: Store;
  readonly log: Logger;
  /** Takes out the secrets of the run. */
  readonly redact: Redact;
}

/** What a run has loaded, while its database is still open. */
export interface LoadedRun extends StartingRun {
  readonly report: RunReport;
}

/**
 * Loads once.
 *
 * @param signal aborts when the run is to stop: it finishes the page in hand and saves
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 */
export async function runOnce(run: PreparedRun, signal: AbortSignal): Promise<ExitStatus> {
  const interrupting = () =>
    run.view.interrupting("Finishing the current page, then saving. Press Ctrl-C again to stop at once.");
  signal.addEventListener("abort", interrupting, { once: true });
  try {
    const opened = await openUnlessRunning(run, signal);
    if (opened === undefined) {
      return exitStatus.ok;
    }
    try {
      const status = await loadAndPrint(run, opened, signal);
      signal.removeEventListener("abort", interrupting);
      await run.whileOpen?.(opened, run);
      return status;
    } finally {
      run.view.close();
      await opened.close();
    }
  } catch (error) {
    if (error === signal.reason || error instanceof GraceOverError) {
      run.terminal.say("Interrupted before a connector had started.");
      return exitStatus.interrupted;
    }
    throw error;
  } finally {
    signal.removeEventListener("abort", interrupting);
  }
}

/** What somebody else does around a run. */
type RunHooks = Pick<AskedRun, "beforeRun" | "onDatabaseFailure" | "afterRun">;

/** A run whose settings are read. The secrets in its surroundings are all that nothing that is printed may hold. */
export interface PreparedRun extends Pick<AskedRun, "options" | "database" | "whileOpen"> {
  readonly hooks: RunHooks;
  readonly settings: RunSettings;
  readonly surroundings: Surroundings;
  /** Whether a person watches it on a terminal. */
  readonly watched: boolean;
  readonly view: RunView;
  readonly terminal: Terminal;
}

/**
 * Reads the settings of a run, and warns of what is odd about its options.
 *
 * @throws ConfigError where settings are wrong, UsageError where options are
 */
export function prepareRun(
  { chosen, options, asked: values, database, whileOpen, ...hooks }: AskedRun,
  surroundings: Surroundings,
  terminal: Terminal,
): PreparedRun {
  const { connectors, environment, folder } = surroundings;
  const asked = { values, folder };
  checkConnectorOptions(asked, chosen, connectors);
  const settings = readSettings(chosen, environment, connectors, asked);
  // The keys of demos are no secrets, and may be as short as a word.
  const secrets = options.demo
    ? surroundings.secrets
    : [...surroundings.secrets, ...settings.connectors.flatMap((connector) => connector.secrets)];
  const redact = createRedactor(secrets);
  for (const warning of warnOfSecrets(values, redact)) {
    terminal.say(`Warning: ${warning}`);
  }
  const watched = isWatched(process.stderr, environment, settings.base.LOG_FORMAT);
  const view = createRunView({ watched, config: settings.base, secrets, terminal });
  const all = { ...surroundings, secrets, redact };
  return {
    options,
    ...(database !== undefined && { database }),
    ...(whileOpen !== undefined && { whileOpen }),
    settings,
    surroundings: all,
    watched,
    view,
    terminal,
    hooks: isReal(options) ? hooks : {},
  };
}

/** Neither a demo nor a dry run. */
function isReal({ demo = false, dryRun = false }: RunOptions): boolean {
  return !demo && !dryRun;
}

/** @returns undefined where another run has the database, and this one is skipped */
async function openUnlessRunning(
  { options, database, settings, surroundings, view, terminal, hooks }: PreparedRun,
  signal: AbortSignal,
): Promise<ConfiguredStore | undefined> {
  const { ifRunning = "wait" } = options;
  try {
    return database === undefined
      ? await openWhenFree(settings.base, surroundings, { ifRunning, signal, say: view.say })
      : await database.connect(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (ifRunning === "fail" || !isOpenForRun(error)) {
      await hooks.onDatabaseFailure?.({ settings, log: view.log, redact: surroundings.redact }, error);
      throw error;
    }
    view.log.warn(`skipped: ${error.message}`);
    if (options.json) {
      const report = reportSkipped(settings, error.message);
      terminal.print(answerText(report, { json: true, redact: surroundings.redact }, () => ""));
    }
    return undefined;
  }
}

/** What is reported where the database was not free. */
function reportSkipped({ base, connectors }: RunSettings, reason: string): RunReport {
  return {
    runId: randomUUID(),
    status: "ok",
    store: { kind: "embedded", db: base.DB_NAME },
    connectors: connectors.map(({ name }) => ({
      name,
      status: "skipped",
      reason,
      ...{ requests: 0, retries: 0, throttled: 0, seconds: 0, steps: [] },
    })),
  };
}

async function loadAndPrint(
  run: PreparedRun,
  opened: ConfiguredStore,
  signal: AbortSignal,
): Promise<ExitStatus> {
  const { options, settings, surroundings, view, terminal } = run;
  const { demo: isDemo = false, dryRun = false, json = false } = options;
  view.say(`Loading into the ${opened.place}.`);
  if (isDemo && !dryRun) {
    await emptyDemoDatabase(opened.store);
  }
  const starting = { settings, store: opened.store, log: view.log, redact: surroundings.redact };
  await run.hooks.beforeRun?.(starting);
  const report = await load(run, opened, signal);
  await run.hooks.afterRun?.({ ...starting, report });
  const width = widthFor(process.stdout);
  const demo = isDemo && !dryRun ? await endDemo(run, report, opened.store.reader, width) : undefined;
  view.close();
  const { command, redact } = surroundings;
  const { progress } = view;
  const around = { progress, place: opened, command, dryRun, demo };
  terminal.print(
    answerText(report, { json, redact }, () =>
      renderRun(report, { ...around, width, paint: paintFor(process.stdout) }),
    ),
  );
  return exitStatuses[report.status];
}

async function endDemo(
  { settings, surroundings }: PreparedRun,
  report: RunReport,
  reader: StoreReader,
  width: number,
): Promise<DemoEnd> {
  const { connectors, command, settingsFile } = surroundings;
  const shown = connectors.filter(({ name }) =>
    report.connectors.some((connector) => connector.name === name),
  );
  const names = shown.map(({ name }) => name).join(" ");
  return {
    answers: showDemo(await askLoaded(report, settings, surroundings, reader), width),
    missing: findMissingSettings(shown),
    settingsFile,
    nextCommand: shown.length === connectors.length ? command : `${command} run ${names}`,
  };
}

function load(
  { options, settings: { base, connectors }, surroundings, view }: PreparedRun,
  { store }: ConfiguredStore,
  signal: AbortSignal,
): Promise<RunReport> {
  const { demo = false, dryRun = false, full = false, acceptRemovals = false, ifRunning = "wait" } = options;
  const skipped = connectors.filter(({ skipReason }) => skipReason !== undefined).map(({ name }) => name);
  return runConnectors({
    connectors,
    store,
    log: view.log,
    signal,
    full,
    dryRun,
    acceptRemovals,
    overlap: base.LOAD_OVERLAP === "on",
    maxRemovedShare: base.MAX_REMOVED_SHARE,
    ifRunning,
    runningWaitMs,
    // Whatever a connector forgot, its demo stays on this machine.
    http: { ...httpLimitsOf(base), loopbackOnly: demo },
    secrets: surroundings.secrets,
    filesFolder: surroundings.dataFolder,
    onEvent(event) {
      // That it is skipped is said when it finishes, and is enough.
      if (event.type !== "connector-started" || !skipped.includes(event.connector)) {
        view.show(event);
      }
    },
  });
}
