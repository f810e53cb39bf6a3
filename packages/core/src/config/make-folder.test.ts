import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "./make-folder.js";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "make-folder-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("makes what is missing, and leaves what is there", async () => {
  const path = join(temporaryFolder(), "a", "b", "c");
  await makeFolder(path);
  await makeFolder(path);
  expect(existsSync(path)).toBe(true);
});

test("does not mind that others make the same folders at the same time", async () => {
  const root = temporaryFolder();
  for (let round = 0; round < 50; round += 1) {
    const path = join(root, String(round), "a", "b", "c");
    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(path, "d"))]);
    expect(existsSync(join(path, "d"))).toBe(true);
  }
});

test.each([
  ["file", "EEXIST"],
  ["file/below/it", "ENOTDIR"],
  ["dangling", "EEXIST"],
  ["dangling/below", "EEXIST"],
])("%s: %s", async (path, code) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  symlinkSync(join(folder, "nowhere", "at all"), join(folder, "dangling"));
  await expect(makeFolder(join(folder, path))).rejects.toMatchObject({ code });
});

test.runIf(process.platform === "linux").each(["/proc/cti-connectors", "/proc/cti-connectors/below"])(
  "ends where the file system takes no folders: %s (only on Linux)",
  async (path) => {
    await expect(makeFolder(path)).rejects.toMatchObject({ code: "ENOENT" });
  },
);
