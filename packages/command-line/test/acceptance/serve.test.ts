import { join } from "node:path";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { readMetrics } from "../../src/testing/read-metrics.js";
import { sandboxSettings } from "../../src/testing/sandbox-settings.js";
import { type StartedProcess, seen, startProcess } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

async function startUpstreams() {
  const sandbox = await startSandbox({ quota: null });
  onTestFinished(() => sandbox.close());
  return sandboxSettings(sandbox);
}

async function originOf(server: StartedProcess): Promise<string> {
  const text = await seen(server, "stderr", / at http:\S+ to /);
  return / at (http:\S+) to /.exec(text)?.[1] ?? "";
}

const token = "a-token-of-many-characters";

test("loads, answers meanwhile and afterwards, lets other commands read, and ends with 0", async () => {
  const folder = temporaryFolder();
  const env = await startUpstreams();
  const server = startProcess(["serve", "--port", "0"], { folder, env });
  const origin = await originOf(server);
  const early = await fetch(`${origin}/api/v1/attack/releases`);
  expect([early.status, await early.json()]).toMatchObject([200, { domains: expect.any(Array) }]);
  await seen(server, "stderr", /Next run at /);

  const lookup = await fetch(`${origin}/api/v1/lookup?term=S0154`);
  expect(await lookup.json()).toMatchObject({ found: true, attack: [{ object: { name: "Cobalt Strike" } }] });
  expect((await fetch(`${origin}/health`)).status).toBe(200);
  const metrics = readMetrics(await (await fetch(`${origin}/metrics`)).text());
  expect(metrics.get("cti_connectors_running")).toBe(0);

  const [beside, run] = await Promise.all([
    startProcess(["lookup", "S0154", "--json"], { folder, env }),
    startProcess(["run", "threatfox"], { folder, env }),
  ]);
  expect(JSON.parse(beside.stdout)).toMatchObject({ answers: [{ found: true }] });
  expect([run.exitCode, run.stderr]).toEqual([1, expect.stringMatching(/database .* \(serve\)/)]);

  server.kill("SIGTERM");
  const { exitCode, stderr } = await server;
  expect(exitCode, stderr).toBe(0);
});

test("is asked to stop in a run, saves, and goes on there when it is started again", async () => {
  const folder = temporaryFolder();
  const env = { ...(await startUpstreams()), MITRE_REQUEST_BUDGET: "2/600" };
  const server = startProcess(["serve", "mitre-taxii", "--port", "0"], { folder, env });
  const origin = await originOf(server);
  await seen(server, "stderr", /waiting: /);
  expect((await fetch(`${origin}/health`)).status).toBe(503);
  server.kill("SIGTERM");
  const { exitCode, stderr } = await server;
  expect(exitCode, stderr).toBe(0);
});

test("with SERVE_TOKEN, only those who send it are answered, and nothing that is written holds it", async () => {
  const folder = temporaryFolder();
  const env = { ...(await startUpstreams()), SERVE_TOKEN: token, LOG_LEVEL: "debug" };
  const server = startProcess(["serve", "--host", "0.0.0.0", "--port", "0"], { folder, env });
  const origin = (await originOf(server)).replace("0.0.0.0", "127.0.0.1");
  const answerTo = async (authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    return (await fetch(`${origin}/api/v1/attack/releases`, { headers })).status;
  };
  expect(await answerTo()).toBe(401);
  expect(await answerTo(`Bearer ${token}x`)).toBe(401);
  expect(await answerTo(`Bearer ${token}`)).toBe(200);
  expect(await answerTo(`Basic ${btoa(`anybody:${token}`)}`)).toBe(200);
  server.kill("SIGTERM");
  const { exitCode, stdout, stderr } = await server;
  expect(exitCode, stderr).toBe(0);
  expect(`${stdout}${stderr}`).not.toContain(token);
});

test.each([
  [["--host", "0.0.0.0"], {}, /--host 0\.0\.0\.0 .* SERVE_TOKEN/],
  [["--host", "192.0.2.1"], { SERVE_TOKEN: token }, /The page cannot be served on port \d+ of 192\.0\.2\.1/],
  [[], { SERVE_TOKEN: "short" }, /SERVE_TOKEN must have at least 16 characters/],
  [["--every", "1h", "--cron", "0 * * * *"], {}, /--every and --cron cannot be combined/],
  [["nothing"], {}, /nothing/],
])("serve %j with %j ends with exit status 2 and says why", async (args, env, said) => {
  const folder = temporaryFolder();
  const { exitCode, stderr } = await startProcess(["serve", "--port", "0", ...args], { folder, env });
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(said)]);
});

test("a port that another process listens on is named, with what to do", async () => {
  const { MITRE_TAXII_URL } = await startUpstreams();
  const { port } = new URL(MITRE_TAXII_URL);
  const folder = temporaryFolder();
  const env = { DATA_DIR: join(folder, "database") };
  const { exitCode, stderr } = await startProcess(["serve", "--port", port], { folder, env });
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringContaining(`Port ${port} of 127.0.0.1 is taken by another process`),
  ]);
});
