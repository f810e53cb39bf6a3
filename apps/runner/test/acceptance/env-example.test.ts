import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { programConfig } from "@cti-connectors/command-line";
import { describeConfig } from "@cti-connectors/core/host";
import { execa } from "execa";
import { expect, onTestFinished, test, vi } from "vitest";
import { connectors } from "../../src/connectors.js";

vi.setConfig({ testTimeout: 60_000 });

const file = fileURLToPath(new URL("../../../../.env.example", import.meta.url));
const start = fileURLToPath(new URL("../../start.mjs", import.meta.url));
const lines = readFileSync(file, "utf8").split("\n");
const settings = lines.flatMap((line, index) => {
  const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
  return name === undefined || value === undefined ? [] : [{ name, value, comment: lines[index - 1] }];
});
const described = [programConfig, ...connectors.map(({ config }) => config)].flatMap(describeConfig);

test(".env.example lists every setting once, with its default", () => {
  const expected = described.map((setting) => [setting.name, setting.default ?? ""]);
  expect(settings.map(({ name, value }) => [name, value]).sort()).toEqual(expected.sort());
});

test(".env.example says in one line what each setting is", () => {
  for (const { name, comment } of settings) {
    expect(comment, name).toMatch(/^# \S.*\.$/);
  }
});

test("a copy of .env.example works as it is, and nothing is odd about it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "env-example-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  copyFileSync(file, join(folder, ".env"));
  const { exitCode, stdout, stderr } = await execa(execPath, [start, "status"], {
    env: { PATH: env.PATH, INIT_CWD: folder, DATA_DIR: join(folder, "database") },
    extendEnv: false,
    reject: false,
  });
  expect(exitCode, stderr).toBe(1);
  expect(stdout).toContain("is empty");
  expect(stderr).not.toContain(".env");
});

test("no default is a secret", () => {
  expect(described.filter(({ secret, default: value }) => secret && value !== undefined)).toEqual([]);
});
