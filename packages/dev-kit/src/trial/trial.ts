import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "@cti-connectors/core";
import {
  type ConfiguredConnector,
  type ConnectorReport,
  configureConnector,
  parseConfig,
  type RequestQuota,
  type Store,
} from "@cti-connectors/core/host";
import { runInTest, type TestRun, type TestRunOptions } from "@cti-connectors/core/testing";
import { ConformanceError, ensure } from "./conformance-error.js";
import { type FakeUpstream, startFakeUpstream } from "./fake-upstream.js";
import { readDocuments, type StoredDocuments } from "./stored-documents.js";
import { type ConformanceSubject, defaultRecords } from "./subject.js";

/** A run of the suite takes a second at most; one that takes this long will not end. */
const longestRunMs = 20_000;

export interface TrialRunOptions
  extends Partial<Omit<TestRunOptions, "connector" | "environment" | "store">> {
  /** Default: none, whatever the connector asks for, so that a suite of many runs does not wait. */
  readonly quota?: RequestQuota;
  /** Default: those that lead to the suite's upstream. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface TrialRun extends TestRun {
  /** How many requests the upstream got. */
  readonly received: number;
}

/** What a check has to work with: a connector, an upstream that holds the suite's records, and as many databases as it asks for. */
export interface Trial {
  readonly subject: ConformanceSubject;
  readonly upstream: FakeUpstream;
  /** The valid records, which the upstream holds at first. */
  readonly records: readonly JsonObject[];
  readonly configured: ConfiguredConnector;
  openStore(): Promise<Store>;
  /** Where the connector has no upstream: stores what it reads. A run does so first. */
  prepare(store: Store): Promise<void>;
  /** Runs the connector, however that ends. */
  run(store: Store, options?: TrialRunOptions): Promise<TrialRun>;
  /**
   * Runs the connector.
   *
   * @throws ConformanceError where that does not end well
   */
  load(store: Store, options?: TrialRunOptions): Promise<TrialRun>;
  /** The documents in the connector's collections. */
  read(store: Store): Promise<StoredDocuments>;
  /** The documents of one run into an empty database, while the upstream holds these records. */
  readFresh(records: readonly JsonObject[]): Promise<StoredDocuments>;
  close(): Promise<void>;
}

/** Starts the subject's upstream. The caller closes the databases that it opens. */
export async function openTrial(
  subject: ConformanceSubject,
  openStore: () => Promise<Store>,
): Promise<Trial> {
  const { connector, upstream: played } = subject;
  const upstream = await startFakeUpstream(played);
  const filesFolder = await mkdtemp(join(tmpdir(), "conformance-"));
  const close = async () => {
    await upstream.close();
    await rm(filesFolder, { recursive: true, force: true });
  };
  try {
    const environment = played.settings(upstream);
    const configured = configureConnector(connector, parseConfig(connector.config, environment));
    const collections = configured.steps.flatMap((step) => step.collections.map(({ name }) => name));
    const records = Array.from({ length: subject.records ?? defaultRecords }, (_, n) => played.record(n));
    upstream.records = records;

    const prepared = new WeakMap<Store, readonly JsonObject[]>();
    const prepare = async (store: Store) => {
      if (played.store !== undefined && prepared.get(store) !== upstream.records) {
        await played.store(store, upstream.records);
        prepared.set(store, upstream.records);
      }
    };
    const run = async (store: Store, options: TrialRunOptions = {}) => {
      await prepare(store);
      return runOnce({ connector, environment, filesFolder, store, ...options }, upstream);
    };
    const load = async (store: Store, options?: TrialRunOptions) => {
      const told = await run(store, options);
      refuseFailure(told.connector);
      return told;
    };
    const read = (store: Store) => readDocuments(store, collections);
    const readFresh = async (held: readonly JsonObject[]) => {
      const before = upstream.records;
      upstream.records = held;
      const store = await openStore();
      await load(store);
      upstream.records = before;
      const documents = await read(store);
      ensure(
        documents.size > 0 || held.length === 0,
        `a run into an empty database stored nothing, though the upstream has ${held.length} records. If an earlier run of this process stored them, the connector remembers that in a module variable or a file: keep it in the checkpoint instead`,
      );
      return documents;
    };
    return { subject, upstream, records, configured, openStore, prepare, run, load, read, readFresh, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function runOnce(
  { quota, alter = (configured) => configured, signal, http, ...options }: TrialRunOptions & TestRunOptions,
  upstream: FakeUpstream,
): Promise<TrialRun> {
  const before = upstream.requests.length;
  const tooLong = AbortSignal.timeout(longestRunMs);
  const told = await runInTest({
    ...options,
    signal: signal === undefined ? tooLong : AbortSignal.any([signal, tooLong]),
    http: { retries: 2, timeoutMs: longestRunMs, loopbackOnly: true, ...http },
    alter: (configured) => alter({ ...configured, http: { ...configured.http, quota } }),
  });
  ensure(
    !tooLong.aborted,
    `the run did not end within ${longestRunMs / 1000} s: it waits for something that never happens, or reads pages endlessly`,
  );
  return { ...told, received: upstream.requests.length - before };
}

/** @throws ConformanceError that says why the run did not end well */
function refuseFailure({ status, reason = "" }: ConnectorReport): void {
  if (status === "skipped") {
    throw new ConformanceError(`the connector skipped its run: ${reason}. Set what it needs in \`settings\``);
  }
  ensure(status === "ok", `an undisturbed run ended as ${status}: ${reason}`);
}

/** How many pages with records a run loaded. */
export function countPages({ events }: Pick<TestRun, "events">): number {
  let pages = 0;
  let extracted = 0;
  for (const event of events) {
    if (event.type === "step-started") {
      extracted = 0;
    } else if (event.type === "page-loaded") {
      pages += event.counts.extracted > extracted ? 1 : 0;
      extracted = event.counts.extracted;
    }
  }
  return pages;
}
