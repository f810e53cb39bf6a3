import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LOCK_FILE } from "./folder-lock.js";
import { processIdentity } from "./process-identity.js";
import { sweepTemporaryFolders } from "./temporary-folder.js";

const script = fileURLToPath(new URL("./exit-while-open.testing.ts", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));
/** Above the highest process number of Linux and macOS. */
const NOBODY = 99_999_999;

describe("temporary folders", () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "embedded-mongo-sweep-"));
  });
  afterEach(() => {
    rmSync(parent, { recursive: true, force: true });
  });

  const make = (name: string, lock?: object): string => {
    const path = join(parent, name);
    mkdirSync(path);
    if (lock !== undefined) {
      writeFileSync(join(path, LOCK_FILE), JSON.stringify(lock));
    }
    return path;
  };

  it("are swept where their process is dead, and only those", () => {
    const self = processIdentity();
    const dead = make("embedded-mongo-dead00", { ...self, pid: NOBODY });
    const abandoned = make("embedded-mongo-old000");
    utimesSync(abandoned, new Date(0), new Date(0));
    make("embedded-mongo-mine00", self);
    make("embedded-mongo-far000", { ...self, pid: NOBODY, where: "another machine" });
    make("embedded-mongo-new000");
    make("embedded-mongo-kept-by-hand", { ...self, pid: NOBODY });
    sweepTemporaryFolders(parent);
    expect(existsSync(dead)).toBe(false);
    expect(existsSync(abandoned)).toBe(false);
    expect(readdirSync(parent).sort()).toEqual([
      "embedded-mongo-far000",
      "embedded-mongo-kept-by-hand",
      "embedded-mongo-mine00",
      "embedded-mongo-new000",
    ]);
  });

  it("go with a process that exits without closing, and with one that fails", async () => {
    for (const [how, status] of [
      ["exit", 3],
      ["throw", 1],
    ] as const) {
      const child = spawn(
        process.execPath,
        ["--conditions=@cti-connectors/source", "--import", "tsx", script, how],
        { cwd: root, stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, TMPDIR: parent } },
      );
      const output: Buffer[] = [];
      child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
      expect(await new Promise((resolve) => child.once("close", resolve))).toBe(status);
      expect(Buffer.concat(output).toString()).toContain("embedded-mongo-");
      expect(readdirSync(parent).filter((name) => name.startsWith("embedded-mongo-"))).toEqual([]);
    }
  });
});
