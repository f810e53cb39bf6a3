import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@cti-connectors/core/host";
import { loadDocuments } from "@cti-connectors/core/testing";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { enrichIoc, iocRecord } from "@cti-connectors/threatfox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { runHere } from "../testing/run-here.js";
import { seen, startProcess } from "../testing/start-process.js";
import { temporaryFolder } from "../testing/temporary-folder.js";

const many = 3_000;
const common = {
  threat_type: "botnet_cc",
  malware: "win.cobalt_strike",
  malware_printable: "Cobalt Strike",
  confidence_level: 75,
  first_seen: new Date().toISOString(),
  tags: ["a", "b"],
};
const unknownRat = { malware: "unknown_rat", malware_printable: "Unknown RAT" };
const records = [
  { id: "1", ioc: "9.9.9.9:443", ioc_type: "ip:port" },
  { id: "2", ioc: "9.9.9.9:8080", ioc_type: "ip:port", confidence_level: null, malware: "win.remcos" },
  { id: "3", ioc: "1.1.1.1:80", ioc_type: "ip:port", first_seen: "2020-01-01 00:00:00 UTC" },
  { id: "4", ioc: "203.0.113.9:99999", ioc_type: "ip:port" },
  { id: "5", ioc: "http://bad.example/it's\\here", ioc_type: "url" },
  { id: "6", ioc: "0123456789abcdef", ioc_type: "yara" },
  { id: "8", ioc: "m@bad.example", ioc_type: "envelope_from", malware: "win.mail" },
  { id: "9", ioc: "m@bad.example", ioc_type: "body_from", malware: "win.mail" },
  { id: "10", ioc: "a@bad.example", ioc_type: "body_from", malware: "win.mail" },
  { id: "11", ioc: "10.0.0.1:80", ioc_type: "ip:port", ...unknownRat },
  { id: "12", ioc: "100.64.0.1:80", ioc_type: "ip:port", ...unknownRat },
  { id: "53", ioc: "http://localhost/a", ioc_type: "url", ...unknownRat },
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
  objects: z.array(
    z.looseObject({
      type: z.string(),
      id: z.string(),
      name: z.string().optional(),
      pattern: z.string().optional(),
      labels: z.array(z.string()).optional(),
    }),
  ),
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

  function exportHere(args: readonly string[], folder = temporaryFolder(), env = {}) {
    return runHere(["export", ...args], { folder, env: { DATA_DIR: database, ...env } });
  }

  test("stix: a bundle in a file, twice the same, and what was left out on standard error", async () => {
    const folder = temporaryFolder();
    const args = ["stix", "--malware", "win.cobalt_strike", "win.remcos", "-o"];
    const { stdout, stderr, exitCode } = await startExport([...args, "iocs.json"], folder);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toBe("");
    expect(stderr.split("\n")).toEqual([
      `Exported 4 IOCs to ${join(folder, "iocs.json")}.`,
      "Skipped 1 IOC: malformed.",
      "Skipped 1 IOC: STIX has no pattern for the type yara.",
      `For the next incremental export: --since ${late}`,
    ]);
    const text = readFileSync(join(folder, "iocs.json"), "utf8");
    const { objects } = bundleObjects.parse(JSON.parse(text));
    expect(objects.flatMap(({ type, name }) => (type === "indicator" ? [name] : []))).toEqual([
      ...["9.9.9.9:443", "9.9.9.9:8080", "1.1.1.1:80", "http://bad.example/it's\\here"],
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
      ["5", "53", "6"],
    ],
    [
      ["--type", "ip:port", "--type", "url", "--min-confidence", "0"],
      ["1", "11", "12", "3", "4", "5", "53"],
    ],
  ])("ndjson %j: these documents and nothing else on standard output", async (args, ids) => {
    const { stdout, stderr, exitCode } = await exportHere(["ndjson", ...args]);
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
    const { stdout, stderr, exitCode } = await exportHere(["ndjson", ...args]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
    expect(stderr).toBe(`Exported 0 IOCs.\nFor the next incremental export: --since ${late}`);
  });

  test("csv: - is standard output", async () => {
    const { stdout, exitCode } = await startExport(["csv", "-o", "-", "--type", "url"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^id,ioc_type,ioc,.*\r\n5,url,http:\/\/bad\.example\/it's\\here,bad\.example,80,/);
  });

  test("blocklist: each value once, what has expired left out unless it is asked for", async () => {
    const { stdout, stderr } = await exportHere(["blocklist", "--type", "ip:port"]);
    expect(stdout).toBe("9.9.9.9");
    expect(stderr).toContain("Exported 1 line from 2 IOCs.");
    expect(stderr).toContain("Skipped 1 IOC: expired (--include-expired includes them).");
    expect(stderr).toContain("Skipped 1 IOC: malformed.");
    const all = await exportHere(["blocklist", "--type", "ip:port", "yara", "--include-expired"]);
    expect(all.stdout.split("\n")).toEqual(["1.1.1.1", "9.9.9.9", "0123456789abcdef"]);
  });

  test("blocklist: what would block the reader's own network is left out, and counted", async () => {
    const { stdout, stderr } = await exportHere(["blocklist", "--type", "ip:port", "url"]);
    expect(stdout.split("\n")).toEqual(["9.9.9.9", "http://bad.example/it's\\here"]);
    expect(stderr).toContain("Skipped 2 IOCs: private or reserved address (10.0.0.0/8, ");
    expect(stderr).toContain("Skipped 1 IOC: private or reserved name (localhost, ");
  });

  test("--exclude: hosts of one's own lists are in no format, and counted", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "own.txt"), "# ours\n9.9.0.0/16\n");
    writeFileSync(join(folder, "partners.txt"), "example\n");
    const args = [
      "--type",
      "ip:port",
      "url",
      "--min-confidence",
      "75",
      "--exclude",
      "own.txt",
      "partners.txt",
    ];
    const run = async (format: string) => {
      const { stdout, stderr, exitCode } = await exportHere([format, ...args], folder);
      expect(exitCode, stderr).toBe(0);
      expect(stderr).toContain("Skipped 2 IOCs: excluded by --exclude.");
      return stdout;
    };
    expect((await run("ndjson")).split("\n")).toHaveLength(5);
    for (const format of ["blocklist", "stix", "csv", "ndjson"]) {
      expect(await run(format)).not.toMatch(/9\.9\.9\.9|bad\.example/);
    }
  });

  test("--split: numbered files, each a bundle of its own, and what an earlier one left is removed", async () => {
    const folder = temporaryFolder();
    const args = ["stix", "--malware", "win.bulk", "win.cobalt_strike", "-o", "iocs.json"];
    const first = await exportHere([...args, "--split", "1000"], folder);
    expect(first.exitCode, first.stderr).toBe(0);
    expect(first.stderr).toContain(
      `Exported ${(many + 3).toLocaleString("en-US")} IOCs to 4 files, ${join(folder, "iocs-0001.json")} to iocs-0004.json.`,
    );
    expect(first.stderr).toContain("Skipped 1 IOC: malformed.");
    const bundles = readdirSync(folder).map((name) =>
      bundleObjects.parse(JSON.parse(readFileSync(join(folder, name), "utf8"))),
    );
    const indicators = bundles.map(({ objects }) => objects.filter(({ type }) => type === "indicator"));
    expect(indicators.map(({ length }) => length)).toEqual([1000, 1000, 1000, 3]);
    expect(new Set(indicators.flat().map(({ id }) => id)).size).toBe(many + 3);
    for (const { objects } of bundles) {
      expect(objects.slice(0, 2).map(({ type }) => type)).toEqual(["marking-definition", "identity"]);
    }
    const second = await exportHere([...args, "--split", "2000"], folder);
    expect(second.stderr).toContain(
      `Removed files of an earlier, longer export: 2 files, ${join(folder, "iocs-0003.json")} to iocs-0004.json.`,
    );
    expect(readdirSync(folder).sort()).toEqual(["iocs-0001.json", "iocs-0002.json"]);
  });

  test("--pattern simple: the address alone, and a family that is none is a label", async () => {
    const args = ["stix", "--malware", "unknown_rat", "--type", "ip:port"];
    const objectsOf = (text: string) =>
      bundleObjects
        .parse(JSON.parse(text))
        .objects.map(({ type, pattern, labels }) => ({ type, pattern, labels }));
    const labels = ["botnet_cc", "Unknown RAT", "a", "b"];
    expect(objectsOf((await exportHere([...args, "--pattern", "simple"])).stdout)).toEqual([
      { type: "marking-definition" },
      { type: "identity" },
      { type: "indicator", pattern: "[ipv4-addr:value = '10.0.0.1']", labels },
      { type: "indicator", pattern: "[ipv4-addr:value = '100.64.0.1']", labels },
    ]);
    expect((await exportHere(args)).stdout).toContain(
      "[network-traffic:dst_ref.value = '10.0.0.1' AND network-traffic:dst_port = 80]",
    );
  });

  test("blocklist: a value that several types have once, too", async () => {
    const types = ["envelope_from", "ip:port", "body_from"];
    const { stdout, stderr } = await exportHere(["blocklist", "--type", ...types]);
    expect(stdout.split("\n")).toEqual(["a@bad.example", "m@bad.example", "9.9.9.9"]);
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
    [["csv", "--pattern", "simple"], /--pattern is for stix only, not for csv/],
    [
      ["blocklist", "--type", "url", "--split", "5", "-o", "a.txt"],
      /--split is for stix only, not for blocklist/,
    ],
    [["stix", "--split", "5"], /--split writes several files: say where with -o/],
    [["stix", "--split", "0", "-o", "a.json"], /whole number from 1/],
    [["stix", "-o", "new/"], /-o "new\/" names no file: write one, such as -o new\/iocs\.json/],
    [["stix", "--split", "5", "-o", ""], /-o "" names no file/],
    [["stix", "--split", "5", "-o", "."], /is a folder: name a file in it/],
    [["stix", "--pattern", "odd"], /Use one of: full, simple/],
    [["stix", "--exclude", "nowhere.txt"], /--exclude: \/.*\/nowhere\.txt cannot be read: ENOENT/],
    [["stix", "-o", "nowhere/iocs.json"], /nowhere\/iocs\.json cannot be written: there is no folder/],
  ])("%j is wrong usage: nothing is written, exit status 2", async (args, message) => {
    const folder = temporaryFolder();
    const { stdout, stderr, exitCode } = await exportHere(args, folder);
    expect(stderr).toMatch(message);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a list of exclusions with a bad line is wrong usage: the error names file and line", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "own.txt"), "example.com\n\nnot a host\n");
    const args = ["blocklist", "--type", "url", "--exclude", "own.txt"];
    const { stdout, stderr, exitCode } = await exportHere(args, folder);
    expect(stderr).toContain(`${join(folder, "own.txt")}, line 3: "not a host" is not an IP address`);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
  });

  test("a type of ThreatFox that is not stored yet is nothing to export, and no fault", async () => {
    const { stdout, exitCode } = await exportHere(["blocklist", "--type", "sha3_384_hash"]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
  });

  test("where no IOC is stored, the error says what to run, and no file is made", async () => {
    const folder = temporaryFolder();
    const args = ["stix", "-o", "iocs.json"];
    const { stderr, exitCode } = await exportHere(args, folder, { COLLECTION_NAME: "other" });
    expect(stderr).toMatch(/^Error: Nothing is stored in other of the database .*: cti run threatfox$/);
    expect(exitCode).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });
});
