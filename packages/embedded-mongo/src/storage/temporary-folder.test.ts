import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { LOCK_FILE, lockFolder } from "./folder-lock.js";
import { sweepTemporaryFolders } from "./temporary-folder.js";

/** Starts processes. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const script = fileURLToPath(new URL("../testing/exit-while-open.ts", import.meta.url));
const root = fileURLToPath(new URL("../../../..", import.meta.url));

describe("temporary folders", () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "embedded-mongo-sweep-"));
  });
  afterEach(() => {
    rmSync(parent, { recursive: true, force: true });
  });

  const make = (name: string): string => {
    const path = join(parent, name);
    mkdirSync(path);
    return path;
  };
  const makeLocked = (name: string): string => {
    const path = make(name);
    const lock = lockFolder(path);
    onTestFinished(lock.release);
    return path;
  };
  const makeLeftOver = (name: string): string => {
    const path = make(name);
    lockFolder(path).release();
    return path;
  };
  const age = (path: string): void => utimesSync(path, new Date(0), new Date(0));

  test("are swept only if no process has them open", () => {
    age(join(makeLeftOver("embedded-mongo-dead00"), LOCK_FILE));
    age(make("embedded-mongo-old000"));
    age(join(makeLocked("embedded-mongo-open00"), LOCK_FILE));
    makeLeftOver("embedded-mongo-start0");
    make("embedded-mongo-new000");
    age(join(makeLeftOver("embedded-mongo-kept-by-hand"), LOCK_FILE));
    sweepTemporaryFolders(parent);
    expect(readdirSync(parent).sort()).toEqual([
      "embedded-mongo-kept-by-hand",
      "embedded-mongo-new000",
      "embedded-mongo-open00",
      "embedded-mongo-start0",
    ]);
  });

  test("are removed by a process that exits without closing, fails, or closes and ends", async () => {
    for (const [how, status] of [
      ["exit", 3],
      ["throw", 1],
      ["close", 0],
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
