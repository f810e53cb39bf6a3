import { withParameter } from "@cti-connectors/embedded-mongo/testing";
import { expect, onTestFinished, test } from "vitest";
import { openStore } from "../store/open-store.js";
import { startCuttingProxy } from "../testing/cutting-proxy.js";
import { describeOnMongo, writeCommands } from "../testing/mongo-servers.js";
import { ensureIndexes, IndexConflictError } from "./ensure-indexes.js";

describeOnMongo("ensureIndexes", (database) => {
  const ensure = (...indexes: Parameters<typeof ensureIndexes>[1]["indexes"]) =>
    ensureIndexes(database().store, { name: "things", indexes });
  const things = () => database().store.database.collection<{ _id: string; a?: number }>("things");

  test("creates what is missing, and nothing twice", async () => {
    await ensure({ a: 1, b: -1 }, { "data.c": 1 });
    const indexes = await things().indexes();
    expect(indexes.map(({ key, unique = false }) => [JSON.stringify(key), unique])).toEqual(
      expect.arrayContaining([
        ['{"_id":1}', false],
        ['{"a":1,"b":-1}', false],
        ['{"data.c":1}', false],
        ['{"ingested_at":1,"_id":1}', false],
      ]),
    );
    database().commands.splice(0);
    await ensure({ a: 1, b: -1 }, { "data.c": 1 });
    expect(database().commands.filter(({ name }) => writeCommands.has(name))).toEqual([]);
    await ensure({ d: 1 });
    expect(await things().indexes()).toHaveLength(6);
  });

  test("creates each index with a command of its own where documents may take long, and all at once in a new collection", async () => {
    const created = () => database().commands.filter(({ name }) => name === "createIndexes").length;
    database().commands.splice(0);
    await ensure({ a: 1 }, { b: 1 });
    expect(created()).toBe(1);
    await ensure({ a: 1 }, { b: 1 }, { c: 1 }, { d: 1 });
    expect(created()).toBe(3);
  });

  test("waits for an index of many documents longer than for any other answer", async () => {
    const { store, uri } = database();
    await ensure();
    const answerTimeMs = 1_000;
    const proxy = await startCuttingProxy(uri, "createIndexes", { holdMs: 1.5 * answerTimeMs });
    const slow = await openStore({
      uri: withParameter(proxy.uri, `socketTimeoutMS=${answerTimeMs}`),
      db: store.db,
      kind: "mongodb",
    });
    onTestFinished(() => slow.close());
    await ensureIndexes(slow, { name: "things", indexes: [{ a: 1 }] });
    expect(proxy.cuts()).toBe(1);
    expect((await things().indexes()).map(({ name }) => name)).toContain("a_1");
  });

  test("creates an index that is asked for twice once", async () => {
    await ensure({ a: 1 }, { a: 1 }, { ingested_at: 1, _id: 1 });
    expect((await things().indexes()).map(({ name }) => name).sort()).toEqual([
      "_id_",
      "a_1",
      "ingested_at_1__id_1",
      "removed_reason_1_removed_at_1",
    ]);
  });

  test("accepts the same index under another name", async () => {
    await things().createIndex({ a: 1 }, { name: "by_a" });
    await ensure({ a: 1 });
    expect((await things().indexes()).map(({ name }) => name).sort()).toEqual([
      "_id_",
      "by_a",
      "ingested_at_1__id_1",
      "removed_reason_1_removed_at_1",
    ]);
  });

  test("leaves an expiry that somebody has given an index, as docs/scale.md advises", async () => {
    await ensure({ a: 1 });
    await things().dropIndex("a_1");
    await things().createIndex({ a: 1 }, { expireAfterSeconds: 3_600 });
    await things().createIndex({ removed_at: 1 }, { expireAfterSeconds: 3_600 });
    await ensure({ a: 1 });
    const expiries = (await things().indexes()).map(({ name, expireAfterSeconds }) => [
      name,
      expireAfterSeconds,
    ]);
    expect(Object.fromEntries(expiries)).toMatchObject({ a_1: 3_600, removed_at_1: 3_600 });
  });

  test("says which index is in the way and how to drop it", async () => {
    await things().createIndex({ a: 1 }, { unique: true });
    const error: unknown = await ensure({ a: 1 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IndexConflictError);
    expect(String(error)).toMatch(/a_1.*\.things.*db\.things\.dropIndex\("a_1"\)/);
  });

  test("says so when an index of that name has other fields", async () => {
    await things().createIndex({ b: 1 }, { name: "a_1" });
    await expect(ensure({ a: 1 })).rejects.toThrow(/a_1.*other fields.*dropIndex/);
  });
});
