import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test, vi } from "vitest";
import { findSurroundings } from "../settings/surroundings.js";
import { foldersIn, program } from "../testing/program.js";
import { sandboxSettings } from "../testing/sandbox-settings.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { runCommand } from "./run-command.js";
import { statusCommand } from "./status-command.js";

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
