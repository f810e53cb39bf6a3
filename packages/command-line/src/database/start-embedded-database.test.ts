import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "@cti-connectors/core/host";
import { expect, onTestFinished, test } from "vitest";
import { startProcess } from "../testing/start-process.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { makeDataFolder, startEmbeddedDatabase } from "./start-embedded-database.js";

/** A disk of this size and kind in a folder; undefined where this process may not make one. */
function mountDisk(options: string): string | undefined {
  const folder = temporaryFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  onTestFinished(() => {
    execFileSync("umount", ["--lazy", folder]);
  });
  return folder;
}

test("a folder that cannot be written is a wrong setting, reported with its path", async ({ skip }) => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o555);
  const { getuid, geteuid, seteuid } = process;
  if (getuid?.() === 0 && seteuid !== undefined && geteuid !== undefined) {
    seteuid(65_534);
    onTestFinished(() => seteuid(0));
  } else if (process.platform === "win32") {
    skip("skipped: Windows has no such permissions");
  }
  const started = startEmbeddedDatabase(folder);
  await expect(started).rejects.toThrow(ConfigError);
  await expect(started).rejects.toThrow(
    /^DATA_DIR must be a folder that you may write.*runner-test-.*denied/,
  );
});

test("a read-only disk is a wrong setting, reported with its path", async ({ skip }) => {
  const folder = mountDisk("size=1m,ro") ?? skip("skipped: a tmpfs cannot be mounted here");
  await expect(startEmbeddedDatabase(folder)).rejects.toThrow(
    /^DATA_DIR must be a folder that you may write.*runner-test-.*read-only/,
  );
});

test("a full disk is reported with the folder and what to do", async ({ skip }) => {
  const folder = mountDisk("size=64k") ?? skip("skipped: a tmpfs cannot be mounted here");
  try {
    writeFileSync(join(folder, "filler"), Buffer.alloc(128 * 1024));
  } catch {
    // It is full.
  }
  await expect(startEmbeddedDatabase(folder)).rejects.toThrow(
    /^The disk of the embedded database in .*runner-test-.* \(DATA_DIR\) is full .*free some space/,
  );
});

test("makes what is missing, and leaves what is there", async () => {
  const path = join(temporaryFolder(), "a", "b");
  await makeDataFolder(path);
  await makeDataFolder(path);
  expect(existsSync(path)).toBe(true);
});

test.each([
  ["file", /^DATA_DIR must be a writable folder \(.*file is not a folder\)$/],
  ["dangling", /^DATA_DIR must be a writable folder.*dangling is not a folder\)$/],
  [
    "file/below",
    /^DATA_DIR must be a writable folder.*file\/below is below something that is not a folder\)$/,
  ],
])("%s is a wrong setting", async (path, message) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  symlinkSync(join(folder, "nowhere", "at all"), join(folder, "dangling"));
  const made = makeDataFolder(join(folder, path));
  await expect(made).rejects.toThrow(ConfigError);
  await expect(made).rejects.toThrow(message);
});

test.each([[["run", "threatfox"]], [["status"]], [["mongo", "--port", "0"]]])(
  "%j ends with exit status 2 where DATA_DIR is a file",
  async (args) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "database"), "");
    const { stderr, exitCode } = await startProcess(args, { folder });
    expect(stderr).toContain("  DATA_DIR must be a writable folder");
    expect(exitCode).toBe(2);
  },
);
