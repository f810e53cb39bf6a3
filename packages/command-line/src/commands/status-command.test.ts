import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { startSandbox } from "@cti-connectors/sandbox";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { findSurroundings } from "../settings/surroundings.js";
import { foldersIn, program } from "../testing/program.js";
import { sandboxSettings } from "../testing/sandbox-settings.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { runCommand } from "./run-command.js";
import { type StatusOptions, statusCommand } from "./status-command.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

test("--json shows the last run as it was reported, with what its steps tell of the documents", async () => {
  const sandbox = await startSandbox({ quota: null });
  const server = await startEmbeddedMongo();
  onTestFinished(async () => {
    await sandbox.close();
    await server.close();
  });
  const folder = temporaryFolder();
  const surroundings = await findSurroundings(program, {
    processEnvironment: { ...sandboxSettings(sandbox), MONGO_URI: server.uri, LOG_LEVEL: "error" },
    currentFolder: folder,
    folders: foldersIn(folder),
  });
  const printed: string[] = [];
  const terminal = { print: (text: string) => printed.push(text), say: () => {} };
  await runCommand(["mitre-taxii"], { json: true }, {}, surroundings, terminal);
  await statusCommand({ json: true }, surroundings, terminal);
  const [run, status] = printed.map((text) => JSON.parse(text));
  const [report] = run.connectors;
  expect(report.steps).toContainEqual(expect.objectContaining({ name: "objects", facts: expect.anything() }));
  expect(status.connectors[0].runs[0].report).toEqual(report);
});

describe("the exit status", () => {
  async function statusOf(
    options: StatusOptions,
    env: Readonly<Record<string, string>>,
    loads: readonly string[] = ["mitre-taxii"],
  ) {
    const sandbox = await startSandbox({ quota: null });
    onTestFinished(() => sandbox.close());
    const folder = temporaryFolder();
    const surroundings = await findSurroundings(program, {
      processEnvironment: {
        ...sandboxSettings(sandbox),
        ...{ DATA_DIR: folder, LOG_LEVEL: "error", THREATFOX_API_KEY: "", ...env },
      },
      currentFolder: folder,
      folders: foldersIn(folder),
    });
    const printed: string[] = [];
    const terminal = { print: (text: string) => printed.push(text), say: () => {} };
    if (loads.length > 0) {
      await runCommand(loads, { json: true }, {}, surroundings, terminal);
    }
    const status = await statusCommand(options, surroundings, terminal);
    return { status, text: printed.at(-1) ?? "" };
  }

  test("is 1 where nothing was ever loaded, and the text says what to do", async () => {
    const { status, text } = await statusOf({}, {}, []);
    expect(status).toBe(1);
    expect(text).toContain("is empty.\nLoad data: cti");
  });

  test("is 0 for data that is young enough; connectors that are not set up do not count", async () => {
    const { status, text } = await statusOf({ json: true, maxAge: 60_000 }, { MAX_DATA_AGE: "1s" });
    expect(status).toBe(0);
    const { store, health } = JSON.parse(text);
    expect(health).toMatchObject({
      maxAgeMs: 60_000,
      isHealthy: true,
      connectors: [
        { name: "mitre-taxii", state: "fresh", ageMs: expect.any(Number) },
        { name: "threatfox", state: "skipped" },
      ],
    });
    // The server of the embedded database has ended with the command.
    expect(store).toEqual({ kind: "embedded", db: "threat_intelligence", folder: expect.any(String) });
  });

  test("is 1 where data is older than MAX_DATA_AGE", async () => {
    const { status, text } = await statusOf(
      { now: () => new Date(Date.now() + 7_200_000) },
      { MAX_DATA_AGE: "1h" },
    );
    expect(status).toBe(1);
    expect(text).toMatch(
      /✖ mitre-taxii: its data is 2 h old, and may be 1 h old at most\n {2}Load it: cti run mitre-taxii$/,
    );
  });
});
