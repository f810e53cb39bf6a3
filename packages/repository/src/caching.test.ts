import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const turbo = createRequire(import.meta.url).resolve("turbo/bin/turbo");
/** Without the variables of the turbo that runs this test. */
const environment = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("TURBO_")));

let clone: string;
let before: ReadonlyMap<string, string>;

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), "cti-caching-"));
  const files = git(repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0");
  for (const file of files.filter((name) => name !== "" && existsSync(join(repository, name)))) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    copyFileSync(join(repository, file), join(clone, file));
  }
  git(clone, "init", "--quiet");
  git(clone, "add", "--all");
  before = hashTasks();
});

afterEach(() => git(clone, "checkout", "--quiet", "--", "."));
afterAll(() => rmSync(clone, { recursive: true, force: true }));

function git(folder: string, ...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 26 });
}

interface Plan {
  readonly tasks: readonly { readonly taskId: string; readonly hash: string; readonly command: string }[];
}

/** The hash of every task that runs something, such as `@cti-connectors/core#test`. */
function hashTasks(): ReadonlyMap<string, string> {
  const args = [turbo, "run", "build", "typecheck", "lint", "test", "--dry=json"];
  const options = { cwd: clone, env: environment, encoding: "utf8", maxBuffer: 2 ** 26 } as const;
  const { tasks }: Plan = JSON.parse(execFileSync(process.execPath, args, { ...options, stdio: "pipe" }));
  return new Map(
    tasks.filter(({ command }) => command !== "<NONEXISTENT>").map(({ taskId, hash }) => [taskId, hash]),
  );
}

/** The tasks that run again, without the name of the organization. */
function tasksAfter(change: () => void): readonly string[] {
  change();
  return [...hashTasks()]
    .filter(([task, hash]) => before.get(task) !== hash)
    .map(([task]) => task.replace("@cti-connectors/", ""))
    .sort();
}

function appendTo(path: string, text: string): readonly string[] {
  return tasksAfter(() => appendFileSync(join(clone, path), text));
}

/** A unit test of a package, whatever it is called. */
function someTestOf(folder: string): string {
  const [file = expect.fail(`${folder} has no tests`)] = git(
    clone,
    "ls-files",
    `${folder}/src/*.test.ts`,
  ).split("\n");
  return file;
}

test("without a change nothing runs again, whatever was built, tested or installed", () => {
  const ignored = [
    "node_modules/a/index.ts",
    "dist/index.js",
    ".vitest/report.json",
    ".turbo/turbo-test.log",
  ];
  const tasks = tasksAfter(() => {
    for (const path of ignored.map((name) => join(clone, "packages/core", name))) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, "{}");
    }
  });
  expect(tasks).toEqual([]);
  expect(before.size).toBeGreaterThan(25);
});

test("a source of threatfox runs its tasks and those of what is built on it", () => {
  expect(appendTo("packages/threatfox/src/threatfox.ts", "// A comment.\n")).toEqual([
    "bench#typecheck",
    "command-line#build",
    "command-line#test",
    "command-line#typecheck",
    "explorer#test",
    "explorer#typecheck",
    "pivot#build",
    "pivot#test",
    "pivot#typecheck",
    "repository#test",
    "runner#build",
    "runner#test",
    "runner#typecheck",
    "server#build",
    "server#test",
    "server#typecheck",
    "threatfox#build",
    "threatfox#lint",
    "threatfox#test",
    "threatfox#typecheck",
  ]);
});

test("a test of core runs its own tasks alone", () => {
  expect(appendTo(someTestOf("packages/core"), "// A comment.\n")).toEqual([
    "core#lint",
    "core#test",
    "core#typecheck",
  ]);
});

test("the bin of dev-kit runs its tests, and those of whoever is developed with it", () => {
  const tasks = appendTo("packages/dev-kit/bin/connector-dev.mjs", "// A comment.\n");
  expect(tasks.filter((task) => task.endsWith("#test"))).toEqual(
    expect.arrayContaining(["dev-kit#test", "mitre-taxii#test", "threatfox#test"]),
  );
  expect(tasks.filter((task) => task.endsWith("#build"))).toEqual([]);
});

test.each(["README.md", "packages/mitre-taxii/README.md"])(
  "%s runs the tests of the documentation alone",
  (path) => {
    expect(appendTo(path, "\nA sentence.\n")).toEqual(["repository#test"]);
  },
);

test("the lint rules of a package run its lint, and the tests of the rules", () => {
  expect(appendTo("packages/core/biome.json", "\n")).toEqual(["core#lint", "repository#test"]);
});
