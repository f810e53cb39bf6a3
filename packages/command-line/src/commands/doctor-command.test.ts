import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { defineConnector, fileOrUrlSetting, urlSetting } from "@cti-connectors/core";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { startFaultyMongo, startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { exitStatus } from "../process/exit-status.js";
import { inspectSurroundings } from "../settings/surroundings.js";
import { foldersIn, program } from "../testing/program.js";
import { sandboxSettings } from "../testing/sandbox-settings.js";
import { closedPort } from "../testing/start-process.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { type DoctorOptions, doctorCommand } from "./doctor-command.js";

vi.setConfig({ testTimeout: 60_000 });

const answer = z.object({
  checks: z.array(z.object({ name: z.string(), state: z.string(), text: z.string() })),
});

interface Asked {
  readonly options?: DoctorOptions;
  readonly connectors?: typeof program.connectors;
}

async function doctor(
  environment: Readonly<Record<string, string>>,
  { options = {}, connectors = program.connectors }: Asked = {},
) {
  const folder = temporaryFolder();
  const printed: string[] = [];
  const surroundings = await inspectSurroundings(
    { ...program, connectors },
    { processEnvironment: environment, currentFolder: folder, folders: foldersIn(folder) },
  );
  const terminal = { print: (text: string) => void printed.push(text), say: () => undefined };
  const status = await doctorCommand({ ...options, json: true }, surroundings, terminal);
  const text = printed.join("\n");
  const { checks } = answer.parse(JSON.parse(text));
  return { status, text, find: (name: string) => checks.filter((check) => check.name === name) };
}

async function sandboxEnvironment() {
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  return sandboxSettings(sandbox);
}

test("doctor finds nothing wrong where upstreams, key and database are right", async () => {
  const { status, find } = await doctor(await sandboxEnvironment());
  expect(find("mitre-taxii")).toEqual([
    {
      name: "mitre-taxii",
      state: "ok",
      text: expect.stringMatching(/TAXII 2\.1 server: .+ \(1 request to http/),
    },
  ]);
  expect(find("threatfox")).toMatchObject([
    { state: "ok", text: expect.stringContaining("the key is valid") },
  ]);
  expect(find("database")).toMatchObject([
    { state: "ok", text: expect.stringMatching(/embedded database.*: free$/) },
  ]);
  expect(find("data folder")).toMatchObject([{ state: "ok" }]);
  expect(status).toBe(exitStatus.ok);
});

test("doctor names a wrong key without showing it", async () => {
  const environment = { ...(await sandboxEnvironment()), THREATFOX_API_KEY: "wr0ng-key-of-mine" };
  const { status, find, text } = await doctor(environment);
  expect(find("threatfox")).toMatchObject([
    { state: "failed", text: expect.stringContaining("THREATFOX_API_KEY") },
  ]);
  expect(text).not.toContain("wr0ng-key-of-mine");
  expect(status).toBe(exitStatus.failed);
});

test("doctor names upstreams and a database that do not answer, and --offline asks none", async () => {
  const closed = `127.0.0.1:${await closedPort()}`;
  const environment = {
    MITRE_TAXII_URL: `http://${closed}/taxii2/`,
    API_URL: `http://${closed}/api/v1/`,
    THREATFOX_API_KEY: "a-key-of-mine",
    MONGO_URI: `mongodb://${closed}/?serverSelectionTimeoutMS=300`,
  };
  const { status, find } = await doctor(environment);
  for (const [name, part] of [
    ["mitre-taxii", "MITRE_TAXII_URL"],
    ["threatfox", "API_URL"],
    ["database", "MONGO_URI"],
  ] as const) {
    expect(find(name)).toMatchObject([{ state: "failed", text: expect.stringContaining(part) }]);
  }
  expect(status).toBe(exitStatus.failed);
  const offline = await doctor(environment, { options: { offline: true } });
  expect(offline.find("mitre-taxii")).toMatchObject([{ state: "skipped" }]);
  expect(offline.find("database")).toMatchObject([{ state: "skipped" }]);
  expect(offline.status).toBe(exitStatus.ok);
});

test("doctor warns that a connector without a key will be skipped, and of misspelt settings", async () => {
  const environment = { THREATFOX_APIKEY: "x" };
  const { status, find } = await doctor(environment, { options: { offline: true } });
  expect(find("threatfox")).toMatchObject([
    { state: "warning", text: expect.stringContaining("THREATFOX_API_KEY") },
  ]);
  expect(find("settings")).toMatchObject([
    { state: "warning", text: expect.stringContaining("did you mean") },
  ]);
  expect(status).toBe(exitStatus.ok);
});

test("doctor goes on with invalid settings, and names each", async () => {
  const environment = { QUERY_DAYS: "99", LOG_LEVEL: "loud", DATA_DIR: "~somebody/cti" };
  const { status, find } = await doctor(environment, { options: { offline: true } });
  expect(find("settings").map(({ state, text }) => [state, text.split(" ")[0]])).toEqual([
    ["failed", "DATA_DIR"],
    ["failed", "QUERY_DAYS"],
    ["failed", "LOG_LEVEL"],
  ]);
  expect(status).toBe(exitStatus.failed);
});

test("doctor names a data folder that cannot be written", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const { status, find } = await doctor({ DATA_DIR: join(file, "mongo") }, { options: { offline: true } });
  expect(find("data folder")).toMatchObject([
    { state: "failed", text: expect.stringContaining("set DATA_DIR") },
  ]);
  expect(status).toBe(exitStatus.failed);
});

test("doctor says that the embedded database is in use", async () => {
  const path = temporaryFolder();
  const holder = await startEmbeddedMongo({ path, purpose: "run" });
  onTestFinished(() => holder.close());
  const { find } = await doctor({ DATA_DIR: path }, { options: { offline: true } });
  expect(find("database")).toMatchObject([{ state: "ok", text: expect.stringMatching(/in use: .*/) }]);
});

test("doctor says that a user of MongoDB may not write, and writes nothing itself", async () => {
  const server = await startEmbeddedMongo();
  const refusing = await startFaultyMongo(server.uri, [
    { command: "update", mode: "command", code: 13, errmsg: "not authorized", times: 9 },
  ]);
  onTestFinished(async () => {
    await refusing.close();
    await server.close();
  });
  const offline = { MITRE_TAXII_URL: `http://127.0.0.1:${await closedPort()}/` };
  const refused = await doctor({ ...offline, MONGO_URI: refusing.uri });
  expect(refused.find("database")).toMatchObject([
    { state: "failed", text: expect.stringContaining("may not write") },
  ]);
  const allowed = await doctor({ ...offline, MONGO_URI: server.uri });
  expect(allowed.find("database")).toMatchObject([
    { state: "ok", text: expect.stringMatching(/version \d.*writable$/) },
  ]);
  expect(allowed.find("clock")).toMatchObject([{ state: "ok" }]);
});

test("doctor looks for the file that a setting names in place of an address", async () => {
  const folder = temporaryFolder();
  const acme = defineConnector({
    name: "acme-feed",
    summary: "a test",
    config: z.object({ ACME_URL: fileOrUrlSetting() }),
    http: () => ({ urlSetting: "ACME_URL" }),
    steps: [],
  });
  const ACME_URL = join(folder, "feed.json");
  const missing = await doctor({ ACME_URL }, { connectors: [acme] });
  expect(missing.find("settings")).toMatchObject([
    { state: "failed", text: expect.stringContaining("ACME_URL") },
  ]);
  writeFileSync(ACME_URL, "{}");
  expect((await doctor({ ACME_URL }, { connectors: [acme] })).status).toBe(exitStatus.ok);
});

test("doctor asks the address of a connector without a check, and warns of a clock that is wrong", async () => {
  const upstream = createServer((_request, response) => {
    response.setHeader("date", new Date(Date.now() - 3_600_000).toUTCString());
    response.end("{}");
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  onTestFinished(() => void upstream.close());
  const address = upstream.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const acme = defineConnector({
    name: "acme-feed",
    summary: "a test",
    config: z.object({ ACME_URL: urlSetting() }),
    http: () => ({ urlSetting: "ACME_URL" }),
    steps: [],
  });
  const environment = { ACME_URL: `http://127.0.0.1:${port}/feed.json` };
  const { status, find } = await doctor(environment, { connectors: [acme] });
  expect(find("acme-feed")).toMatchObject([
    { state: "ok", text: expect.stringContaining("answers with 200") },
  ]);
  expect(find("clock")).toMatchObject([
    { state: "warning", text: expect.stringMatching(/^3\d{3} s ahead of .*acme-feed/) },
  ]);
  expect(status).toBe(exitStatus.ok);
});
