import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { afterEach, beforeEach, expect, type TestContext, test, vi } from "vitest";
import { startEmbeddedMongo } from "../../src/server/start-embedded-mongo.js";

/** Fills a disk. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: string;
let isMounted: boolean;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "embedded-mongo-full-"));
  isMounted = false;
});

afterEach(() => {
  if (isMounted) {
    execFileSync("umount", ["--lazy", folder]);
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A small disk, where this process may make one. */
function mountSmallDisk({ skip }: TestContext, megabytes: number): void {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder], { stdio: "ignore" });
    isMounted = true;
  } catch {
    skip("skipped: a tmpfs cannot be mounted here");
  }
}

/** Leaves not one block free. */
function fillDisk(): void {
  const descriptor = openSync(join(folder, "filler"), "w");
  for (const bytes of [1_000_000, 4_096]) {
    try {
      for (;;) {
        writeSync(descriptor, Buffer.alloc(bytes, 1));
      }
    } catch {
      // It is full.
    }
  }
  closeSync(descriptor);
}

async function serve(path: string) {
  const server = await startEmbeddedMongo({ path });
  const client = await new MongoClient(server.uri).connect();
  return {
    things: client.db("d").collection<{ _id: number; text?: string }>("things"),
    async close() {
      await client.close();
      await server.close();
    },
  };
}

const many = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ _id: from + n, text: `${Math.sin(from + n)}`.repeat(20) }));

test("reports a full disk, loses nothing, and opens again for reading and deleting", async (context) => {
  mountSmallDisk(context, 32);
  const path = join(folder, "database");
  const first = await serve(path);
  await first.things.insertMany(many(0, 5_000));
  fillDisk();
  const error: unknown = await first.things
    .insertMany(many(10_000, 20_000))
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 14031, message: expect.stringMatching(/no space left/i) });
  await first.close();

  const second = await serve(path);
  expect(await second.things.countDocuments()).toBe(5_000);
  expect(await second.things.deleteMany({ _id: { $lt: 4_000 } })).toMatchObject({ deletedCount: 4_000 });
  expect(await second.things.countDocuments()).toBe(1_000);
  await second.things.insertMany(many(10_000, 500));
  await second.close();

  const third = await serve(path);
  expect(await third.things.countDocuments()).toBe(1_500);
  expect(await third.things.drop()).toBe(true);
  await third.close();
});

test("fails to start a new database on a full disk, without a crash", async (context) => {
  mountSmallDisk(context, 1);
  fillDisk();
  await expect(startEmbeddedMongo({ path: join(folder, "database") })).rejects.toThrow(/no space left/i);
  rmSync(join(folder, "filler"));
  const server = await startEmbeddedMongo({ path: join(folder, "database") });
  await server.close();
});
