import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { env, execPath } from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { type LoopbackRegistry, serveRegistry } from "./testing/loopback-registry.js";

vi.setConfig({ testTimeout: 60_000 });

const repository = fileURLToPath(new URL("../../../", import.meta.url));

interface Workspace {
  readonly folder: string;
  readonly registry: LoopbackRegistry;
}

/** A clone with one public package and one private one, ready to be released to a registry on loopback. */
async function openWorkspace(version = "0.1.0"): Promise<Workspace> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cti-release-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const registry = await serveRegistry();
  onTestFinished(() => registry.close());
  write(folder, {
    ".gitignore": "node_modules\ndist\n.turbo\n",
    ".npmrc": `registry=${registry.url}\n${registry.url.replace("http:", "")}:_authToken=token-of-the-test\n`,
    ".changeset/config.json": JSON.stringify({ access: "public", baseBranch: "main" }),
    "package.json": JSON.stringify({ name: "all", private: true, packageManager: "pnpm@10.34.9" }),
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\nimporters:\n  .: {}\n",
    "pnpm-workspace.yaml": "packages: [packages/*]\nmanagePackageManagerVersions: false\n",
    "turbo.json": JSON.stringify({ tasks: { build: { outputs: ["dist/**"] } } }),
    "packages/things/package.json": JSON.stringify({
      name: "@acme/things",
      version,
      files: ["dist"],
      scripts: { build: "node build.mjs", prepack: "node build.mjs" },
    }),
    "packages/things/build.mjs":
      'import { mkdirSync, writeFileSync } from "node:fs";\nmkdirSync("dist", { recursive: true });\nwriteFileSync("dist/index.js", "");\n',
    "packages/hidden/package.json": JSON.stringify({ name: "hidden", version: "0.0.0", private: true }),
  });
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  git(folder, "init", "--quiet", "--initial-branch=main");
  commit(folder);
  return { folder, registry };
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

function git(folder: string, ...args: readonly string[]): string {
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
  return execFileSync("git", [...identity, ...args], { cwd: folder, encoding: "utf8" });
}

function commit(folder: string): void {
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "--message", "A commit");
}

async function release({ folder }: Workspace) {
  const ours = Object.entries(env).filter(([name]) => !/^(?:npm_|pnpm_|turbo_|GIT_)/i.test(name));
  const identity = { GIT_AUTHOR_NAME: "Test", GIT_AUTHOR_EMAIL: "test@example.com" };
  const committer = { GIT_COMMITTER_NAME: "Test", GIT_COMMITTER_EMAIL: "test@example.com" };
  const child = spawn(execPath, [join(repository, "scripts/release.mjs")], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...Object.fromEntries(ours),
      ...identity,
      ...committer,
      // As `pnpm release` starts it.
      PATH: [join(folder, "node_modules", ".bin"), env.PATH].join(delimiter),
      CI: "true",
      TURBO_TELEMETRY_DISABLED: "1",
    },
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, exitCode };
}

test("publishes what is not on the registry, built anew, tags it, and publishes nothing twice", async () => {
  const workspace = await openWorkspace();
  write(workspace.folder, { "packages/things/dist/of-an-earlier-build.js": "" });
  const { stdout, stderr, exitCode } = await release(workspace);
  expect(exitCode, `${stdout}${stderr}`).toBe(0);
  expect(stdout).toContain(`Publishing to ${workspace.registry.url}:\n  @acme/things 0.1.0\n`);
  expect(workspace.registry.published).toEqual(["@acme/things@0.1.0"]);
  expect(await filesOf(workspace, "@acme/things")).toEqual(["package/dist/index.js", "package/package.json"]);
  expect(git(workspace.folder, "tag", "--list")).toBe("@acme/things@0.1.0\n");

  const again = await release(workspace);
  expect(again.stderr).toContain(`${workspace.registry.url} has every version already. Add a changeset`);
  expect(again.exitCode).toBe(1);
  expect(workspace.registry.published).toHaveLength(1);
});

/** What the tarball on the registry holds. */
async function filesOf({ folder, registry }: Workspace, name: string): Promise<readonly string[]> {
  const versions = z.record(z.string(), z.object({ dist: z.object({ tarball: z.url() }) }));
  const answer = z.object({ versions }).parse(await (await fetch(`${registry.url}${name}`)).json());
  const [{ dist } = expect.fail("there is no version")] = Object.values(answer.versions);
  const file = join(folder, "dist.tgz");
  writeFileSync(file, Buffer.from(await (await fetch(dist.tarball)).arrayBuffer()));
  const files = execFileSync("tar", ["-tzf", file], { encoding: "utf8" });
  rmSync(file);
  return files.trim().split("\n").sort();
}

test.each<[string, string | undefined, (folder: string) => void, string]>([
  [
    "while changesets wait",
    undefined,
    (folder) => {
      write(folder, { ".changeset/brave-cats.md": '---\n"@acme/things": minor\n---\n\nA change\n' });
      commit(folder);
    },
    "Changesets are waiting: brave-cats.md. Run: pnpm version-packages.",
  ],
  ["of the version 0.0.0", "0.0.0", () => {}, "@acme/things has the version 0.0.0. Run: pnpm changeset"],
  [
    "from another branch",
    undefined,
    (folder) => git(folder, "switch", "--quiet", "--create", "trial"),
    "This is the branch trial: releases are made from main. Run: git switch main",
  ],
  [
    "if files are not committed",
    undefined,
    (folder) => write(folder, { "packages/things/more.js": "" }),
    "These files are not committed:\n?? packages/things/more.js\n",
  ],
])("publishes nothing %s", async (_, version, change, message) => {
  const workspace = await openWorkspace(version);
  change(workspace.folder);
  const { stderr, exitCode } = await release(workspace);
  expect(stderr).toContain(message);
  expect(exitCode).toBe(1);
  expect(workspace.registry.published).toEqual([]);
});

test("publishes nothing if the registry cannot be asked", async () => {
  const workspace = await openWorkspace();
  await workspace.registry.close();
  const { stderr, exitCode } = await release(workspace);
  expect(stderr).toBe(`${workspace.registry.url} cannot be reached (ECONNREFUSED): nothing was published.\n`);
  expect(exitCode).toBe(1);
});
