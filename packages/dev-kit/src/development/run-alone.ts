import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "@cti-connectors/core";
import {
  type ConfiguredConnector,
  type HttpLimits,
  listRejected,
  logEvent,
  openStore,
  type RunReport,
  runConnectors,
  type Store,
} from "@cti-connectors/core/host";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { followPages } from "./follow-pages.js";
import { renderOutcome } from "./render-outcome.js";
import { renderStored } from "./render-stored.js";

export interface LoneRunOptions {
  readonly connector: ConfiguredConnector;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly http: HttpLimits;
  /** As that of `runConnectors`. */
  readonly overlap: boolean;
  readonly maxRemovedShare: number;
  readonly full: boolean;
  readonly dryRun: boolean;
  /** How many documents of each collection are shown. */
  readonly show: number;
  readonly colors: boolean;
}

/** What a run came to. */
export interface LoneRun {
  readonly report: RunReport;
  /** For people: documents of the last page, counts, and how it ended. */
  readonly text: string;
}

/** A database and a folder for files that are gone once it is closed. */
export interface LoneRuns {
  run(options: LoneRunOptions): Promise<LoneRun>;
  close(): Promise<void>;
}

const mostRejected = 5;

/** Prepares runs of one connector into a temporary database. */
export async function openLoneRuns(): Promise<LoneRuns> {
  const filesFolder = mkdtempSync(join(tmpdir(), "connector-dev-"));
  const removeFiles = () => rmSync(filesFolder, { recursive: true, force: true });
  // However the process ends.
  process.once("exit", removeFiles);
  const server = await startEmbeddedMongo();
  const store = await openStore({ uri: server.uri, db: "connector_dev", kind: "embedded" });
  return {
    run: (options) => runAlone(store, filesFolder, options),
    async close() {
      await store.close();
      await server.close();
      process.off("exit", removeFiles);
      removeFiles();
    },
  };
}

async function runAlone(
  store: Store,
  filesFolder: string,
  { connector, show, colors, ...options }: LoneRunOptions,
): Promise<LoneRun> {
  const pages = followPages(connector);
  const report = await runConnectors({
    ...options,
    connectors: [pages.connector],
    store,
    filesFolder,
    onEvent(event) {
      logEvent(options.log, event);
      pages.follow(event);
    },
  });
  const stored = await renderStored(store.reader, { ids: pages.lastIds, limit: show, colors });
  const rejected = await listRejected({ store, limit: mostRejected });
  return { report, text: stored + renderOutcome(report, rejected) };
}
