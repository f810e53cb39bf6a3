import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConnector, urlSetting } from "@cti-connectors/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { UsageError } from "../process/exit-status.js";
import { findSurroundings } from "../settings/surroundings.js";
import { foldersIn, program } from "../testing/program.js";
import { seen, startProcess } from "../testing/start-process.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { sandboxCommand } from "./sandbox-command.js";

const ready = z.strictObject({
  taxii: z.url(),
  threatfox: z.url(),
  threatfoxExport: z.url(),
  authKey: z.string(),
  settings: z.record(z.string(), z.string()),
});

const bundle = JSON.stringify({
  type: "bundle",
  id: "bundle--11111111-1111-4111-8111-111111111111",
  objects: [
    {
      type: "x-mitre-collection",
      spec_version: "2.1",
      id: "x-mitre-collection--1f5f1533-f617-4ca8-9ab4-6a02367fa019",
      created: "2018-01-17T12:56:55.080Z",
      modified: "2025-10-28T15:07:52.000Z",
      name: "Enterprise ATT&CK",
      x_mitre_version: "18.1",
      x_mitre_contents: [],
    },
  ],
});

test("prints one line of JSON when ready, serves what was asked for, and ends with 0 when it is stopped", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "bundle.json"), bundle);
  writeFileSync(join(folder, "iocs.json"), JSON.stringify({ query_status: "ok", data: [] }));
  const args = ["sandbox", "--attack", "bundle.json", "--threatfox", "iocs.json", "--quota", "1/600"];
  const sandbox = startProcess(args, { folder, env: { LOG_LEVEL: "debug" } });
  const stdout = await seen(sandbox, "stdout", /\n/);
  const { taxii, threatfox, threatfoxExport, authKey, settings } = ready.parse(JSON.parse(stdout));
  expect(settings).toEqual({ MITRE_TAXII_URL: taxii, API_URL: threatfox, THREATFOX_API_KEY: authKey });

  const headers = { accept: "application/taxii+json;version=2.1" };
  expect((await fetch(taxii, { headers })).status).toBe(200);
  expect((await fetch(taxii, { headers })).status).toBe(429);
  const request = { method: "POST", body: JSON.stringify({ query: "get_iocs", days: 3 }) };
  const answer = await fetch(threatfox, { ...request, headers: { "auth-key": authKey } });
  expect(await answer.json()).toMatchObject({ query_status: expect.stringMatching(/^(ok|no_result)$/) });

  expect((await fetch(threatfoxExport)).headers.get("content-type")).toBe("application/zip");
  for (const path of [
    `/files/exports/recent.csv?auth-key=${authKey}`,
    `/v2/files/exports/${authKey}/recent.csv`,
  ]) {
    expect((await fetch(new URL(path, threatfox))).status).toBe(200);
  }

  sandbox.kill("SIGTERM");
  const ended = await sandbox;
  expect(ended.exitCode).toBe(0);
  expect(`${ended.stdout}\n`).toBe(stdout);
  expect(ended.stderr).toMatch(/DEBUG request upstream=taxii method=GET url=\/taxii2\/ status=429/);
  expect(ended.stderr).toContain("url=/v2/files/exports/[redacted]/recent.csv");
  expect(ended.stderr).not.toContain(authKey);
});

test("a file that is not there is reported by its name, where the command was typed, exit status 2", async () => {
  const folder = temporaryFolder();
  const { stdout, stderr, exitCode } = await startProcess(["sandbox", "--attack", "missing.json"], {
    folder,
  });
  expect(exitCode).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain(join(folder, "missing.json"));
  expect(stderr).not.toMatch(/^\s+at /m);
});

test.each([
  ["no JSON", "attack"],
  ["{}", "attack"],
  ["no JSON", "threatfox"],
  ["{}", "threatfox"],
])("a file that holds %j is no %s file", async (content, kind) => {
  const folder = temporaryFolder();
  const file = join(folder, "file.json");
  writeFileSync(file, content);
  const options = kind === "attack" ? { attack: ["file.json"] } : { threatfox: "file.json" };
  const surroundings = await findSurroundings(program, {
    processEnvironment: {},
    currentFolder: folder,
    folders: foldersIn(folder),
  });
  const started = sandboxCommand(options, surroundings, { print: () => undefined, say: () => undefined });
  await expect(started).rejects.toThrow(UsageError);
  await expect(started).rejects.toThrow(file);
});

test("one port for both upstreams is refused", async () => {
  const folder = temporaryFolder();
  const surroundings = await findSurroundings(program, {
    processEnvironment: {},
    currentFolder: folder,
    folders: foldersIn(folder),
  });
  const options = { taxiiPort: 45_871, threatfoxPort: 45_871 };
  const started = sandboxCommand(options, surroundings, { print: () => undefined, say: () => undefined });
  await expect(started).rejects.toThrow(
    new UsageError("--taxii-port and --threatfox-port are both 45871: choose two different ports"),
  );
});

test.each([{ oneToken: true }, { tokenLife: 30 }])("%j needs --standard", async (options) => {
  const folder = temporaryFolder();
  const surroundings = await findSurroundings(program, {
    processEnvironment: {},
    currentFolder: folder,
    folders: foldersIn(folder),
  });
  const started = sandboxCommand(options, surroundings, { print: () => undefined, say: () => undefined });
  await expect(started).rejects.toThrow("need --standard");
});

test("what real servers do can be asked for", async () => {
  const folder = temporaryFolder();
  const args = [
    "sandbox",
    "--standard",
    "--one-token",
    "--token-life",
    "30",
    "--max-limit",
    "2",
    "--max-url",
    "60",
  ];
  const sandbox = startProcess(
    [...args, "--dead-root", "/api/dead/", "--without-manifest", "--only-last-version"],
    {
      folder,
    },
  );
  const { taxii } = ready.parse(JSON.parse(await seen(sandbox, "stdout", /\n/)));
  const ask = (path: string) =>
    fetch(new URL(path, taxii), { headers: { accept: "application/taxii+json;version=2.1" } });
  expect(await (await ask("/taxii2/")).json()).toMatchObject({
    api_roots: [expect.any(String), "/api/dead/"],
  });
  expect((await ask("/api/dead/")).status).toBe(404);
  const path = "/api/v21/collections/x-mitre-collection--90c00720-636b-4485-b342-8751d232bf09/objects/";
  expect((await ask(path)).status).toBe(403);
  sandbox.kill("SIGTERM");
  expect((await sandbox).exitCode).toBe(0);
});

test("serves what a connector brings for its demo, and says which settings lead there", async () => {
  const folder = temporaryFolder();
  const acme = defineConnector({
    name: "acme",
    summary: "a test",
    config: z.object({ ACME_URL: urlSetting() }),
    demo: {
      answer: ({ url }) => new Response(new URL(url).pathname),
      settings: ({ url }) => ({ ACME_URL: `${url}list.json` }),
    },
    steps: () => [],
  });
  const surroundings = await findSurroundings(
    { ...program, connectors: [...program.connectors, acme] },
    { processEnvironment: {}, currentFolder: folder, folders: foldersIn(folder) },
  );
  const printed = new Promise<string>((print) => {
    void sandboxCommand({}, surroundings, { print, say: () => undefined });
  });
  const { settings } = ready.parse(JSON.parse(await printed));
  const url = settings.ACME_URL ?? "";
  expect(await (await fetch(url)).text()).toBe("/list.json");
  process.emit("SIGTERM");
  await expect.poll(() => fetch(url).catch(() => "gone")).toBe("gone");
});
