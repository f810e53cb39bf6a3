import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@cti-connectors/core/host";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { type MongoFault, startFaultyMongo } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test, vi } from "vitest";
import { changesCommand } from "../commands/changes-command.js";
import { exportCommand } from "../commands/export-command.js";
import { rejectedCommand } from "../commands/rejected-command.js";
import { statusCommand } from "../commands/status-command.js";
import type { Terminal } from "../process/terminal.js";
import { findSurroundings, type Surroundings } from "../settings/surroundings.js";
import { foldersIn, program } from "../testing/program.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

type Command = (surroundings: Surroundings, terminal: Terminal) => Promise<number>;

const reads = ["find", "aggregate", "count", "getMore"];
/** Behind the first look at the database, with which every command opens it. */
const everything = { command: reads, after: 1 };
/** In the middle of the documents. */
const rest = { command: "getMore" };

const commands: readonly (readonly [string, Pick<MongoFault, "command" | "after">, Command])[] = [
  ["status", everything, (surroundings, terminal) => statusCommand({}, surroundings, terminal)],
  ["changes", everything, (surroundings, terminal) => changesCommand({}, surroundings, terminal)],
  ["rejected", everything, (surroundings, terminal) => rejectedCommand([], {}, surroundings, terminal)],
  [
    "rejected --retry",
    everything,
    (surroundings, terminal) => rejectedCommand(["threatfox"], { retry: true }, surroundings, terminal),
  ],
  [
    "export, at its beginning",
    everything,
    (surroundings, terminal) => exportCommand("ndjson", { output: "iocs.json" }, surroundings, terminal),
  ],
  [
    "export to a file",
    rest,
    (surroundings, terminal) => exportCommand("ndjson", { output: "iocs.json" }, surroundings, terminal),
  ],
  [
    "export to several files",
    rest,
    (surroundings, terminal) =>
      exportCommand("stix", { output: "iocs.json", split: 1 }, surroundings, terminal),
  ],
];

/** A database with more IOCs than come at once, behind a fault, and a folder with an earlier export. */
async function withFault(fault: MongoFault, parameters: string) {
  const folder = mkdtempSync(join(tmpdir(), "answer-from-store-"));
  const server = await startEmbeddedMongo();
  const store = await openStore({ uri: server.uri, db: "threat_intelligence", kind: "mongodb" });
  const iocs = Array.from({ length: 1_500 }, (_, index) => ({ _id: `${index}`, ingested_at: new Date(0) }));
  await store.database.collection<(typeof iocs)[number]>("threatfox_raw").insertMany(iocs);
  await store.close();
  const faulty = await startFaultyMongo(server.uri, [fault], parameters);
  onTestFinished(async () => {
    await faulty.close();
    await server.close();
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, "iocs.json"), "as it was");
  const said: string[] = [];
  const terminal = { print: (text: string) => said.push(text), say: (text: string) => said.push(text) };
  const surroundings = await findSurroundings(program, {
    processEnvironment: { MONGO_URI: faulty.uri },
    currentFolder: folder,
    folders: foldersIn(folder),
  });
  const files = () => readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]);
  return { surroundings, terminal, said, files, faulty };
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Presses Ctrl-C for what began to listen since then; afterwards nothing of it listens any more. */
function listenFromNowOn(): { interrupt(): void } {
  const before = new Set(signals.flatMap((signal) => process.listeners(signal)));
  const since = (signal: NodeJS.Signals) =>
    process.listeners(signal).filter((listener) => !before.has(listener));
  onTestFinished(() => {
    for (const signal of signals) {
      for (const listener of since(signal)) {
        process.off(signal, listener);
      }
    }
  });
  return {
    interrupt() {
      for (const listener of since("SIGINT")) {
        listener("SIGINT");
      }
    },
  };
}

test.each(commands)("a database that does not answer ends %s with an error", async (_name, lost, command) => {
  const fault = { ...lost, mode: "swallow" as const, times: Number.POSITIVE_INFINITY };
  const { surroundings, terminal, said, files } = await withFault(fault, "socketTimeoutMS=200");
  // A retry reports what it could not do; the others throw.
  const outcome = await command(surroundings, terminal).catch((error: unknown) => error);
  expect(outcome instanceof Error ? outcome.message : `${outcome} ${said.join("\n")}`).toMatch(
    /^(?:1 .*failed: )?MongoDB at 127\.0\.0\.1:\d+ did not answer in time .*: check the server and/s,
  );
  expect(files()).toEqual([["iocs.json", "as it was"]]);
});

test("a database of which the connections go on and nothing comes ends a command with an error", async () => {
  const fault = { command: "getMore", mode: "blackHole" as const };
  const parameters = "socketTimeoutMS=300&serverSelectionTimeoutMS=500&connectTimeoutMS=300";
  const { surroundings, terminal, files } = await withFault(fault, parameters);
  await expect(exportCommand("ndjson", { output: "iocs.json" }, surroundings, terminal)).rejects.toThrow(
    /^MongoDB at 127\.0\.0\.1:\d+ did not answer in time/,
  );
  expect(files()).toEqual([["iocs.json", "as it was"]]);
});

test.each(commands)("Ctrl-C ends %s while the database does not answer", async (_name, lost, command) => {
  const fault = { ...lost, mode: "blackHole" as const };
  // The driver itself never gives up.
  const { surroundings, terminal, said, files, faulty } = await withFault(fault, "socketTimeoutMS=0");
  const person = listenFromNowOn();
  const ended = command(surroundings, terminal);
  await expect.poll(() => faulty.hits(), { timeout: 30_000 }).toBe(1);
  person.interrupt();
  expect(await ended).toBe(130);
  expect(said.at(-1)).toMatch(/^Stopped/);
  expect(files()).toEqual([["iocs.json", "as it was"]]);
});
