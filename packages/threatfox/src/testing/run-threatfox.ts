import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ConnectorReport,
  configureConnector,
  createLogger,
  parseConfig,
  type RunConnectorsOptions,
  type RunEvent,
  runConnectors,
  type Store,
} from "@cti-connectors/core/host";
import { threatfoxConfig } from "../config/threatfox-config.js";
import { threatfox } from "../threatfox.js";

/** What a run tells, beside what it stores. */
export interface ToldRun {
  readonly connector: ConnectorReport;
  /** Log lines, at level debug. The logger does not know the key: whatever hides it is tested to do so by itself. */
  readonly lines: readonly string[];
  readonly events: readonly RunEvent[];
}

/** Runs the connector into a store, without retries. What it downloads is gone afterwards where `options` name no folder. */
export async function runThreatfox(
  store: Store,
  environment: Readonly<Record<string, string>>,
  options: Partial<RunConnectorsOptions> = {},
): Promise<ToldRun> {
  const lines: string[] = [];
  const events: RunEvent[] = [];
  const filesFolder = join(tmpdir(), `threatfox-${randomUUID()}`);
  const report = await runConnectors({
    connectors: [configureConnector(threatfox, parseConfig(threatfoxConfig, environment))],
    store,
    log: createLogger({
      level: "debug",
      format: "json",
      destination: { write: (line) => lines.push(line) },
    }),
    onEvent: (event) => events.push(event),
    http: { retries: 0, timeoutMs: 20_000 },
    filesFolder,
    ...options,
  }).finally(() => rm(filesFolder, { recursive: true, force: true }));
  const [connector] = report.connectors;
  if (connector === undefined) {
    throw new Error("the report tells of no connector");
  }
  return { connector, lines, events };
}

/** Interrupts a run once so many pages with records are stored. */
export function stopAfter(pages: number): Partial<RunConnectorsOptions> {
  const stop = new AbortController();
  let loaded = 0;
  return {
    signal: stop.signal,
    onEvent(event) {
      if (event.type === "page-loaded") {
        loaded += event.counts.extracted > 0 ? 1 : 0;
        if (loaded >= pages) {
          stop.abort();
        }
      }
    },
  };
}

/** Documents of a collection, in the order of their `_id`s. */
export async function readCollection(
  { database }: Store,
  collection: string,
): Promise<readonly ({ readonly _id: string } & Readonly<Record<string, unknown>>)[]> {
  return database
    .collection<{ _id: string } & Record<string, unknown>>(collection)
    .find()
    .sort({ _id: 1 })
    .toArray();
}

/** Everything in a database, as JSON. */
export async function dumpDatabase(store: Store): Promise<string> {
  const collections = await store.database.listCollections({}, { nameOnly: true }).toArray();
  const documents = await Promise.all(collections.map(({ name }) => readCollection(store, name)));
  return JSON.stringify(documents);
}
