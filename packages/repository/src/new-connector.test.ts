import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const script = "scripts/new-connector.mjs";
let workspace: string;

/** What the generator looks at, and nothing that it could not write into. */
beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), "new-connector-"));
  const manifests = ["packages", "apps"].flatMap((folder) =>
    readdirSync(join(repository, folder)).map((name) => `${folder}/${name}/package.json`),
  );
  const files = [
    "package.json",
    "turbo.json",
    ".env.example",
    "turbo",
    script,
    "bench/package.json",
    ...manifests,
  ];
  for (const file of files.filter((path) => existsSync(join(repository, path)))) {
    mkdirSync(dirname(join(workspace, file)), { recursive: true });
    cpSync(join(repository, file), join(workspace, file), { recursive: true });
  }
  symlinkSync(join(repository, "node_modules"), join(workspace, "node_modules"));
});
afterAll(() => rmSync(workspace, { recursive: true }));

/** Every file and its content. */
function contents(): readonly (readonly [path: string, text: string])[] {
  return readdirSync(workspace, { recursive: true, withFileTypes: true, encoding: "utf8" })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path, readFileSync(path, "utf8")] as const);
}

function newConnector(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(workspace, script), ...args], {
    cwd: workspace,
    encoding: "utf8",
  });
  return { status, said: `${stdout}${stderr}` };
}

test("a template that ends in .hbs has another extension before it, or its copy would keep .hbs", () => {
  const templates = join(repository, "turbo/generators/templates");
  const names = readdirSync(templates, { recursive: true, withFileTypes: true }).map(({ name }) => name);
  expect(names).toContain("LICENSE");
  expect(names.filter((name) => /^[^.]*\.hbs$/.test(name))).toEqual([]);
});

test.each([
  [["Acme"], 1, '"Acme" is not a valid name: use at most 40 lower-case letters'],
  [["acme--feed"], 1, '"acme--feed" is not a valid name'],
  [["../acme"], 1, '"../acme" is not a valid name'],
  [["default"], 1, "The connector would be exported as default, which is a reserved word in JavaScript"],
  [["threatfox"], 1, "packages/threatfox already exists: delete it, or choose another name."],
  [["bench"], 1, "The package in bench is already named @cti-connectors/bench: choose another name."],
  [["runner"], 1, "The package in apps/runner is already named @cti-connectors/runner: choose another name."],
  [["mitre"], 1, "The settings would begin with MITRE_, like MITRE_TAXII_URL in .env.example"],
  [["max"], 1, "The settings would begin with MAX_, like MAX_REMOVED_SHARE in .env.example"],
  [[], 2, "Usage: pnpm new-connector NAME"],
  [["--help"], 2, "Usage: pnpm new-connector NAME"],
  [["acme-feed", "acme-list"], 2, "Usage: pnpm new-connector NAME"],
])("pnpm new-connector refuses %j and changes nothing", (args, expected, message) => {
  const before = contents();
  const { status, said } = newConnector(...args);
  expect(said).toContain(message);
  expect(status).toBe(expected);
  expect(contents()).toEqual(before);
});
