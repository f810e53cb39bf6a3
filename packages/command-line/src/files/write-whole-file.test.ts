import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { UsageError } from "../process/exit-status.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { writeWholeFile } from "./write-whole-file.js";

const { signal } = new AbortController();

async function* streamOf(...pieces: readonly string[]) {
  yield* pieces;
}

test("a file is written, and nothing else is left in its folder", async () => {
  const folder = temporaryFolder();
  await writeWholeFile(join(folder, "a.json"), streamOf("one ", "two"), signal);
  expect(readdirSync(folder)).toEqual(["a.json"]);
  expect(readFileSync(join(folder, "a.json"), "utf8")).toBe("one two");
});

test("a file that is there is replaced, and keeps its mode; behind a link, too", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "a.json");
  writeFileSync(file, "old and longer");
  chmodSync(file, 0o600);
  symlinkSync(file, join(folder, "link"));
  await writeWholeFile(join(folder, "link"), streamOf("new"), signal);
  expect(readFileSync(file, "utf8")).toBe("new");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).sort()).toEqual(["a.json", "link"]);
});

test("one that fails in the middle leaves the file as it was", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "a.json");
  writeFileSync(file, "old");
  async function* failing() {
    yield "x".repeat(1_000_000);
    throw new Error("the database is gone");
  }
  await expect(writeWholeFile(file, failing(), signal)).rejects.toThrow("the database is gone");
  expect(readdirSync(folder)).toEqual(["a.json"]);
  expect(readFileSync(file, "utf8")).toBe("old");
});

test("one that is stopped leaves nothing", async () => {
  const folder = temporaryFolder();
  const controller = new AbortController();
  let isEnded = false;
  async function* endless() {
    try {
      for (;;) {
        yield "x".repeat(1_000);
        await delay(1);
        if (readdirSync(folder).length > 0) {
          controller.abort();
        }
      }
    } finally {
      isEnded = true;
    }
  }
  await expect(writeWholeFile(join(folder, "a.json"), endless(), controller.signal)).rejects.toThrow();
  expect(readdirSync(folder)).toEqual([]);
  expect(isEnded).toBe(true);
});

test.each([
  ["missing/a.json", /there is no folder .*missing/],
  ["file/a.json", /is not a folder/],
  ["folder", /is a folder: name a file in it/],
])("%s cannot be written, and the message says why", async (path, message) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  mkdirSync(join(folder, "folder"));
  const writing = writeWholeFile(join(folder, path), streamOf(), signal);
  await expect(writing).rejects.toThrow(UsageError);
  await expect(writing).rejects.toThrow(message);
});

test.skipIf(!existsSync("/dev/full"))("a full disk is reported with the name of the file", async () => {
  await expect(writeWholeFile("/dev/full", streamOf("x"), signal)).rejects.toThrow(
    /^\/dev\/full cannot be written: ENOSPC/,
  );
});

test("a device is written to, not replaced", async () => {
  await writeWholeFile("/dev/null", streamOf("gone"), signal);
  expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
});
