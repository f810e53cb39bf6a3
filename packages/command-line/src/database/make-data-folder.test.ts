import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "@cti-connectors/core";
import { expect, test } from "vitest";
import { startProcess, temporaryFolder } from "../testing/start-process.js";
import { makeDataFolder } from "./make-data-folder.js";

test("makes what is missing, and leaves what is there", async () => {
  const path = join(temporaryFolder(), "a", "b");
  await makeDataFolder(path);
  await makeDataFolder(path);
  expect(existsSync(path)).toBe(true);
});

test.each([
  ["file", /^DATA_DIR must be a folder, or where one can be made \(.*file is no folder\)$/],
  ["dangling", /^DATA_DIR must be a folder.*dangling is no folder\)$/],
  ["file/below", /^DATA_DIR must be a folder.*file\/below lies below what is no folder\)$/],
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
    expect(stderr).toContain("  DATA_DIR must be a folder");
    expect(exitCode).toBe(2);
  },
);
