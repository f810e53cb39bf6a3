import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });

const repository = fileURLToPath(new URL("../../../../", import.meta.url));
let app: string;

/** A workspace with a runner of its own, on the packages of this one. */
beforeEach(() => {
  const workspace = mkdtempSync(join(tmpdir(), "runner-start-"));
  onTestFinished(() => rmSync(workspace, { recursive: true }));
  app = join(workspace, "apps", "runner");
  mkdirSync(app, { recursive: true });
  for (const name of ["packages", "node_modules", "package.json", "tsconfig.base.json"]) {
    symlinkSync(join(repository, name), join(workspace, name));
  }
  for (const name of ["bin", "src", "package.json", "tsconfig.build.json", "start.mjs", "build.mjs"]) {
    cpSync(join(repository, "apps/runner", name), join(app, name), { recursive: true });
  }
  cpSync(join(repository, "apps/runner/node_modules"), join(app, "node_modules"), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith(".build-lock"),
  });
});

const start = () => execa(execPath, [join(app, "start.mjs"), "--version"], { reject: false });

test("start builds what the runner depends on, without a list of it beside package.json", async () => {
  const { exitCode, stdout, stderr } = await start();
  expect(exitCode, stderr).toBe(0);
  expect([stdout, stderr]).toEqual(["0.0.0", "Building …"]);
});

test("start names a connector that is in the list and not among the dependencies", async () => {
  appendFileSync(join(app, "src/connectors.ts"), 'export { notThere } from "@cti-connectors/not-there";\n');
  const { exitCode, stdout, stderr } = await start();
  expect(stderr).toBe(
    "src/connectors.ts of the runner imports @cti-connectors/not-there, which the runner does not depend on. Run: pnpm --filter runner add --workspace @cti-connectors/not-there",
  );
  expect([exitCode, stdout]).toEqual([1, ""]);
});

test("start names a connector that is not installed", async () => {
  const manifest = JSON.parse(readFileSync(join(app, "package.json"), "utf8"));
  manifest.dependencies["@cti-connectors/not-there"] = "workspace:^";
  writeFileSync(join(app, "package.json"), JSON.stringify(manifest));
  const { exitCode, stderr } = await start();
  expect(stderr).toBe(
    "@cti-connectors/not-there is not installed. In the root of the workspace, run: npm run setup",
  );
  expect(exitCode).toBe(1);
});

test("messages show commands as the program was started", async () => {
  const usageOf = async (script: string) => {
    const { stdout } = await execa(execPath, [script, "--help"], { env: { npm_execpath: undefined } });
    return stdout.split("\n")[0];
  };
  expect(await usageOf(join(app, "start.mjs"))).toBe("Usage: pnpm --filter runner start [command] [options]");
  expect(await usageOf(join(app, "bin/cti-connectors.mjs"))).toBe(
    "Usage: cti-connectors [command] [options]",
  );
});

test("loads the code of servers and release notes only where a command needs it", async () => {
  const coverage = join(app, "coverage");
  // Builds it.
  await execa(execPath, [join(app, "start.mjs"), "--version"]);
  await execa(execPath, [join(app, "start.mjs"), "status", "--help"], {
    env: { NODE_V8_COVERAGE: coverage },
  });
  const loaded = readdirSync(coverage)
    .map((name) => readFileSync(join(coverage, name), "utf8"))
    .join("");
  expect(loaded).toContain("/node_modules/commander/");
  for (const name of ["hono", "@hono/node-server", "prom-client", "diff"]) {
    expect(loaded, name).not.toContain(`/node_modules/${name}/`);
  }
});
