import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { findProgramFolders } from "./program-folders.js";

let root: string;

beforeEach(() => {
  root = temporaryFolder();
});

/** @param path from `root` on */
function makeFolder(...path: readonly string[]): string {
  const folder = join(root, ...path);
  mkdirSync(folder, { recursive: true });
  return folder;
}

const workspaceOf = (folder: string) => ({ config: folder, data: join(folder, ".data", "mongo") });

test("in a workspace, both folders are in the nearest root", async () => {
  const nested = makeFolder("nested");
  const program = makeFolder("nested", "apps", "program");
  writeFileSync(join(root, "pnpm-workspace.yaml"), "");
  expect(await findProgramFolders(program, "cti")).toEqual(workspaceOf(root));
  writeFileSync(join(nested, "pnpm-workspace.yaml"), "");
  expect(await findProgramFolders(program, "cti")).toEqual(workspaceOf(nested));
  expect(await findProgramFolders(nested, "cti")).toEqual(workspaceOf(nested));
});

test("an installed program uses the user's folders, also within somebody's workspace", async () => {
  const installed = makeFolder("node_modules", "cti", "dist");
  const folders = await findProgramFolders(installed, "cti");
  expect(folders.config.startsWith(root)).toBe(false);
  expect(folders.data).toMatch(/cti.*mongo$/);
  writeFileSync(join(root, "pnpm-workspace.yaml"), "");
  expect(await findProgramFolders(installed, "cti")).toEqual(folders);
});

test.runIf(process.platform === "linux")("on Linux, the user's folders are those of XDG", async () => {
  vi.stubEnv("XDG_CONFIG_HOME", "/xdg/config");
  vi.stubEnv("XDG_DATA_HOME", "/xdg/data");
  expect(await findProgramFolders(root, "cti")).toEqual({
    config: "/xdg/config/cti",
    data: "/xdg/data/cti/mongo",
  });
  vi.stubEnv("XDG_CONFIG_HOME", undefined);
  vi.stubEnv("XDG_DATA_HOME", undefined);
  expect(await findProgramFolders(root, "cti")).toEqual({
    config: join(homedir(), ".config", "cti"),
    data: join(homedir(), ".local", "share", "cti", "mongo"),
  });
  vi.unstubAllEnvs();
});
