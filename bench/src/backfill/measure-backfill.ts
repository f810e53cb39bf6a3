import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { configureConnector, parseConfig } from "@cti-connectors/core/host";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { enrichIoc, iocRecord, readExportFile, threatfox, threatfoxConfig } from "@cti-connectors/threatfox";
import { type Collection, type Db, type Document, MongoClient } from "mongodb";
import type { BenchOptions } from "../bench-options.js";
import { generateExport } from "../iocs/generate-export.js";
import { median } from "../median.js";
import { type BackfillOfWay, formatBackfill, formatRuns } from "./format-backfill.js";
import { measureAttack } from "./measure-attack.js";
import { flags, measureModes, measureRun, type RunMeasured, type Settings, start } from "./measure-modes.js";

export interface BackfillResult {
  readonly records: number;
  /** Of the gzipped file. */
  readonly fileBytes: number;
  readonly servers: readonly { readonly server: string; readonly ways: readonly BackfillOfWay[] }[];
  /** The three domains of ATT&CK into the embedded database. */
  readonly attack: readonly RunMeasured[];
}

type Measured = Omit<BackfillOfWay, "recordsPerSecond" | "ratio" | "overSlower">;

const db = `bench_${randomBytes(6).toString("hex")}`;
const at = new Date("2026-11-01T00:00:00Z");
const insertDocuments = "driver: insertMany of the documents, with the indexes";

/**
 * How long a backfill takes, and how much processor time and memory, beside insertMany of the same records on the same server; then the
 * three domains of ATT&CK. Both with LOAD_OVERLAP on and off, by turns.
 */
export async function measureBackfill({ records, rounds, print }: BenchOptions): Promise<BackfillResult> {
  const folder = await mkdtemp(join(tmpdir(), "bench-backfill-"));
  try {
    const file = join(folder, "full.json.gz");
    await generateExport(file, records);
    const { size: fileBytes } = await stat(file);
    console.error(`${records} generated records, ${Math.round(fileBytes / 1e6)} MB gzipped`);
    const task = { folder, file, records, rounds };
    const servers = [await measureEmbedded(task), await measureServer(task)];
    for (const { server, ways } of servers) {
      print(`\nBackfill of ${records.toLocaleString("en")} records into ${server}\n${formatBackfill(ways)}`);
    }
    const attack = await measureAttack(folder, rounds);
    print(`\nThe three domains of ATT&CK into the embedded database\n${formatRuns(attack)}`);
    return { records, fileBytes, servers, attack };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Backfill {
  readonly folder: string;
  readonly file: string;
  readonly records: number;
  readonly rounds: number;
}

async function measureEmbedded(task: Backfill) {
  const { folder, file, records, rounds } = task;
  const server = "the embedded database, in the same process";
  console.error(`\n${server}`);
  const yardsticks: Measured[] = [];
  const ours = await measureModes(
    folder,
    rounds,
    (settings) => measureRunner(task, settings),
    async () => {
      yardsticks.push(...(await onEmbedded(folder, (uri) => measureYardsticks(uri, file, records))));
    },
  );
  return { server, ways: compare([...mediansOf(yardsticks), ...ours], records) };
}

async function measureServer(task: Backfill) {
  const { folder, file, records, rounds } = task;
  const given = process.env.TEST_MONGO_URI ?? "";
  const server =
    given === "" ? "the embedded database, in a process of its own" : "the server in TEST_MONGO_URI";
  console.error(`\n${server}`);
  const use = <Result>(useServer: Task<Result>) =>
    given === "" ? onOwnServer(folder, useServer) : onGivenServer(given, useServer);
  const yardsticks: Measured[] = [];
  const ours = await measureModes(
    folder,
    rounds,
    (settings) => use((uri) => measureRunner(task, { ...settings, MONGO_URI: uri, DB_NAME: db })),
    async () => {
      yardsticks.push(...(await use((uri) => measureYardsticks(uri, file, records))));
    },
  );
  return { server, ways: compareWithSlower(compare([...mediansOf(yardsticks), ...ours], records)) };
}

function mediansOf(measured: readonly Measured[]): readonly Measured[] {
  const titles = [...new Set(measured.map(({ title }) => title))];
  return titles.map((title) => {
    const rounds = measured.filter((one) => one.title === title);
    return { title, seconds: median(rounds.map(({ seconds }) => seconds)) };
  });
}

type Task<Result> = (uri: string) => Promise<Result>;

async function onEmbedded<Result>(folder: string, task: Task<Result>): Promise<Result> {
  const path = join(folder, "yardstick");
  const embedded = await startEmbeddedMongo({ path });
  try {
    return await task(embedded.uri);
  } finally {
    await embedded.close();
    await rm(path, { recursive: true });
  }
}

async function onGivenServer<Result>(uri: string, task: Task<Result>): Promise<Result> {
  try {
    return await task(uri);
  } finally {
    const client = await new MongoClient(uri).connect();
    await client.db(db).dropDatabase();
    await client.close();
  }
}

async function onOwnServer<Result>(folder: string, task: Task<Result>): Promise<Result> {
  const server = await startOwnServer(join(folder, "server"));
  try {
    return await task(server.uri);
  } finally {
    await server.stop();
    await rm(join(folder, "server"), { recursive: true });
  }
}

async function startOwnServer(dataFolder: string) {
  const server = spawn(process.execPath, [...flags, start, "mongo", "--port", "0"], {
    env: { ...process.env, MONGO_URI: "", DATA_DIR: dataFolder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "close");
  for await (const line of createInterface({ input: server.stdout })) {
    const [uri] = /mongodb:\/\/\S+/.exec(line) ?? [];
    if (uri !== undefined) {
      return {
        uri,
        async stop() {
          server.kill();
          await ended;
        },
      };
    }
  }
  throw new Error("The embedded database did not start.");
}

async function measureRunner(
  { file, records }: Backfill,
  settings: Settings,
): Promise<readonly RunMeasured[]> {
  const title = "our backfill, from the file to the last index";
  const args = ["threatfox", "--backfill", file];
  const measured = await measureRun(title, args, { THREATFOX_API_KEY: "", ...settings });
  expectAll(measured.inserted, records);
  return [measured];
}

async function measureYardsticks(uri: string, file: string, records: number): Promise<readonly Measured[]> {
  const client = await new MongoClient(uri, { ignoreUndefined: true }).connect();
  const database = client.db(db);
  try {
    const plain = await insertAll(database.collection("plain"), file, (record) => ({ ...record }));
    await createIndexes(database, "documents");
    const documents = await insertAll(database.collection("documents"), file, toDocument);
    for (const name of ["plain", "documents"]) {
      expectAll(await database.collection(name).estimatedDocumentCount(), records);
    }
    console.error(`  insertMany: ${plain.toFixed(1)} s, of the documents ${documents.toFixed(1)} s`);
    return [
      { title: "driver: insertMany of the parsed records", seconds: plain },
      { title: insertDocuments, seconds: documents },
    ];
  } finally {
    await client.close();
  }
}

/** Seconds in insertMany, a page at a time; what comes before it is not counted. */
async function insertAll(
  collection: Collection,
  file: string,
  toStored: (record: object) => Document,
): Promise<number> {
  let milliseconds = 0;
  for await (const page of readExportFile(file)) {
    const documents = page.records.flatMap((record) =>
      typeof record === "object" && record !== null ? [toStored(record)] : [],
    );
    const startedAt = performance.now();
    await collection.insertMany(documents);
    milliseconds += performance.now() - startedAt;
  }
  return milliseconds / 1_000;
}

/** As the product stores it. */
function toDocument(record: object): Document {
  const ioc = iocRecord.parse(record);
  return {
    _id: ioc.id,
    data: ioc.data,
    enriched: enrichIoc(ioc),
    ingested_at: at,
    first_ingested_at: at,
    run_id: "bench",
    content_hash: ioc.id.padStart(64, "0"),
    removed_at: null,
  };
}

async function createIndexes(db: Db, name: string): Promise<void> {
  const config = parseConfig(threatfoxConfig, { COLLECTION_NAME: name });
  const { steps } = configureConnector(threatfox, config);
  const own = steps.find(({ collection }) => collection?.name === name)?.collection?.indexes ?? [];
  await db.createCollection(name);
  await db
    .collection(name)
    .createIndexes([...own.map((key) => ({ key: { ...key } })), { key: { ingested_at: 1, _id: 1 } }]);
}

function compare(ways: readonly Measured[], records: number): readonly BackfillOfWay[] {
  const [yardstick] = ways;
  return ways.map((way) => ({
    ...way,
    recordsPerSecond: records / way.seconds,
    ratio: way.seconds / (yardstick?.seconds ?? Number.NaN),
  }));
}

/** On a server in a process of its own, the runner's processor time is ours alone. */
function compareWithSlower(ways: readonly BackfillOfWay[]): readonly BackfillOfWay[] {
  const documents = ways.find(({ title }) => title === insertDocuments)?.seconds ?? Number.NaN;
  return ways.map((way) =>
    way.cpuSeconds === undefined
      ? way
      : { ...way, overSlower: way.seconds / Math.max(way.cpuSeconds, documents) },
  );
}

function expectAll(stored: number, records: number): void {
  if (stored !== records) {
    throw new Error(`${records} records were to be stored, ${stored} were.`);
  }
}
