import { readFileSync } from "node:fs";
import { join } from "node:path";
import { baseConfig, describeConfig } from "@cti-connectors/core";
import { expect, test } from "vitest";
import { connectors } from "./connectors.js";
import { findWorkspaceRoot } from "./find-workspace-root.js";
import { readSettings } from "./read-settings.js";

const lines = readFileSync(join(findWorkspaceRoot(import.meta.dirname), ".env.example"), "utf8").split("\n");
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

test("no default is a secret", () => {
  expect(described.filter(({ secret, default: value }) => secret && value !== undefined)).toEqual([]);
});
