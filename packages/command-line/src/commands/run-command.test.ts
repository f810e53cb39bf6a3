import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { startSandbox } from "@cti-connectors/sandbox";
import { MongoClient } from "mongodb";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { runHere } from "../testing/run-here.js";
import { inDatabase } from "../testing/run-process.js";
import { closedPort, seen, startProcess } from "../testing/start-process.js";
import { temporaryFolder } from "../testing/temporary-folder.js";

const counts = {
  extracted: z.number(),
  inserted: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  superseded: z.number(),
  withdrawn: z.number(),
  rejected: z.number(),
};
/** The report as the blueprint has it, and the facts of a step: no field more, none less. */
const reportSchema = z.strictObject({
  runId: z.string(),
  status: z.enum(["ok", "partial", "failed", "interrupted"]),
  store: z.strictObject({ kind: z.enum(["embedded", "mongodb"]), db: z.string() }),
  connectors: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(["ok", "failed", "skipped", "interrupted"]),
      reason: z.string().optional(),
      requests: z.number(),
      sample: z.string().optional(),
      retries: z.number(),
      throttled: z.number(),
      seconds: z.number(),
      steps: z.array(
        z.strictObject({ name: z.string(), ...counts, facts: z.record(z.string(), z.number()).optional() }),
      ),
    }),
  ),
});

function reportIn(stdout: string) {
  const report = reportSchema.parse(JSON.parse(stdout));
  const steps = report.connectors.flatMap((connector) => connector.steps);
  const sum = (name: keyof typeof counts) => steps.reduce((total, step) => total + step[name], 0);
  return { ...report, written: sum("inserted") + sum("updated"), extracted: sum("extracted") };
}

/** Both upstreams, and the settings that lead to them. */
async function upstreams() {
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  return {
    sandbox,
    env: {
      MITRE_TAXII_URL: sandbox.taxiiUrl,
      API_URL: sandbox.threatfoxUrl,
      THREATFOX_API_KEY: sandbox.authKey,
    },
  };
}

describe("--demo", () => {
  test("loads the built-in data into a database of its own and shows it", async () => {
    const folder = temporaryFolder();
    const env = { MONGO_URI: "mongodb://me:pa55word@127.0.0.1:1/", QUERY_DAYS: "2", DB_NAME: "mine" };
    const { stdout, stderr, exitCode } = await startProcess(["--demo"], { folder, env });
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/mitre-taxii\s+collections\s+1\s+1 /);
    expect(stdout).toMatch(/T1059\.001\s+PowerShell/);
    expect(stdout).toMatch(/192\[\.]0\[\.]2\[\.]17:443\s+botnet_cc\s+100/);
    expect(stdout).toContain(`database mine_demo of the embedded database in ${join(folder, "database")}`);
    expect(stdout).toContain("Next, load the real data");
    expect(stderr).toContain("A demo does not use these settings: MONGO_URI, QUERY_DAYS.");
    expect(stdout + stderr).not.toContain("pa55word");
  });

  test("with --json, the report is all that goes to standard output", async () => {
    const { stdout, exitCode } = await runHere(["--demo", "--json"], { folder: temporaryFolder() });
    expect(exitCode).toBe(0);
    const report = reportIn(stdout);
    expect(report).toMatchObject({
      status: "ok",
      store: { kind: "embedded", db: "threat_intelligence_demo" },
      connectors: [
        {
          name: "mitre-taxii",
          status: "ok",
          throttled: 0,
          steps: ["collections", "manifest", "objects", "versions", "releases", "relationships"].map(
            (name) => ({ name }),
          ),
        },
        {
          name: "threatfox",
          status: "ok",
          steps: [{ name: "iocs" }, { name: "malware" }, { name: "types" }],
        },
      ],
    });
    expect(report.written).toBe(report.extracted);
  });
});

const testUri = process.env.TEST_MONGO_URI;
const servers = [
  { name: "on the embedded database", kind: "embedded", uri: "" },
  testUri === undefined
    ? {
        name: "on an independent server (skipped: TEST_MONGO_URI is not set)",
        kind: "mongodb",
        uri: undefined,
      }
    : { name: "on the server at TEST_MONGO_URI", kind: "mongodb", uri: testUri },
];

describe.each(servers.map((server) => [server.name, server] as const))("%s", (_name, { kind, uri }) => {
  test.skipIf(uri === undefined)("a run loads everything, and a second one writes nothing", async () => {
    const folder = temporaryFolder();
    const settings = { ...(await upstreams()).env, MONGO_URI: uri, DB_NAME: `runner_${randomUUID()}` };
    if (uri) {
      const client = new MongoClient(uri);
      onTestFinished(async () => {
        await client.db(settings.DB_NAME).dropDatabase();
        await client.close();
      });
    }
    const first = await runHere(["--json"], { folder, env: settings });
    expect(first.exitCode, first.stderr).toBe(0);
    const report = reportIn(first.stdout);
    expect(report).toMatchObject({ status: "ok", store: { kind, db: settings.DB_NAME } });
    expect(report.written).toBe(report.extracted);
    expect(report.written).toBeGreaterThan(100);

    const second = await runHere(["run", "--json"], { folder, env: settings });
    expect(second.exitCode, second.stderr).toBe(0);
    const { status, written, extracted } = reportIn(second.stdout);
    expect({ status, written }).toEqual({ status: "ok", written: 0 });
    expect(extracted).toBeLessThan(report.extracted);
  });
});

describe("a run", () => {
  test("never shows the key, not even at debug", async () => {
    const { env, sandbox } = await upstreams();
    const run = startProcess([], { folder: temporaryFolder(), env: { ...env, LOG_LEVEL: "debug" } });
    const { stdout, stderr, exitCode } = await run;
    expect(exitCode).toBe(0);
    expect(stderr).toContain("DEBUG");
    expect(sandbox.requests.some(({ headers }) => headers["auth-key"] === sandbox.authKey)).toBe(true);
    expect(stdout + stderr).not.toContain(sandbox.authKey);
  });

  test("--sample loads the first three of everything", async () => {
    const { env } = await upstreams();
    const args = ["run", "mitre-taxii", "--sample", "--json"];
    const { stdout, exitCode } = await runHere(args, { folder: temporaryFolder(), env });
    expect(exitCode).toBe(0);
    const [connector, ...others] = reportIn(stdout).connectors;
    expect(others).toEqual([]);
    expect(connector?.sample).toBe("at most 3 objects of each collection (MITRE_MAX_OBJECTS)");
    expect(connector?.steps.find(({ name }) => name === "objects")?.extracted).toBeLessThanOrEqual(9);
  });

  test("--dry-run counts what it would load, and loads nothing", async () => {
    const folder = temporaryFolder();
    const { env } = await upstreams();
    const dry = await runHere(["threatfox", "--dry-run"], { folder, env });
    expect(dry.exitCode, dry.stderr).toBe(0);
    expect(dry.stdout).toMatch(/^Dry run: nothing was written/);
    expect(dry.stdout).toMatch(/threatfox\s+iocs\s+25\s+25 /);
    const { stdout } = await runHere(["status"], { folder, env });
    expect(stdout).toMatch(/is empty\.\nLoad data: cti\n/);
    expect(await inDatabase({ folder }, (database) => database.listCollections().toArray())).toEqual([]);
  });

  test("a connector without its key is skipped with one line that says where to get one", async () => {
    const { stdout, stderr, exitCode } = await runHere(["run", "threatfox"], {
      folder: temporaryFolder(),
    });
    expect(exitCode).toBe(0);
    for (const output of [stdout, stderr]) {
      expect(output.match(/.*https:\/\/auth\.abuse\.ch.*/g)).toHaveLength(1);
    }
  });

  test("logs one JSON object per line with LOG_FORMAT=json", async () => {
    const { env } = await upstreams();
    const run = runHere(["--json"], { folder: temporaryFolder(), env: { ...env, LOG_FORMAT: "json" } });
    const { stderr } = await run;
    const lines = stderr
      .split("\n")
      .map((line) => z.looseObject({ msg: z.string() }).parse(JSON.parse(line)));
    expect(lines.map(({ msg }) => msg)).toContain("connector finished");
  });
});

describe("faults", () => {
  test("no network: one clear error per connector, nothing recorded as done, exit status 1", async () => {
    const folder = temporaryFolder();
    const port = await closedPort();
    const env = {
      MITRE_TAXII_URL: `http://127.0.0.1:${port}/taxii2/`,
      API_URL: `http://127.0.0.1:${port}/api/v1/`,
      THREATFOX_API_KEY: "a-very-secret-key",
      HTTP_RETRIES: "0",
    };
    const { stdout, stderr, exitCode } = await runHere([], { folder, env });
    expect(exitCode).toBe(1);
    expect(stdout.match(/failed \(.*\)\n.*the connection was refused/g)).toHaveLength(2);
    expect(stdout).toContain("MITRE_TAXII_URL");
    expect(stdout).toContain("API_URL");
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
    expect(stdout + stderr).not.toContain("a-very-secret-key");

    const status = await runHere(["status", "--json"], { folder, env });
    expect(JSON.parse(status.stdout)).toMatchObject({
      connectors: [{ runs: [{ status: "failed" }] }, { runs: [{ status: "failed" }] }],
      collections: [0, 0, 0, 0, 0, 0, 0].map((documents) => ({ documents })),
    });
    expect(status.stdout).not.toContain("lastOkAt");
  });

  test("a wrong key is reported with the name of its setting", async () => {
    const { env } = await upstreams();
    const wrong = { ...env, THREATFOX_API_KEY: "a-wrong-secret-key" };
    const run = runHere(["run", "threatfox"], { folder: temporaryFolder(), env: wrong });
    const { stdout, stderr, exitCode } = await run;
    expect(exitCode).toBe(1);
    expect(stdout).toContain("THREATFOX_API_KEY");
    expect(stdout + stderr).not.toContain("a-wrong-secret-key");
  });

  test("all wrong settings are reported in one message, exit status 2", async () => {
    const env = { QUERY_DAYS: "9", DB_NAME: "no good", MITRE_PAGE_SIZE: "many", MONGO_URI: "http://x" };
    const { stdout, stderr, exitCode } = await runHere([], { folder: temporaryFolder(), env });
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    for (const name of Object.keys(env)) {
      expect(stderr).toMatch(new RegExp(`^  ${name} `, "m"));
    }
    expect(stderr).toContain("the command config");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("a MongoDB that is not there is reported with the name of the setting, without its password", async () => {
    const uri = `mongodb://me:pa55word@127.0.0.1:${await closedPort()}/?serverSelectionTimeoutMS=300`;
    const run = runHere(["--json"], { folder: temporaryFolder(), env: { MONGO_URI: uri } });
    const { stdout, stderr, exitCode } = await run;
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("MONGO_URI");
    expect(stderr).not.toContain("pa55word");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("Ctrl-C ends a run whose MongoDB does not answer, exit status 130", async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket.on("error", () => {})));
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    onTestFinished(() => {
      silent.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    });
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const uri = `mongodb://127.0.0.1:${port}/?serverSelectionTimeoutMS=1000000&connectTimeoutMS=1000000`;
    const run = startProcess(["--json"], { folder: temporaryFolder(), env: { MONGO_URI: uri } });
    await once(silent, "connection");
    run.kill("SIGINT");
    const { stdout, stderr, exitCode } = await run;
    expect(exitCode).toBe(130);
    expect(stdout).toBe("");
    expect(stderr).toContain("Interrupted before a connector had started.");
  });

  test("a .env that cannot be read is reported by its name, exit status 2", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, ".env"));
    const { stderr, exitCode } = await startProcess(["status"], { folder });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${join(folder, ".env")} cannot be read`);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("an unknown word is answered with the commands and connectors there are, exit status 2", async () => {
    const { stderr, exitCode } = await runHere(["stats"], { folder: temporaryFolder() });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/"stats".*status.*mitre-taxii, threatfox/);
  });
});

test(".env is read where the command was typed, and the environment of the process wins over it", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, ".env"), "QUERY_DAYS=9\nDATA_DIR=here\n");
  const open = { QUERY_DAYS: undefined, DATA_DIR: undefined };
  const wrong = await startProcess(["run", "threatfox"], { folder, env: open });
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toContain("QUERY_DAYS must be");
  const right = await startProcess(["run", "threatfox"], { folder, env: { ...open, QUERY_DAYS: "3" } });
  expect(right.exitCode, right.stderr).toBe(0);
  expect(right.stdout).toContain(`embedded database in ${join(folder, "here")}`);
});

describe("Ctrl-C", () => {
  test("ends the page in hand, saves, and ends with 130; the next run goes on from there", async () => {
    const folder = temporaryFolder();
    const { env, sandbox } = await upstreams();
    const run = startProcess(["--json"], { folder, env: { ...env, MITRE_REQUEST_BUDGET: "7/600" } });
    await seen(run, "stderr", /waiting: .*budget/);
    run.kill("SIGINT");
    const interrupted = await run;
    expect(interrupted.exitCode).toBe(130);
    expect(interrupted.stderr).toContain("Press Ctrl-C again");
    const before = reportIn(interrupted.stdout);
    expect(before.status).toBe("interrupted");
    expect(before.written).toBeGreaterThan(0);

    const asked = sandbox.requests.length;
    const resumed = await runHere(["--json"], { folder, env: { ...env, MITRE_REQUEST_BUDGET: "off" } });
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    const total = before.written + reportIn(resumed.stdout).written;
    expect(sandbox.requests.length - asked).toBeGreaterThan(0);

    const undisturbed = await runHere(["--json"], {
      folder: temporaryFolder(),
      env: { ...env, MITRE_REQUEST_BUDGET: "off" },
    });
    expect(total).toBe(reportIn(undisturbed.stdout).written);
  });

  test("pressed again, ends at once", async () => {
    // A server that takes connections and never answers.
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    onTestFinished(() => void silent.close());
    await new Promise((resolve) => silent.once("listening", resolve));
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const env = { MONGO_URI: `mongodb://127.0.0.1:${port}/?serverSelectionTimeoutMS=100000` };
    const connected = new Promise((resolve) => silent.once("connection", resolve));
    const run = startProcess([], { folder: temporaryFolder(), env });
    await connected;
    run.kill("SIGINT");
    await seen(run, "stderr", /Press Ctrl-C again/);
    run.kill("SIGINT");
    expect((await run).exitCode).toBe(130);
  });
});

describe("--if-running", () => {
  async function holdDatabase(folder: string, purpose: string) {
    const server = await startEmbeddedMongo({ path: join(folder, "database"), purpose });
    onTestFinished(() => server.close());
    return server;
  }

  test("skip: leaves the embedded database to the other run, with exit status 0 and a line; fail: does not", async () => {
    const folder = temporaryFolder();
    await holdDatabase(folder, "run");
    const inUse = `database in ${join(folder, "database")} is in use by process ${process.pid} (run)`;
    const skipped = await startProcess(["--if-running", "skip", "--json"], { folder });
    expect(skipped.exitCode, skipped.stderr).toBe(0);
    expect(skipped.stderr).toMatch(/skipped: /);
    expect(reportIn(skipped.stdout)).toMatchObject({
      status: "ok",
      store: { kind: "embedded", db: "threat_intelligence" },
      connectors: ["mitre-taxii", "threatfox"].map((name) => ({
        name,
        status: "skipped",
        reason: expect.stringContaining(inUse),
      })),
    });
    const failed = await startProcess(["--if-running", "fail"], { folder });
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain(inUse);
  });

  test("by default waits for the other run, and then loads", async () => {
    const folder = temporaryFolder();
    const other = await holdDatabase(folder, "run");
    const run = startProcess(["--json"], { folder, env: (await upstreams()).env });
    await seen(run, "stderr", /Waiting for up to a minute\. .* in use by process \d+ \(run\)/);
    await other.close();
    const { exitCode, stdout, stderr } = await run;
    expect(exitCode, stderr).toBe(0);
    expect(reportIn(stdout)).toMatchObject({ connectors: [{ status: "ok" }, { status: "ok" }] });
  });

  test("skip: waits for any other command, which is no run, until it is interrupted", async () => {
    const folder = temporaryFolder();
    await holdDatabase(folder, "export");
    const run = startProcess(["--if-running", "skip"], { folder });
    await seen(run, "stderr", /Waiting for up to a minute\. .* \(export\)/);
    run.kill("SIGINT");
    expect((await run).exitCode).toBe(130);
  });

  test.each(["wait", "skip"])("%s: fails at once where `mongo` serves the database", async (ifRunning) => {
    const folder = temporaryFolder();
    await holdDatabase(folder, "mongo");
    const { exitCode, stdout, stderr } = await startProcess(["--json", "--if-running", ifRunning], {
      folder,
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/in use by process \d+ \(mongo\): stop it, or connect to it with MONGO_URI=/);
    expect(stderr).not.toContain("Waiting");
  });
});
