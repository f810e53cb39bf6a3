import { join, sep } from "node:path";
import { expect, test } from "vitest";
import { findCommand } from "./find-command.js";

const root = join(sep, "home", "me", "cti-connectors");
const start = join(root, "apps", "runner", "start.mjs");
const pnpm = join(sep, "usr", "lib", "node_modules", "pnpm", "bin", "pnpm.cjs");

test.each([
  ["npx @cti-connectors/runner", [".npm", "_npx", "3f5", "node_modules", ".bin", "cti-connectors"]],
  [
    "pnpm dlx @cti-connectors/runner",
    [
      ".cache",
      "pnpm",
      "dlx",
      "3f5",
      "node_modules",
      "@cti-connectors",
      "runner",
      "bin",
      "cti-connectors.mjs",
    ],
  ],
  ["cti-connectors", [".local", "bin", "cti-connectors"]],
  ["cti-connectors", ["project", "node_modules", "@cti-connectors", "runner", "bin", "cti-connectors.mjs"]],
  ["cti-connectors", ["project", "node_modules", "@cti-connectors", "runner", "dist", "main.js"]],
])("messages show commands with %s if that started the program", (command, path) => {
  const script = join(sep, "home", "me", ...path);
  expect(findCommand({ script, packageManager: pnpm, root })).toEqual({ command, quietCommand: command });
});

test.each([
  ["pnpm", pnpm],
  [
    "npx pnpm",
    join(root, "node_modules", ".pnpm", "pnpm@10.34.9", "node_modules", "pnpm", "bin", "pnpm.cjs"),
  ],
  ["npx pnpm", join(sep, "home", "me", ".npm", "_npx", "3f5", "node_modules", "pnpm", "bin", "pnpm.cjs")],
  ["pnpm", ""],
])(
  "in a checkout, messages show commands with %s if it was %s that started the program",
  (name, packageManager) => {
    expect(findCommand({ script: start, packageManager, root })).toEqual({
      command: `${name} --filter runner start`,
      quietCommand: `${name} -s --filter runner start`,
    });
  },
);
