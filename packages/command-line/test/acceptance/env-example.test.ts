import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseConfig, describeConfig, loadEnvironment } from "@cti-connectors/core/host";
import { expect, onTestFinished, test } from "vitest";
import { readSettings } from "../../src/settings/read-settings.js";
import { findWorkspaceRoot } from "../../src/settings/surroundings.js";
import { warnOfSettings } from "../../src/settings/warn-of-settings.js";
import { connectors } from "../../src/testing/program.js";

const text = readFileSync(join(findWorkspaceRoot(import.meta.dirname), ".env.example"), "utf8");
const lines = text.split("\n");
const settings = lines.flatMap((line, index) => {
  const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
  return name === undefined || value === undefined ? [] : [{ name, value, comment: lines[index - 1] }];
});
const described = [baseConfig, ...connectors.map(({ config }) => config)].flatMap(describeConfig);

test(".env.example lists every setting once, with its default", () => {
  const expected = described.map((setting) => [setting.name, setting.default ?? ""]);
  expect(settings.map(({ name, value }) => [name, value]).sort()).toEqual(expected.sort());
});

test(".env.example says in one line what each setting is", () => {
  for (const { name, comment } of settings) {
    expect(comment, name).toMatch(/^# \S.*\.$/);
  }
});

test("a copy of .env.example works as it is", () => {
  const environment = Object.fromEntries(settings.map(({ name, value }) => [name, value]));
  expect(() => readSettings(connectors, environment)).not.toThrow();
});

test("nothing is odd about a copy of .env.example", async () => {
  const workingFolder = mkdtempSync(join(tmpdir(), "env-example-"));
  onTestFinished(() => rmSync(workingFolder, { recursive: true }));
  writeFileSync(join(workingFolder, ".env"), text);
  const { files } = await loadEnvironment({ workingFolder, processEnvironment: {} });
  expect(files).toHaveLength(1);
  expect(warnOfSettings(files, {}, connectors)).toEqual([]);
});

test("no default is a secret", () => {
  expect(described.filter(({ secret, default: value }) => secret && value !== undefined)).toEqual([]);
});
