import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadEnvironment } from "./load-environment.js";

let root = "";
let folder = "";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "load-environment-"));
  folder = join(root, "apps", "runner");
  await mkdir(folder, { recursive: true });
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

test("the process wins over the typed folder, that over the folder of the program", async () => {
  await writeFile(join(root, ".env"), "A=root\nB=root\nC=root\n");
  await writeFile(join(folder, ".env"), "A=folder\nB=folder\n");
  const { environment, files } = await loadEnvironment({
    workingFolder: folder,
    configFolder: root,
    processEnvironment: { A: "process", D: "" },
  });
  expect(environment).toEqual({ A: "process", B: "folder", C: "root", D: "" });
  expect(files.map(({ path }) => path)).toEqual([join(folder, ".env"), join(root, ".env")]);
});

test("without files there is the process's environment", async () => {
  expect(
    await loadEnvironment({ workingFolder: folder, configFolder: root, processEnvironment: { A: "1" } }),
  ).toEqual({ environment: { A: "1" }, files: [] });
});

test("one file is read once, and nothing is printed or put into the process's environment", async () => {
  await writeFile(join(root, ".env"), '\uFEFFLOAD_ENVIRONMENT_TEST="a # b" # comment\n');
  const write = vi.spyOn(process.stdout, "write");
  const { environment, files } = await loadEnvironment({
    workingFolder: root,
    configFolder: join(root, "apps", ".."),
  });
  expect(write).not.toHaveBeenCalled();
  expect(files.map(({ path }) => path)).toEqual([join(root, ".env")]);
  expect(environment.LOAD_ENVIRONMENT_TEST).toBe("a # b");
  expect(process.env).not.toHaveProperty("LOAD_ENVIRONMENT_TEST");
});

test.skipIf(process.platform === "win32").each([
  [0o600, false],
  [0o400, false],
  [0o640, true],
  [0o604, true],
  [0o620, true],
])("a file of mode %o is open to others: %s", async (mode, isOpenToOthers) => {
  await writeFile(join(root, ".env"), "A=abc#def\nB=1 # one\n");
  await chmod(join(root, ".env"), mode);
  expect((await loadEnvironment({ workingFolder: root, processEnvironment: {} })).files).toEqual([
    {
      path: join(root, ".env"),
      isOpenToOthers,
      values: { A: "abc#def", B: "1" },
      lines: { A: 1, B: 2 },
      cut: ["B"],
      unclosed: [],
      ignored: [],
    },
  ]);
});

test("a file that cannot be read is named", async () => {
  await mkdir(join(root, ".env"));
  await expect(loadEnvironment({ workingFolder: root })).rejects.toThrow(
    `${join(root, ".env")} cannot be read`,
  );
});

test("a file that is not UTF-8 is named", async () => {
  await writeFile(join(root, ".env"), Buffer.from("A=1", "utf16le"));
  await expect(loadEnvironment({ workingFolder: root })).rejects.toThrow(
    `${join(root, ".env")} is not UTF-8 text`,
  );
});
