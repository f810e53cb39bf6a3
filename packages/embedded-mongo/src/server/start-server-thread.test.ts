import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startServerThread } from "./start-server-thread.js";

describe("the server's thread", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "server-thread-test-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts a thread that runs these lines in the server's place. */
  const start = (...lines: readonly string[]) => {
    const entry = join(folder, "entry.mjs");
    writeFileSync(entry, ['import { parentPort } from "node:worker_threads";', ...lines].join("\n"));
    const database = { folder, isDurable: false, host: "127.0.0.1", port: 0 };
    return startServerThread(database, pathToFileURL(entry));
  };

  test("fails to start if the server throws before it serves", async () => {
    await expect(start("throw new Error('not today');")).rejects.toThrow("not today");
  });

  test.each([
    ["a later failure", "setTimeout(() => { throw new Error('a broken invariant'); }, 50);"],
    ["a failure right behind the first message", "throw new Error('a broken invariant');"],
  ])("reports %s in a warning, and when it is closed", async (_, failing) => {
    const warned = once(process, "warning");
    const thread = await start("parentPort.postMessage({ port: 27017 });", failing);
    await thread.ended;
    const message =
      "The thread of the embedded database failed and its connections were closed: a broken invariant";
    expect(await warned).toMatchObject([{ message }]);
    await expect(thread.close()).rejects.toThrow(message);
  });

  test("fails to close if the database cannot be closed", async () => {
    const thread = await start(
      "parentPort.postMessage({ port: 27017 });",
      "parentPort.once('message', () => { throw new Error('cannot be synced'); });",
    );
    await expect(thread.close()).rejects.toThrow("cannot be synced");
  });

  test("passes on system errors with their codes", async () => {
    const missing = { folder: join(folder, "entry.mjs", "x"), isDurable: false, host: "127.0.0.1", port: 0 };
    writeFileSync(join(folder, "entry.mjs"), "");
    await expect(startServerThread(missing)).rejects.toThrow(/not a directory/i);
    const elsewhere = { folder, isDurable: false, host: "192.0.2.1", port: 0 };
    await expect(startServerThread(elsewhere)).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
  });
});
