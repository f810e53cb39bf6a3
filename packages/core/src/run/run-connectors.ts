import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultMaxRemovedShare } from "../config/base-config.js";
import { checkCollections } from "../connector/check-claims.js";
import type { ConfiguredConnector } from "../connector/configure-connector.js";
import type { HttpLimits } from "../http/http-client.js";
import type { Logger } from "../log/create-logger.js";
import type { Store } from "../store/open-store.js";
import { type DatabaseWatch, watchDatabase } from "../store/watch-database.js";
import type { IfRunning } from "./connector-run.js";
import { runConnector } from "./run-connector.js";
import type { ConnectorReport, RunEvent, RunReport } from "./run-event.js";
import { type RunLedger, startRunLedger } from "./run-ledger.js";

export interface RunConnectorsOptions {
  /** Run one after the other, in this order. */
  readonly connectors: readonly ConfiguredConnector[];
  readonly store: Store;
  readonly log: Logger;
  /** When it aborts, the page in hand is finished and saved, one that was read ahead is dropped, and nothing else is started. */
  readonly signal?: AbortSignal | undefined;
  /** How long that may take, in milliseconds; then the page is dropped, and the next run asks for it again. Default 6 000. */
  readonly graceMs?: number | undefined;
  /** Forget the checkpoints of these connectors first. */
  readonly full?: boolean | undefined;
  /**
   * Extract, transform and compare, and count what would change; write nothing to the database. A dry run keeps within what is left of each
   * request budget when it starts, but does not record its own requests: the next run does not know of them, nor does one that goes on at
   * the same time. Default false.
   */
  readonly dryRun?: boolean | undefined;
  /**
   * The setting LOAD_OVERLAP: go on to the next page of a step, and prepare its documents, while those before are stored. False: one after the
   * other. What is stored is the same. Default true.
   */
  readonly overlap?: boolean | undefined;
  /** The setting MAX_REMOVED_SHARE: a listing that withdraws a larger share of the current documents fails its step. Default 0.33. */
  readonly maxRemovedShare?: number | undefined;
  /** Withdraw whatever upstreams stop listing, however much it is. Default false. */
  readonly acceptRemovals?: boolean | undefined;
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /**
   * Where steps keep files from one run to the next. Default: `cti-connectors` in the folder for temporary files. A dry run does not use it:
   * its files go to a folder that is deleted afterwards.
   */
  readonly filesFolder?: string | undefined;
  readonly now?: (() => Date) | undefined;
  /** Default: a random UUID. */
  readonly runId?: string | undefined;
  /** The settings HTTP_TIMEOUT_MS, HTTP_RETRIES and HTTP_MAX_…; they win over what connectors ask for. */
  readonly http?: HttpLimits | undefined;
  /** What must not be stored besides the secrets of each connector: those of the other ones, and the database's password. */
  readonly secrets?: readonly string[] | undefined;
  /** What to do where another run has a connector. Default `fail`. */
  readonly ifRunning?: IfRunning | undefined;
  /** How long `ifRunning: "wait"` waits for each connector. Default 60 000: as long as the lease of a crashed run lasts. */
  readonly runningWaitMs?: number | undefined;
}

/**
 * Runs connectors against a store and reports. A connector that fails does not stop the others; why it failed is in the report.
 *
 * @throws ConfigError where two of them load into one collection
 * @throws StoreError where not even the start of the run can be recorded; GraceOverError where it is interrupted meanwhile
 */
export async function runConnectors(options: RunConnectorsOptions): Promise<RunReport> {
  checkCollections(options.connectors);
  const watch = watchDatabase(options.store, {
    ...options,
    onWait: (message) => options.log.warn({}, message),
  });
  try {
    return await withFilesFolder(options, (filesFolder) => runWatched({ ...options, filesFolder }, watch));
  } finally {
    watch.stop();
  }
}

/** A dry run gets a folder of its own, which is deleted afterwards: it neither adds files nor removes those of other runs. */
async function withFilesFolder<Result>(
  { dryRun, filesFolder = join(tmpdir(), "cti-connectors") }: RunConnectorsOptions,
  run: (filesFolder: string) => Promise<Result>,
): Promise<Result> {
  if (!dryRun) {
    return run(filesFolder);
  }
  const own = join(tmpdir(), `cti-connectors-dry-run-${randomUUID()}`);
  try {
    return await run(own);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

async function runWatched(
  {
    connectors,
    store,
    log,
    signal = new AbortController().signal,
    full = false,
    dryRun = false,
    overlap = true,
    maxRemovedShare = defaultMaxRemovedShare,
    acceptRemovals = false,
    onEvent = () => {},
    filesFolder,
    now = () => new Date(),
    runId = randomUUID(),
    http = {},
    secrets = [],
    ifRunning = "fail",
    runningWaitMs = 60_000,
  }: RunConnectorsOptions & { readonly filesFolder: string },
  watch: DatabaseWatch,
): Promise<RunReport> {
  const names = connectors.map(({ name }) => name);
  const ledger = dryRun
    ? undefined
    : await watch.wait(startRunLedger({ store, runId, connectors: names, full, now }));
  const removals = { maxShare: maxRemovedShare, acceptAll: acceptRemovals };
  const options = {
    ...{ store, log, signal, full, dryRun, overlap, removals, onEvent: tell, now, runId, http },
    ...{ secrets, filesFolder, ifRunning, runningWaitMs, watch },
  };
  const reports: ConnectorReport[] = [];
  for (const connector of connectors) {
    reports.push(await runConnector(connector, options));
  }
  const report: RunReport = {
    runId,
    status: statusOf(reports),
    store: { kind: store.kind, db: store.db },
    connectors: reports,
  };
  await record(report, ledger, log, watch);
  return report;

  function tell(event: RunEvent): void {
    ledger?.follow(event);
    onEvent(event);
  }
}

function statusOf(reports: readonly ConnectorReport[]): RunReport["status"] {
  const statuses = new Set(reports.map(({ status }) => status));
  if (statuses.has("interrupted")) {
    return "interrupted";
  }
  if (!statuses.has("failed")) {
    return "ok";
  }
  return statuses.has("ok") ? "partial" : "failed";
}

/** The documents are loaded, whether the ledger knows or not. */
async function record(
  report: RunReport,
  ledger: RunLedger | undefined,
  log: Logger,
  watch: DatabaseWatch,
): Promise<void> {
  try {
    if (ledger !== undefined) {
      await watch.wrapUp(ledger.finish(report));
    }
  } catch (error) {
    log.error({ run: report.runId, err: error }, "the end of the run could not be recorded in etl_runs");
  }
}
