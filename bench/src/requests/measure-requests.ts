import {
  type ConnectorReport,
  configureConnector,
  createHttpClient,
  createLogger,
  openStore,
  parseConfig,
  runConnectors,
  type Store,
} from "@cti-connectors/core/host";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { createTaxiiClient, type MitreTaxiiConfig, mitreTaxii } from "@cti-connectors/mitre-taxii";
import { type Sandbox, startSandbox } from "@cti-connectors/sandbox";
import type { BenchOptions } from "../bench-options.js";
import { countTraffic, type TrafficCounter } from "./count-traffic.js";
import { findReleases, type Releases } from "./find-releases.js";
import { formatRequests, type RequestsOfRun } from "./format-requests.js";

export interface RequestsResult {
  readonly source: string;
  readonly runs: readonly RequestsOfRun[];
}

const attackcti =
  "For comparison: one pass of attackcti 0.6.4 over the three domains took 54 requests and 117 MB on the software of the public server.";
const hourMs = 3_600_000;
const log = createLogger({ level: "error" });

/** What runs of the ATT&CK connector ask of the sandbox, beside a client that reads every object in every run. */
export async function measureRequests({ print }: BenchOptions): Promise<RequestsResult> {
  const releases = await findReleases();
  const mongo = await startEmbeddedMongo();
  try {
    const runs = [
      ...(await measureLatest(releases, mongo.uri)),
      ...(await measureHistory(releases, mongo.uri)),
    ];
    print(`\n${releases.source}\n${formatRequests(runs)}\n${attackcti}`);
    return { source: releases.source, runs };
  } finally {
    await mongo.close();
    await releases.remove();
  }
}

function measureLatest({ others, olderIcs, newerIcs }: Releases, mongoUri: string) {
  return withBench(mongoUri, "bench_latest", [...others, olderIcs], async (bench) => [
    await bench.run("all three domains, first run"),
    await bench.run("nothing changed, at once"),
    await bench.run("nothing changed, the daily check is due", { hoursLater: 25 }),
    await bench
      .replace([...others, newerIcs])
      .then(() => bench.run("a new release of ICS", { hoursLater: 26 })),
    await bench.run("nothing changed after it, at once", { hoursLater: 26 }),
  ]);
}

function measureHistory({ olderIcs, newerIcs }: Releases, mongoUri: string) {
  const env = { MITRE_RELEASES: "all" };
  return withBench(mongoUri, "bench_history", [olderIcs, newerIcs], async (bench) => [
    await bench.run("history of both ICS releases, first run", { env }),
    await bench.run("history, nothing changed", { env }),
  ]);
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly hoursLater?: number;
}

interface Bench {
  run(title: string, options?: RunOptions): Promise<RequestsOfRun>;
  /** Puts another server at the address of the upstream. */
  replace(attackFiles: readonly string[]): Promise<void>;
}

async function withBench<Result>(
  mongoUri: string,
  db: string,
  attackFiles: readonly string[],
  task: (bench: Bench) => Promise<Result>,
): Promise<Result> {
  let sandbox = await startSandbox({ attackFiles, quota: null });
  const taxiiPort = Number(new URL(sandbox.taxiiUrl).port);
  const counter = await countTraffic(taxiiPort);
  const store = await openStore({ uri: mongoUri, db, kind: "embedded" });
  try {
    return await task({
      run: (title, options = {}) => measureRun(title, options, { sandbox, counter, store }),
      async replace(files) {
        await sandbox.close();
        sandbox = await startSandbox({ attackFiles: files, quota: null, taxiiPort });
      },
    });
  } finally {
    await store.close();
    await counter.close();
    await sandbox.close();
  }
}

interface Parts {
  readonly sandbox: Sandbox;
  readonly counter: TrafficCounter;
  readonly store: Store;
}

async function measureRun(
  title: string,
  { env = {}, hoursLater = 0 }: RunOptions,
  parts: Parts,
): Promise<RequestsOfRun> {
  const url = `${parts.counter.origin}/taxii2/`;
  const config = parseConfig(mitreTaxii.config, {
    ...env,
    MITRE_TAXII_URL: url,
    MITRE_REQUEST_BUDGET: "off",
  });
  console.error(`  ${title}`);
  const { result, ...asked } = await countRequests(parts, () =>
    runConnectors({
      connectors: [configureConnector(mitreTaxii, config)],
      store: parts.store,
      log,
      now: () => new Date(Date.now() + hoursLater * hourMs),
    }),
  );
  const written = result.connectors.reduce((sum, report) => sum + writtenIn(report), 0);
  const { result: _, ...naive } = await countRequests(parts, () => readEverything(url, config));
  return { title, ...asked, written, naive };
}

async function countRequests<Result>({ sandbox, counter }: Parts, task: () => Promise<Result>) {
  counter.take();
  const before = sandbox.requests.length;
  const result = await task();
  return { result, requests: sandbox.requests.length - before, ...counter.take() };
}

function writtenIn({ status, reason, steps }: ConnectorReport): number {
  if (status !== "ok") {
    throw new Error(`The run ended as ${status}: ${reason}`);
  }
  return steps.reduce(
    (sum, { inserted, updated, superseded, withdrawn }) => sum + inserted + updated + superseded + withdrawn,
    0,
  );
}

/** The naive way: every object of every collection, in pages as large as the connector's; each release where it is about history. */
async function readEverything(
  url: string,
  { MITRE_PAGE_SIZE: limit, MITRE_RELEASES }: MitreTaxiiConfig,
): Promise<void> {
  const http = createHttpClient({ settings: {}, log, signal: new AbortController().signal });
  const client = createTaxiiClient({ http, url });
  const found = await client.discover();
  if (found.kind !== "discovery") {
    throw new Error(`${url} is no discovery URL.`);
  }
  const newest = found.defaultRoot;
  for (const address of MITRE_RELEASES === "latest"
    ? [newest]
    : found.apiRoots.filter((one) => one !== newest)) {
    const root = client.root(address);
    for (const { id } of await root.collections()) {
      for await (const { entries } of root.objects(id, { limit })) {
        if (entries.length === 0) {
          throw new Error(`${id} holds no objects.`);
        }
      }
    }
  }
}
