import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@cti-connectors/core/host";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { expect, onTestFinished, test, vi } from "vitest";
import { UsageError } from "../process/exit-status.js";
import { findSurroundings } from "../settings/surroundings.js";
import { foldersIn, program } from "../testing/program.js";
import { rejectedCommand } from "./rejected-command.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** A database in which ThreatFox's record 7 was rejected by an earlier version, and one that no version understands. */
async function withRejected() {
  const folder = mkdtempSync(join(tmpdir(), "rejected-command-"));
  const server = await startEmbeddedMongo();
  const store = await openStore({ uri: server.uri, db: "threat_intelligence", kind: "mongodb" });
  onTestFinished(async () => {
    await store.close();
    await server.close();
    rmSync(folder, { recursive: true });
  });
  const record = { id: "7", ioc: "c2.example", ioc_type: "domain", first_seen: "2026-11-01 10:00:00 UTC" };
  const seen = new Date("2026-11-02T00:00:00Z");
  const rejected = [JSON.stringify(record), '{"id":"8"}'].map((raw, index) => ({
    _id: `r${index}`,
    connector: "threatfox",
    step: "iocs",
    reason: "an old fault",
    raw,
    raw_length: raw.length,
    run_id: "r",
    first_seen_at: seen,
    last_seen_at: seen,
    times: 1,
  }));
  await store.database.collection<(typeof rejected)[number]>("etl_rejected").insertMany(rejected);
  const surroundings = await findSurroundings(program, {
    processEnvironment: { MONGO_URI: server.uri },
    currentFolder: folder,
    folders: foldersIn(folder),
  });
  const run = async (names: string[], options: Parameters<typeof rejectedCommand>[1]) => {
    const printed: string[] = [];
    const terminal = { print: (text: string) => printed.push(text), say: () => {} };
    const status = await rejectedCommand(names, options, surroundings, terminal);
    return { status, text: printed.join("\n") };
  };
  return { store, run };
}

test("lists what was rejected, and loads it with --retry where this version understands it", async () => {
  const { store, run } = await withRejected();
  const listed = await run([], {});
  expect(listed.status).toBe(0);
  expect(listed.text).toMatch(/^2 records are in quarantine.*an old fault.*rejected --retry$/s);
  expect((await run([], { limit: 1 })).text).toContain("1 more record: --limit 2 lists all.");
  expect(JSON.parse((await run(["mitre-taxii"], { json: true })).text)).toEqual({ total: 0, records: [] });

  const retried = await run([], { retry: true, json: true });
  expect(retried.status).toBe(0);
  expect(JSON.parse(retried.text).connectors).toMatchObject([
    { name: "mitre-taxii", loaded: 0 },
    { name: "threatfox", status: "ok", loaded: 1, outdated: 0, rejected: 1, notTried: 0 },
  ]);
  expect(await store.reader.count("threatfox_raw", { _id: "7", removed_at: null })).toBe(1);
  expect(JSON.parse((await run([], { json: true })).text)).toMatchObject({
    total: 1,
    records: [{ excerpt: '{"id":"8"}', reason: expect.stringContaining("ioc") }],
  });
});

test("a limit is for the list: with --retry it is wrong usage, and nothing is tried", async () => {
  const { store, run } = await withRejected();
  await expect(run([], { retry: true, limit: 1 })).rejects.toThrow(UsageError);
  expect(await store.reader.count("etl_rejected", {})).toBe(2);
});

test("a connector that does not exist is named", async () => {
  const { run } = await withRejected();
  await expect(run(["threatfx"], {})).rejects.toThrow(UsageError);
  await expect(run(["threatfx"], {})).rejects.toThrow("Did you mean threatfox?");
});
