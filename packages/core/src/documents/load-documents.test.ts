import { EventEmitter, once } from "node:events";
import { withParameter } from "@cti-connectors/embedded-mongo/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import type { LoadDocument } from "../connector/connector.js";
import type { JsonValue } from "../json/json.js";
import { openStore, type Store, type StoreAccess } from "../store/open-store.js";
import { StoreError } from "../store/with-store-retry.js";
import { startCuttingProxy } from "../testing/cutting-proxy.js";
import { describeOnMongo, type TestDatabase, writeCommands } from "../testing/mongo-servers.js";
import { type LoadOptions, loadDocuments, storePrepared } from "./load-documents.js";
import { prepareBatches } from "./prepare-batches.js";
import { prepareDocument } from "./prepare-document.js";

// Documents of 16 MB, and connections that are cut.
vi.setConfig({ testTimeout: 120_000 });

const firstAt = new Date("2026-11-22T10:00:00Z");
const laterAt = new Date("2026-11-23T10:00:00Z");

function thing(_id: string, data: JsonValue, enriched: LoadDocument["enriched"] = {}): LoadDocument {
  return { collection: "things", _id, data, enriched };
}

function things(count: number, value = 0): LoadDocument[] {
  return Array.from({ length: count }, (_, index) => thing(`thing-${index}`, { index, value }));
}

function load(store: StoreAccess, documents: readonly LoadDocument[], options: Partial<LoadOptions> = {}) {
  return loadDocuments({ store, documents, runId: "run-1", at: firstAt, ...options });
}

function writesTo(database: TestDatabase): string[] {
  return database.commands.filter(({ name }) => writeCommands.has(name)).map(({ name }) => name);
}

describeOnMongo("documents that wait for their turn", (database) => {
  function storeInTurn(documents: readonly LoadDocument[], turn: Promise<unknown>, told: unknown[]) {
    const prepared = prepareBatches(documents.map(prepareDocument), { isReconciled: false });
    const options = { store: database().store, runId: "run-2", at: laterAt, turn };
    return storePrepared(prepared, { ...options, onBatch: (tally) => told.push({ ...tally }) });
  }

  const reads = () => database().commands.filter(({ name }) => name === "find").length;

  test("are compared with what is stored, and neither written nor told before it", async () => {
    await load(database().store, things(2));
    const before = new EventEmitter();
    const told: unknown[] = [];
    const readBefore = reads();
    const stored = storeInTurn(
      [...things(1), thing("thing-1", {}), thing("new", {})],
      once(before, "stored"),
      told,
    );
    await vi.waitFor(() => expect(reads()).toBe(readBefore + 1));
    await database().store.reader.exists("things", {});
    expect(told).toEqual([]);
    expect(await database().all("things")).toHaveLength(2);
    before.emit("stored");
    const counts = { inserted: 1, updated: 1, unchanged: 1, refused: [] };
    expect(await stored).toEqual(counts);
    expect(told).toEqual([counts]);
    expect(await database().all("things")).toHaveLength(3);
  });

  test.each([
    { title: "new", documents: things(3) },
    { title: "unchanged", documents: things(2) },
  ])("are not written or told where what comes before fails: $title", async ({ documents }) => {
    await load(database().store, things(2));
    const told: unknown[] = [];
    const failed = Promise.reject(new Error("the slice before failed"));
    failed.catch(() => undefined);
    await expect(storeInTurn(documents, failed, told)).rejects.toThrow("the slice before failed");
    expect(told).toEqual([]);
    expect(await database().all("things")).toHaveLength(2);
  });
});

describeOnMongo("loadDocuments", (database) => {
  test("puts the envelope around a new document", async () => {
    const at = new Date("2022-08-05T11:36:10Z");
    await load(database().store, [thing("1", { a: [1, "x", null] }, { at, tags: ["t"], none: undefined })]);
    expect(await database().all("things")).toEqual([
      {
        _id: "1",
        data: { a: [1, "x", null] },
        enriched: { at, tags: ["t"] },
        ingested_at: firstAt,
        first_ingested_at: firstAt,
        run_id: "run-1",
        content_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        removed_at: null,
      },
    ]);
  });

  test("tells inserted, updated and unchanged apart, and writes only what changed", async () => {
    const { store } = database();
    expect(await load(store, things(2_500))).toEqual({
      inserted: 2_500,
      updated: 0,
      unchanged: 0,
      refused: [],
    });
    const changed = [thing("thing-7", { index: 7, value: 1 }), thing("new", {})];
    const again = [...things(2_500).filter(({ _id }) => _id !== "thing-7"), ...changed];
    expect(await load(store, again, { runId: "run-2", at: laterAt })).toEqual({
      inserted: 1,
      updated: 1,
      unchanged: 2_499,
      refused: [],
    });
    const touched = await store.database
      .collection("things")
      .find({ run_id: "run-2" })
      .sort({ _id: 1 })
      .toArray();
    expect(touched).toMatchObject([
      { _id: "new", ingested_at: laterAt, first_ingested_at: laterAt },
      {
        _id: "thing-7",
        data: { value: 1 },
        ingested_at: laterAt,
        first_ingested_at: firstAt,
        removed_at: null,
      },
    ]);
  });

  test("sends no write command for documents that differ in the order of their keys only", async () => {
    const { store, commands } = database();
    await load(store, [thing("1", { a: 1, b: { c: 2, d: 3 } }, { x: 1, y: 2 })]);
    commands.splice(0);
    const result = await load(store, [thing("1", { b: { d: 3, c: 2 }, a: 1 }, { y: 2, x: 1 })], {
      runId: "run-2",
    });
    expect(result).toEqual({ inserted: 0, updated: 0, unchanged: 1, refused: [] });
    expect(writesTo(database())).toEqual([]);
    expect(commands.length).toBeGreaterThan(0);
  });

  test("stores the last of several documents with one _id, once", async () => {
    const { store } = database();
    const page = [thing("1", "first"), thing("2", "other"), thing("1", "last")];
    expect(await load(store, page)).toMatchObject({ inserted: 2, updated: 0, unchanged: 0 });
    expect(await database().all("things")).toMatchObject([{ data: "last" }, { data: "other" }]);
    expect(await load(store, page)).toMatchObject({ inserted: 0, updated: 0, unchanged: 2 });
  });

  test("brings back a document that was gone, though its content is the same", async () => {
    const { store } = database();
    await load(store, [thing("1", {})]);
    await store.database
      .collection<{ _id: string }>("things")
      .updateOne({ _id: "1" }, { $set: { removed_at: laterAt, removed_reason: "withdrawn" } });
    expect(await load(store, [thing("1", {})], { at: laterAt, runId: "run-2" })).toMatchObject({
      updated: 1,
      unchanged: 0,
    });
    const [document] = await database().all("things");
    expect(document).toMatchObject({
      removed_at: null,
      run_id: "run-2",
      first_ingested_at: firstAt,
      absences: [{ from: laterAt, to: laterAt }],
    });
    expect(document).not.toHaveProperty("removed_reason");
  });

  test("loads documents of several collections", async () => {
    const { store } = database();
    const other = { ...thing("1", "other"), collection: "others" };
    expect(await load(store, [thing("1", "thing"), other])).toMatchObject({ inserted: 2 });
    expect(await database().all("others")).toMatchObject([{ data: "other" }]);
  });

  test("keeps fields with $, dots and __proto__ as they are", async () => {
    const { store } = database();
    const data: JsonValue = JSON.parse(
      '{"a.b":1,"":2,"__proto__":{"polluted":true},"constructor":3,"x":{"$gt":1,"$set":{"y":2}}}',
    );
    for (const run of ["run-1", "run-2"]) {
      const result = await load(store, [thing("1", data, { run })], { runId: run });
      expect(result.inserted + result.updated + result.refused.length).toBe(1);
      expect(await load(store, [thing("fine", 1, { run })])).toMatchObject({ refused: [] });
      if (result.refused.length === 0) {
        const [stored] = await store.database
          .collection<{ _id: string; data?: unknown }>("things")
          .find({ _id: "1" })
          .toArray();
        expect(JSON.stringify(stored?.data)).toBe(JSON.stringify(data));
      }
    }
    expect(Object.prototype).not.toHaveProperty("polluted");
  });

  test("refuses what MongoDB cannot hold, with the reason, and stores the rest of the batch", async () => {
    const { store } = database();
    const deep: JsonValue = JSON.parse(`${'{"a":'.repeat(150)}1${"}".repeat(150)}`);
    const deeper: JsonValue = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    const { refused, ...counts } = await load(store, [
      thing("fine-1", 1),
      thing("deep", deep),
      thing("deeper", deeper),
      thing("large", "x".repeat(17 * 1024 * 1024)),
      thing("many-numbers", new Array<number>(1_500_000).fill(1)),
      thing("surrogate", JSON.parse('{"text":"a\\ud800b"}')),
      thing("surrogate-key", JSON.parse('{"\\udfff":1}')),
      thing("surrogate-id-\ud800", 1),
      thing("null-key", JSON.parse('{"a":{"b\\u0000c":1}}')),
      thing("date", 1, { at: new Date(Number.NaN) }),
      thing("bson-type", { _bsontype: "ObjectId", id: "x" }),
      thing("", 1),
      thing("fine-2", JSON.parse('{"text":"\\\\ud800 😀","deep":[[[[[[[[[[]]]]]]]]]]}')),
    ]);
    expect(Object.fromEntries(refused.map(({ document, reason }) => [document._id, reason]))).toEqual({
      deep: expect.stringMatching(/nested/),
      deeper: expect.stringMatching(/nested/),
      large: expect.stringMatching(/16 MB/),
      "many-numbers": expect.stringMatching(/16 MB/),
      surrogate: expect.stringMatching(/surrogate/),
      "surrogate-key": expect.stringMatching(/surrogate/),
      "surrogate-id-\ud800": expect.stringMatching(/surrogate/),
      "null-key": expect.stringMatching(/null character/),
      date: expect.stringMatching(/invalid date/),
      "bson-type": expect.stringMatching(/BSON/),
      "": expect.stringMatching(/_id is empty/),
    });
    expect(counts).toEqual({ inserted: 2, updated: 0, unchanged: 0 });
    expect((await database().all("things")).map(({ _id }) => _id)).toEqual(["fine-1", "fine-2"]);
  });

  test("stores documents of nearly 16 MB, several in one page, inserted and updated", async () => {
    const { store } = database();
    const large = (value: string) =>
      ["1", "2"].map((_id) => thing(_id, value + "x".repeat(15.9 * 1024 * 1024)));
    expect(await load(store, large("a"))).toMatchObject({ inserted: 2, refused: [] });
    expect(await load(store, large("b"))).toMatchObject({ updated: 2, refused: [] });
    expect(await load(store, large("b"))).toMatchObject({ unchanged: 2, refused: [] });
  });

  test("refuses a document that stands against a unique index, and stores the rest", async () => {
    const { store } = database();
    await store.database.collection("things").createIndex({ "data.key": 1 }, { unique: true });
    await load(store, [thing("1", { key: "a" }), thing("2", { key: "b" })]);
    const { refused, ...counts } = await load(store, [
      thing("1", { key: "b" }),
      thing("2", { key: "b", changed: true }),
      thing("3", { key: "a" }),
      thing("4", { key: "c" }),
    ]);
    expect(Object.fromEntries(refused.map(({ document, reason }) => [document._id, reason]))).toEqual({
      "1": expect.stringMatching(/duplicate key/),
      "3": expect.stringMatching(/duplicate key/),
    });
    expect(counts).toEqual({ inserted: 1, updated: 1, unchanged: 0 });
  });

  test("counts every document once when several runs load the same ones at the same time", async () => {
    const { store } = database();
    const runs = ["a", "b", "c", "d", "e"];
    const results = await Promise.all(runs.map((runId) => load(store, things(1_200), { runId })));
    const sum = (name: "inserted" | "updated" | "unchanged") =>
      results.reduce((total, result) => total + result[name], 0);
    expect(results.flatMap(({ refused }) => refused)).toEqual([]);
    expect(sum("inserted")).toBe(1_200);
    expect(sum("updated")).toBe(0);
    expect(sum("unchanged")).toBe(1_200 * (runs.length - 1));
    expect(await database().all("things")).toHaveLength(1_200);
  });

  test("writes nothing in a dry run, and counts what it would do", async () => {
    const { store } = database();
    await load(store, things(3));
    const before = await database().dump();
    database().commands.splice(0);
    const page = [
      ...things(2),
      thing("thing-2", "changed"),
      thing("new", 1),
      thing("bad", JSON.parse('"\\ud800"')),
    ];
    expect(await load(store, page, { dryRun: true })).toMatchObject({
      inserted: 1,
      updated: 1,
      unchanged: 2,
    });
    expect(writesTo(database())).toEqual([]);
    expect(await database().dump()).toBe(before);
  });

  test.each(["insert", "update"])(
    "counts exactly when the connection is cut after the server got the %s",
    async (command) => {
      const { store, uri } = database();
      await load(store, things(1_500).slice(0, 750));
      const proxy = await startCuttingProxy(uri, command);
      const cutStore = await openStore({ uri: proxy.uri, db: store.db, kind: "mongodb" });
      onTestFinished(() => cutStore.close());
      expect(await load(cutStore, things(1_500, 1), { runId: "run-2" })).toEqual({
        inserted: 750,
        updated: 750,
        unchanged: 0,
        refused: [],
      });
      expect(proxy.cuts()).toBeGreaterThan(0);
      expect(
        await store.database.collection("things").countDocuments({ "data.value": 1, run_id: "run-2" }),
      ).toBe(1_500);
    },
  );

  test("fails with an explanation when the server is gone, and resumes later", async () => {
    const { store, uri } = database();
    const proxy = await startCuttingProxy(uri, "insert", { most: Number.POSITIVE_INFINITY, swallow: true });
    const cutStore = await openStore({
      uri: withParameter(proxy.uri, "retryWrites=false"),
      db: store.db,
      kind: "mongodb",
      timeoutMs: 2_000,
    });
    onTestFinished(() => cutStore.close());
    const error: unknown = await load(cutStore, things(10)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StoreError);
    expect(String(error)).toMatch(/connection.*lost/);
    expect(await load(store, things(10))).toMatchObject({ inserted: 10, unchanged: 0 });
  });

  test.for([
    {
      name: "a step-down that the driver is told to retry",
      data: { errorCode: 189, errorLabels: ["RetryableWriteError"] },
      times: 3,
    },
    { name: "a write conflict", data: { errorCode: 112 }, times: 1 },
    { name: "a cut connection", data: { closeConnection: true }, times: 3 },
    {
      name: "a write concern that is not met in time",
      data: { writeConcernError: { code: 64, errmsg: "waiting for replication timed out" } },
      times: 1,
    },
  ])("gets over $name", async ({ data, times }, { skip }) => {
    const failing = await failOn(database(), data, times, skip);
    expect(await load(failing, things(10))).toMatchObject({ inserted: 10, refused: [] });
  });

  test("fails when the user may not write, and blames no document", async ({ skip }) => {
    const failing = await failOn(database(), { errorCode: 13 }, 1, skip);
    const error: unknown = await load(failing, things(10)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StoreError);
    expect(String(error)).toMatch(/not permit.*MONGO_URI/);
  });
});

/** A store whose next inserts fail on the server; skips the test where the server has no test commands. */
async function failOn(
  { store, uri }: TestDatabase,
  data: Readonly<Record<string, unknown>>,
  times: number,
  skip: (note: string) => void,
): Promise<Store> {
  const appName = `fail-${store.db}`;
  const failing = await openStore({
    uri: withParameter(uri, `appName=${appName}`),
    db: store.db,
    kind: "mongodb",
  });
  onTestFinished(() => failing.close());
  const admin = failing.database.client.db("admin");
  try {
    await admin.command({
      configureFailPoint: "failCommand",
      mode: { times },
      data: { failCommands: ["insert"], appName, ...data },
    });
  } catch {
    skip("the server has no test commands");
  }
  onTestFinished(async () => {
    await admin.command({ configureFailPoint: "failCommand", mode: "off" }).catch(() => undefined);
  });
  return failing;
}
