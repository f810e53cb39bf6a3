import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { startProcess } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

const run = ["run", "threatfox", "--json"];

test("a run reads its key from a file that .env names, and shows it nowhere", async () => {
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  const folder = temporaryFolder();
  mkdirSync(join(folder, "secrets"));
  writeFileSync(join(folder, "secrets", "threatfox"), `${sandbox.authKey}\n`);
  writeFileSync(join(folder, ".env"), "THREATFOX_API_KEY_FILE=secrets/threatfox\n");
  const { stdout, stderr, exitCode } = await startProcess(run, {
    folder,
    env: {
      THREATFOX_API_KEY: undefined,
      API_URL: sandbox.threatfoxUrl,
      THREATFOX_EXPORT_URL: sandbox.threatfoxExportUrl,
      LOG_LEVEL: "debug",
    },
  });
  expect(exitCode, stderr).toBe(0);
  const [connector] = JSON.parse(stdout).connectors;
  expect(connector.status).toBe("ok");
  expect(connector.steps.some(({ inserted }: { inserted: number }) => inserted > 0)).toBe(true);
  expect(stdout + stderr).not.toContain(sandbox.authKey);
  expect(stderr).not.toContain("Warning");
});

test("secrets that cannot be read from their files end the run before it starts: all named, none shown", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "key"), "k3y-of-mine\n");
  const { stdout, stderr, exitCode } = await startProcess(run, {
    folder,
    env: {
      THREATFOX_API_KEY: "k3y-of-mine",
      THREATFOX_API_KEY_FILE: "key",
      MONGO_URI_FILE: "mongodb://loader:hunter2@db.example/",
      MITRE_PASSWORD_FILE: "/no-such-folder/password",
    },
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toContain("THREATFOX_API_KEY and THREATFOX_API_KEY_FILE must not both be set");
  expect(stderr).toMatch(/MONGO_URI_FILE .*may be the secret itself/);
  expect(stderr).toMatch(/MITRE_PASSWORD_FILE .*\/no-such-folder\/password/);
  expect(stderr).not.toMatch(/k3y-of-mine|hunter2/);
});
