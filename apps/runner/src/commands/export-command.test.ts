import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDocuments, openStore } from "@cti-connectors/core";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { enrichIoc, iocRecord } from "@cti-connectors/threatfox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { seen, startProcess, temporaryFolder } from "../start-process.testing.js";

const many = 3_000;
const common = {
  threat_type: "botnet_cc",
  malware: "win.cobalt_strike",
  malware_printable: "Cobalt Strike",
  confidence_level: 75,
  first_seen: new Date().toISOString(),
  tags: ["a", "b"],
};
const records = [
  { id: "1", ioc: "203.0.113.5:443", ioc_type: "ip:port" },
  { id: "2", ioc: "203.0.113.5:8080", ioc_type: "ip:port", confidence_level: null, malware: "win.remcos" },
  { id: "3", ioc: "198.51.100.7:80", ioc_type: "ip:port", first_seen: "2020-01-01 00:00:00 UTC" },
  { id: "4", ioc: "203.0.113.9:99999", ioc_type: "ip:port" },
  { id: "5", ioc: "http://bad.example/it's\\here", ioc_type: "url" },
  { id: "6", ioc: "0123456789abcdef", ioc_type: "yara" },
  { id: "8", ioc: "m@bad.example", ioc_type: "envelope_from", malware: "win.mail" },
  { id: "9", ioc: "m@bad.example", ioc_type: "body_from", malware: "win.mail" },
  { id: "10", ioc: "a@bad.example", ioc_type: "body_from", malware: "win.mail" },
  { id: "7", ioc: "odd", ioc_type: `\u001b[31m${"z".repeat(50_000)}`, malware: "win.odd" },
];
/** What is not in `records`. */
const bulk = Array.from({ length: many }, (_, index) => ({
  id: String(1_000_000 + index),
  ioc: `host-${index}.example`,
  ioc_type: "domain",
  malware: "win.bulk",
  malware_printable: "Bulk",
}));

const [early, late] = ["2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"];
const bundleObjects = z.object({
  type: z.literal("bundle"),
  objects: z.array(z.looseObject({ type: z.string(), name: z.string().optional() })),
});

describe("export", () => {
  let database: string;

  beforeAll(async () => {
    database = mkdtempSync(join(tmpdir(), "runner-export-"));
    const server = await startEmbeddedMongo({ path: database });
    const store = await openStore({ uri: server.uri, db: "threat_intelligence", kind: "embedded" });
    for (const [at, some] of [
      [early, [...records.slice(0, 3), ...bulk]],
      [late, records.slice(3)],
    ] as const) {
      const documents = some.map((record) => {
        const ioc = iocRecord.parse({ ...common, ...record });
        return { collection: "threatfox_raw", _id: ioc.id, data: ioc.data, enriched: enrichIoc(ioc) };
      });
      await loadDocuments({ store, documents, runId: "a-run", at: new Date(at) });
    }
    await store.close();
    await server.close();
  });
  afterAll(() => rmSync(database, { recursive: true, force: true }));

  function startExport(args: readonly string[], folder = temporaryFolder(), env = {}) {
    return startProcess(["export", ...args], { folder, env: { DATA_DIR: database, ...env } });
  }

  test("stix: a bundle in a file, twice the same, and what was left out on standard error", async () => {
    const folder = temporaryFolder();
    const args = ["stix", "--malware", "win.cobalt_strike", "win.remcos", "-o"];
    const { stdout, stderr, exitCode } = await startExport([...args, "iocs.json"], folder);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toBe("");
    expect(stderr.split("\n")).toEqual([
      `Exported 4 IOCs to ${join(folder, "iocs.json")}.`,
      "Left out: 1 malformed.",
      "Left out: 1 of type yara, which STIX patterns have no word for.",
      `For what changes from now on: --since ${late}`,
    ]);
    const text = readFileSync(join(folder, "iocs.json"), "utf8");
    const { objects } = bundleObjects.parse(JSON.parse(text));
    expect(objects.flatMap(({ type, name }) => (type === "indicator" ? [name] : []))).toEqual([
      ...["203.0.113.5:443", "203.0.113.5:8080", "198.51.100.7:80", "http://bad.example/it's\\here"],
    ]);
    expect(objects.filter(({ type }) => type === "relationship")).toHaveLength(4);
    expect(objects.filter(({ type }) => type === "malware")).toHaveLength(2);
    expect((await startExport([...args, "again.json"], folder)).exitCode).toBe(0);
    expect(readFileSync(join(folder, "again.json"), "utf8")).toBe(text);
    expect(readdirSync(folder).sort()).toEqual(["again.json", "iocs.json"]);
  });

  test.each([
    [
      ["--since", late, "--type", "url", "yara"],
      ["5", "6"],
    ],
    [
      ["--type", "ip:port", "--type", "url", "--min-confidence", "0"],
      ["1", "3", "4", "5"],
    ],
  ])("ndjson %j: these documents and nothing else on standard output", async (args, ids) => {
    const { stdout, stderr, exitCode } = await startExport(["ndjson", ...args]);
    expect(exitCode, stderr).toBe(0);
    const lines = stdout.split("\n").filter((line) => line !== "");
    expect(lines.map((line) => z.object({ _id: z.string() }).parse(JSON.parse(line))._id)).toEqual(ids);
    expect(stderr).toContain(`Exported ${ids.length} IOC`);
  });

  test.each([
    [["--since", "2030-01-01"]],
    [["--since", early, "--malware", "win.none"]],
    [["--malware", "win.none"]],
  ])("ndjson %j finds nothing, and says where the next export begins", async (args) => {
    const { stdout, stderr, exitCode } = await startExport(["ndjson", ...args]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
    expect(stderr).toBe(`Exported 0 IOCs.\nFor what changes from now on: --since ${late}`);
  });

  test("csv: - is standard output", async () => {
    const { stdout, exitCode } = await startExport(["csv", "-o", "-", "--type", "url"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^id,ioc_type,ioc,.*\r\n5,url,http:\/\/bad\.example\/it's\\here,bad\.example,80,/);
  });

  test("blocklist: each value once, what has expired left out unless it is asked for", async () => {
    const { stdout, stderr } = await startExport(["blocklist", "--type", "ip:port"]);
    expect(stdout).toBe("203.0.113.5");
    expect(stderr).toContain("Exported 1 line from 2 IOCs.");
    expect(stderr).toContain("Left out: 1 expired (--include-expired lists them).");
    expect(stderr).toContain("Left out: 1 malformed.");
    const all = await startExport(["blocklist", "--type", "ip:port", "yara", "--include-expired"]);
    expect(all.stdout.split("\n")).toEqual(["198.51.100.7", "203.0.113.5", "0123456789abcdef"]);
  });

  test("blocklist: a value that several types have once, too", async () => {
    const types = ["envelope_from", "ip:port", "body_from"];
    const { stdout, stderr } = await startExport(["blocklist", "--type", ...types]);
    expect(stdout.split("\n")).toEqual(["a@bad.example", "m@bad.example", "203.0.113.5"]);
    expect(stderr).toContain("Exported 3 lines from 5 IOCs.");
  });

  test("a reader that has read enough ends it without a word", async () => {
    const started = startExport(["ndjson"]);
    await seen(started, "stdout", /\n/);
    started.stdout.destroy();
    const { stderr, exitCode } = await started;
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 1 });
  });

  test.each([
    [
      ["stix", "--type", "domian"],
      /no IOC of type "domian"\. Types there are: {2}\[31mz{54}…, body_from, domain, envelope_from, ip:port, url, yara\./,
    ],
    [["blocklist"], /--type: ip:port, domain, url/],
    [["csv", "--include-expired"], /--include-expired is for blocklists/],
    [["stix", "-o", "nowhere/iocs.json"], /nowhere\/iocs\.json cannot be written: there is no folder/],
  ])("%j is wrong usage: nothing is written, exit status 2", async (args, message) => {
    const folder = temporaryFolder();
    const { stdout, stderr, exitCode } = await startExport(args, folder);
    expect(stderr).toMatch(message);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a type of ThreatFox that is not stored yet is nothing to export, and no fault", async () => {
    const { stdout, exitCode } = await startExport(["blocklist", "--type", "sha3_384_hash"]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
  });

  test("where no IOC is stored, the error says what to run, and no file is made", async () => {
    const folder = temporaryFolder();
    const args = ["stix", "-o", "iocs.json"];
    const { stderr, exitCode } = await startExport(args, folder, { COLLECTION_NAME: "other" });
    expect(stderr).toMatch(/^Error: Nothing is stored in other of the database .*start run threatfox$/);
    expect(exitCode).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });
});
