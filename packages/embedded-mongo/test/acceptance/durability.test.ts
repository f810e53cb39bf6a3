import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { MongoClient } from "mongodb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startEmbeddedMongo } from "../../src/server/start-embedded-mongo.js";
import { DatabaseInUseError } from "../../src/storage/folder-owner.js";
import { stagesOf } from "../../src/testing/server.js";

/** Starts and kills processes. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const script = fileURLToPath(new URL("../../src/testing/load-until-killed.ts", import.meta.url));
const root = fileURLToPath(new URL("../../../..", import.meta.url));

type Child = ChildProcessByStdio<null, Readable, null>;

/** As in a container of its own: pid 1, and no process outside can be seen. It ends with `unshare`. */
const inOwnPidNamespace = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const canUnshare = spawnSync("unshare", [...inOwnPidNamespace.slice(1), "true"]).status === 0;

function run(path: string, mode: "load" | "idle", within: readonly string[] = []): Child {
  const [command = "", ...args] = [
    ...within,
    process.execPath,
    ...["--conditions=@cti-connectors/source", "--import", "tsx", script, path, mode],
  ];
  return spawn(command, args, {
    cwd: root,
    stdio: ["ignore", "pipe", within.length > 0 ? "ignore" : "inherit"],
  });
}

function ended(child: Child): Promise<unknown> {
  return new Promise((resolve) => child.once("exit", resolve));
}

async function* lines(child: Child): AsyncGenerator<string, void, undefined> {
  yield* createInterface({ input: child.stdout });
}

describe("a server that is killed", () => {
  let folder: string;
  let children: Child[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "embedded-mongo-kill-"));
    children = [];
  });
  afterEach(() => {
    for (const child of children) {
      child.kill("SIGKILL");
    }
    rmSync(folder, { recursive: true, force: true });
  });

  test("keeps everything that it acknowledged, with consistent indexes, three times in a row", async () => {
    for (const batches of [3, 17, 40]) {
      const child = run(folder, "load");
      children.push(child);
      const exit = ended(child);
      let acknowledged = 0;
      let seen = 0;
      for await (const line of lines(child)) {
        acknowledged = Number(/^acknowledged (\d+)$/.exec(line)?.[1] ?? acknowledged);
        if (++seen > batches) {
          child.kill("SIGKILL");
        }
      }
      await exit;
      expect(acknowledged).toBeGreaterThanOrEqual(batches * 50);
      await checkDatabase(folder, acknowledged);
    }
  });

  test("locks its folder while it runs, and frees it when it dies", async () => {
    const child = run(folder, "idle");
    children.push(child);
    const exit = ended(child);
    const { value: uri } = await lines(child).next();
    const refused = await startEmbeddedMongo({ path: folder }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DatabaseInUseError);
    expect(refused).toMatchObject({ pid: child.pid, uri });
    child.kill("SIGKILL");
    await exit;
    const server = await startEmbeddedMongo({ path: folder });
    await server.close();
  });

  test.skipIf(!canUnshare)(
    "is refused to another PID namespace, as between containers, and free once it is dead (skipped where unshare is not permitted)",
    async () => {
      const child = run(folder, "idle", inOwnPidNamespace);
      children.push(child);
      const { value: uri } = await lines(child).next();
      for (let attempt = 0; attempt < 2; attempt++) {
        const refused = await startEmbeddedMongo({ path: folder }).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(DatabaseInUseError);
        expect(refused).toMatchObject({
          pid: 1,
          uri,
          message: `The embedded database in ${folder} is in use by process 1 of another container (host name ${hostname()}): wait until it has finished, stop it, or use a MongoDB server (MONGO_URI) for both.`,
        });
      }
      child.kill("SIGKILL");
      // What is within ends a moment after `unshare`.
      const server = await vi.waitFor(() => startEmbeddedMongo({ path: folder }));
      const other = run(folder, "idle", inOwnPidNamespace);
      children.push(other);
      expect(await ended(other)).toBe(1);
      await expect(startEmbeddedMongo({ path: folder })).rejects.toMatchObject({
        pid: process.pid,
        uri: server.uri,
      });
      await server.close();
    },
  );
});

async function checkDatabase(path: string, acknowledged: number): Promise<void> {
  const server = await startEmbeddedMongo({ path });
  const client = await new MongoClient(server.uri).connect();
  const collection = client.db("d").collection<{ _id: number; text: string; tags: string[] }>("c");
  const documents = await collection.find().toArray();
  const ids = documents.map(({ _id }) => _id);
  // A batch that was not acknowledged is there as a whole or not at all.
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => i));
  expect(ids.length).toBeGreaterThanOrEqual(acknowledged);
  expect(ids.length % 50).toBe(0);
  expect(await collection.estimatedDocumentCount()).toBe(ids.length);
  const byText = await collection
    .find({ text: { $gt: "" } })
    .hint("text_1")
    .toArray();
  expect(new Set(byText.map(({ _id }) => _id)).size).toBe(ids.length);
  for (const { _id, text } of documents.filter((_, i) => i % 97 === 0)) {
    expect(await collection.find({ tags: `b${_id}` }).toArray()).toMatchObject([{ _id, text }]);
  }
  expect(stagesOf(await collection.find({ text: "text 1" }).explain())).toContain("IXSCAN");
  await expect(collection.insertOne({ _id: -1, text: "text 1", tags: [] })).rejects.toMatchObject({
    code: 11000,
  });
  await client.close();
  await server.close();
}
