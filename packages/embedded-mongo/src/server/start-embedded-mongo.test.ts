import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LOCK_FILE } from "../storage/folder-lock.js";
import { DatabaseInUseError } from "../storage/folder-owner.js";
import { startEmbeddedMongo } from "./start-embedded-mongo.js";

describe("startEmbeddedMongo", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "embedded-mongo-test-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test("keeps documents and indexes in its folder from one start to the next", async () => {
    const path = join(folder, "made", "on.demand");
    const first = await startEmbeddedMongo({ path });
    const client = await new MongoClient(first.uri).connect();
    const collection = client.db("d").collection("c");
    await collection.createIndex({ n: 1 }, { unique: true, partialFilterExpression: { n: { $gt: 0 } } });
    await collection.insertMany([{ n: 1 }, { n: 2 }, { n: 0 }, { n: 0 }]);
    await client.close();
    await first.close();

    const second = await startEmbeddedMongo({ path });
    const again = await new MongoClient(second.uri).connect();
    const reopened = again.db("d").collection("c");
    expect((await reopened.find().sort({ _id: 1 }).toArray()).map(({ n }) => n)).toEqual([1, 2, 0, 0]);
    expect(await reopened.indexes()).toMatchObject([
      { name: "_id_" },
      { name: "n_1", unique: true, partialFilterExpression: { n: { $gt: 0 } } },
    ]);
    await expect(reopened.insertOne({ n: 2 })).rejects.toMatchObject({ code: 11000 });
    await reopened.insertOne({ n: 0 });
    expect(await reopened.countDocuments()).toBe(5);
    expect(await reopened.estimatedDocumentCount()).toBe(5);
    await again.close();
    await second.close();
  });

  test("removes a temporary database when it closes, and closes once", async () => {
    const before = new Set(readdirSync(tmpdir()).filter((name) => name.startsWith("embedded-mongo-")));
    const server = await startEmbeddedMongo();
    const made = readdirSync(tmpdir()).filter(
      (name) => name.startsWith("embedded-mongo-") && !before.has(name),
    );
    await Promise.all([server.close(), server.close()]);
    await server.close();
    expect(made.length).toBeGreaterThan(0);
    expect(made.some((name) => !existsSync(join(tmpdir(), name)))).toBe(true);
  });

  test("ends open connections when it closes", async () => {
    const server = await startEmbeddedMongo();
    const socket = connect(server.port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    const ended = new Promise((resolve) => socket.on("error", () => {}).once("close", resolve));
    await server.close();
    await ended;
  });

  test("reports that a port is taken, and leaves the folder free", async () => {
    const server = await startEmbeddedMongo();
    await expect(startEmbeddedMongo({ path: folder, port: server.port })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
    await server.close();
    const free = await startEmbeddedMongo({ path: folder });
    await free.close();
  });

  test("refuses a folder that is open, and names who serves it where", async () => {
    const server = await startEmbeddedMongo({ path: folder });
    const refused = await startEmbeddedMongo({ path: folder }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DatabaseInUseError);
    expect(refused).toMatchObject({ pid: process.pid, uri: server.uri });
    const client = await new MongoClient(server.uri).connect();
    await client.db("d").collection("c").insertOne({ still: "works" });
    await client.close();
    await server.close();
    expect(readFileSync(join(folder, LOCK_FILE), "utf8")).toBe("");
    const next = await startEmbeddedMongo({ path: folder });
    await next.close();
  });

  test.each([
    ["a process that has ended", { pid: 99_999_999, uri: "mongodb://127.0.0.1:1/" }],
    ["a process that lives, and has lost it", { pid: process.ppid }],
    ["nobody that can be read", "{ not json"],
  ])("opens a folder whose file names %s", async (_name, content) => {
    writeFileSync(join(folder, LOCK_FILE), typeof content === "string" ? content : JSON.stringify(content));
    const server = await startEmbeddedMongo({ path: folder });
    expect(JSON.parse(readFileSync(join(folder, LOCK_FILE), "utf8"))).toMatchObject({
      pid: process.pid,
      uri: server.uri,
    });
    await server.close();
  });

  test("opens the folder for one of many that start at once", async () => {
    const starts = await Promise.allSettled(
      Array.from({ length: 5 }, () => startEmbeddedMongo({ path: folder })),
    );
    const opened = starts.filter((start) => start.status === "fulfilled");
    const refused = starts.filter((start) => start.status === "rejected");
    expect(opened).toHaveLength(1);
    expect(refused.every(({ reason }) => reason instanceof DatabaseInUseError)).toBe(true);
    await Promise.all(opened.map(({ value }) => value.close()));
  });
});
