import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { inDatabase, type Target } from "../../src/testing/run-process.js";
import { type StartedProcess, signalAt, startProcess } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

const records = 12_000;
const pageRecords = 1_000;
const timeoutMs = 300_000;

const step = z.object({
  name: z.string(),
  extracted: z.number(),
  inserted: z.number(),
  unchanged: z.number(),
});
const runReport = z.object({
  status: z.string(),
  connectors: z.tuple([
    z.object({
      status: z.string(),
      reason: z.string().optional(),
      requests: z.number(),
      steps: z.array(step),
    }),
  ]),
});

/** Writes an export, and returns its path from the folder. */
function writeExport(folder: string, count = records): string {
  const entries = Array.from({ length: count }, (_, index) => [
    String(700_000 + index),
    [
      {
        ioc_value: `192.0.2.${index % 256}:${1 + index}`,
        ioc_type: "ip:port",
        threat_type: "botnet_cc",
        malware: "win.cobalt_strike",
        malware_printable: "Cobalt Strike",
        first_seen_utc: "2026-01-02 03:04:05",
        last_seen_utc: null,
        confidence_level: 75,
        tags: "c2",
        anonymous: "0",
        reporter: "abuse_ch",
      },
    ],
  ]);
  writeFileSync(join(folder, "full.json"), JSON.stringify(Object.fromEntries(entries), undefined, 4));
  return "full.json";
}

function startBackfill(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return startProcess(["run", "threatfox", "--json", "--backfill", ...args], { folder, env, timeoutMs });
}

async function finish(run: StartedProcess) {
  const { stdout, stderr, exitCode } = await run;
  const report = runReport.parse(JSON.parse(stdout));
  const [connector] = report.connectors;
  const iocs = connector.steps.find(({ name }) => name === "iocs");
  return { exitCode, stderr, connector, iocs, status: report.status };
}

function storedIn(target: Target): Promise<number> {
  return inDatabase(target, (database) => database.collection("threatfox_raw").countDocuments());
}

const fifthPage = new RegExp(`page loaded .*step=iocs extracted=${5 * pageRecords} `);

test("a backfill that is killed goes on where it was, killed again and again, until all is stored once", {
  timeout: timeoutMs,
}, async () => {
  const folder = temporaryFolder();
  const file = writeExport(folder);
  for (const _ of [1, 2]) {
    const run = await startBackfill(folder, [file], signalAt("SIGKILL", fifthPage));
    expect(run).toMatchObject({ signal: "SIGKILL", stdout: "" });
  }
  const { exitCode, iocs, stderr, connector } = await finish(startBackfill(folder, [file]));
  expect(exitCode, stderr).toBe(0);
  expect(connector.requests).toBe(0);
  expect(stderr).toContain("resuming the export");
  // Each killed run had stored and recorded five pages; only the page in hand is loaded again.
  expect(iocs?.extracted).toBeLessThanOrEqual(records - 10 * pageRecords);
  expect(iocs?.unchanged).toBeLessThanOrEqual(pageRecords);
  expect(await storedIn({ folder })).toBe(records);
});

test("a backfill that is interrupted saves the page in hand, exits with 130, and goes on behind it", {
  timeout: timeoutMs,
}, async () => {
  const folder = temporaryFolder();
  const file = writeExport(folder);
  const stopped = await finish(startBackfill(folder, [file], signalAt("SIGINT", fifthPage)));
  expect(stopped).toMatchObject({ exitCode: 130, status: "interrupted" });
  const before = stopped.iocs?.inserted ?? 0;
  expect(before % pageRecords).toBe(0);
  expect(before).toBeLessThan(records);
  expect(await storedIn({ folder })).toBe(before);

  const next = await finish(startBackfill(folder, [file]));
  expect(next).toMatchObject({ exitCode: 0, iocs: { inserted: records - before, unchanged: 0 } });
  expect(await storedIn({ folder })).toBe(records);
});

test("--backfill without a source downloads the full export from beside the API into the data folder, and asks the API after it", {
  timeout: timeoutMs,
}, async () => {
  const sandbox = await startSandbox({ attackFiles: [] });
  onTestFinished(() => sandbox.close());
  const folder = temporaryFolder();
  const { exitCode, stderr, connector, iocs } = await finish(
    startBackfill(folder, [], {
      API_URL: sandbox.threatfoxUrl,
      THREATFOX_API_KEY: sandbox.authKey,
    }),
  );
  expect(exitCode, stderr).toBe(0);
  const [first, second] = sandbox.requests.map(({ method, url }) => `${method} ${url}`);
  const fullExport = "/files/exports/full.json.zip";
  expect([first, second]).toEqual([`GET ${fullExport}?auth-key=${sandbox.authKey}`, "POST /api/v1/"]);
  expect(connector.requests).toBe(sandbox.requests.length);
  expect(iocs?.inserted).toBe(await storedIn({ folder }));
  expect(stderr).toContain(new URL(fullExport, sandbox.threatfoxUrl).href);
  expect(stderr).not.toContain(sandbox.authKey);
});

test("a file that is not there is refused before anything starts", async () => {
  const folder = temporaryFolder();
  const asked = await startBackfill(folder, ["missing.json"]);
  expect(asked.exitCode).toBe(2);
  expect(asked.stderr).toBe(
    `Error: --backfill names a file that cannot be read: there is no such file (ENOENT): ${join(folder, "missing.json")}`,
  );
  const set = await startProcess(["run"], { folder, env: { THREATFOX_BACKFILL: "missing.json" } });
  expect(set.exitCode).toBe(2);
  expect(set.stderr).toContain(
    `  THREATFOX_BACKFILL names a file that cannot be read: there is no such file (ENOENT) (given: "${join(folder, "missing.json")}")`,
  );
});

test.each([
  [
    ["run", "mitre-taxii", "--backfill"],
    "--backfill is an option of threatfox, but this run has only mitre-taxii.",
  ],
  [["--backfill", "threatfox"], "--backfill threatfox: threatfox is a connector"],
])("%j is wrong usage", async (args, message) => {
  const { exitCode, stderr } = await startProcess(args, { folder: temporaryFolder() });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`Error: ${message}`);
});

test("a demo loads the full export of its own upstream, and the file that is asked for", async () => {
  const folder = temporaryFolder();
  const env = { THREATFOX_BACKFILL: "missing.json" };
  const demo = (...args: string[]) =>
    startProcess(["run", "threatfox", "--demo", "--json", ...args], { folder, env, timeoutMs });
  const full = await finish(demo("--backfill"));
  expect(full.exitCode, full.stderr).toBe(0);
  expect(full.stderr).toMatch(/loading the export .*http:\/\/127\.0\.0\.1:\d+/);
  const file = await finish(demo("--backfill", writeExport(folder, 200)));
  expect(file.exitCode, file.stderr).toBe(0);
  expect(file.iocs?.inserted).toBeGreaterThan(200);
});
