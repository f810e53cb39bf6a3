import { type Document, Long } from "mongodb";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createCursors } from "../protocol/cursors.js";
import { serverError, useServer } from "../testing/server.js";

/** Many documents, and large ones. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const server = useServer();

describe("cursors", () => {
  test("return every document once, in batches of the requested size", async () => {
    const db = server.db();
    const c = db.collection<{ _id: number }>("c");
    await c.insertMany(Array.from({ length: 1_234 }, (_, _id) => ({ _id })));
    const all = Array.from({ length: 1_234 }, (_, i) => i);
    for (const batchSize of [1, 7, 100, 1_233, 1_234, 5_000]) {
      expect((await c.find({}, { batchSize }).toArray()).map(({ _id }) => _id)).toEqual(all);
    }
    const first = await db.command({ find: "c" });
    expect(first.cursor.firstBatch).toHaveLength(101);
    const opened: Document = await db.command({ find: "c", batchSize: 0 });
    expect(opened.cursor.firstBatch).toEqual([]);
    const rest = await db.command({ getMore: Long.fromBigInt(BigInt(opened.cursor.id)), collection: "c" });
    expect(rest.cursor.nextBatch).toHaveLength(1_234);
    expect(String(rest.cursor.id)).toBe("0");
    const single = await db.command({ find: "c", batchSize: 3, singleBatch: true });
    expect(String(single.cursor.id)).toBe("0");
    const limited = await db.command({ find: "c", limit: 5 });
    expect(limited.cursor.firstBatch).toHaveLength(5);
    expect(String(limited.cursor.id)).toBe("0");
    expect(await c.find().skip(1_230).limit(10).toArray()).toHaveLength(4);
  });

  test("keep a batch below 16 MB, and refuse larger documents and distinct values", async () => {
    const c = server.db().collection<{ _id: number; text: string }>("c");
    const text = "x".repeat(5 * 1024 * 1024);
    for (let _id = 0; _id < 8; _id++) {
      await c.insertOne({ _id, text: `${_id}${text}` });
    }
    const { cursor } = await server.client.db(c.dbName).command({ find: "c" });
    expect(cursor.firstBatch).toHaveLength(3);
    expect(await c.find().toArray()).toHaveLength(8);
    expect(await c.distinct("text", { _id: { $lt: 3 } })).toHaveLength(3);
    expect(await serverError(c.distinct("text"))).toMatchObject({ code: 17217 });
    const all = c.aggregate([{ $group: { _id: null, all: { $push: "$text" } } }]);
    expect(await serverError(all.toArray())).toMatchObject({ code: 10334 });
  });

  test("are gone when killed, when their session ends, and when their collection is dropped", async () => {
    const db = server.db();
    await db.collection("c").insertMany(Array.from({ length: 10 }, () => ({})));
    const open = async (): Promise<Long> =>
      Long.fromBigInt(BigInt((await db.command({ find: "c", batchSize: 2 })).cursor.id));
    const more = (id: Long) => serverError(db.command({ getMore: id, collection: "c" }));
    const killed = await open();
    expect(await db.command({ killCursors: "c", cursors: [killed, Long.fromNumber(5)] })).toMatchObject({
      cursorsKilled: [expect.anything()],
      cursorsNotFound: [expect.anything()],
    });
    expect(await more(killed)).toMatchObject({ code: 43, codeName: "CursorNotFound" });
    const session = server.client.startSession();
    const { cursor } = await db.command({ find: "c", batchSize: 2 }, { session });
    await server.client.db("admin").command({ endSessions: [session.id] });
    expect(await more(Long.fromBigInt(BigInt(cursor.id)))).toMatchObject({ code: 43 });
    await session.endSession();
    const dropped = await open();
    await db.collection("c").drop();
    expect(await more(dropped)).toMatchObject({ code: 43 });
  });

  test("return no document twice while others write", async () => {
    const c = server.db().collection<{ _id: number; n?: number; text?: string }>("c");
    await c.insertMany(Array.from({ length: 500 }, (_, _id) => ({ _id })));
    const seen: number[] = [];
    for await (const { _id } of c.find({}, { batchSize: 10 })) {
      seen.push(_id);
      if (_id % 50 === 0) {
        await c.updateOne({ _id }, { $set: { text: "x".repeat(10_000) } });
        await c.deleteOne({ _id: _id + 30 });
      }
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThanOrEqual(490);
  });
});

test("a cursor returns documents in their state at the time of reading", async () => {
  const c = server.db().collection<{ _id: number; n: number }>("c");
  await c.insertMany(Array.from({ length: 300 }, (_, _id) => ({ _id, n: 0 })));
  const cursor = c.find({}, { batchSize: 2 });
  await cursor.next();
  await c.updateMany({ _id: { $lt: 200 } }, { $set: { n: 1 } });
  await c.deleteMany({ _id: { $gte: 200 } });
  // One is in the batch that the client has, and one was read to see that there are more.
  const [, , ...rest] = await cursor.toArray();
  expect(rest).toEqual(Array.from({ length: 197 }, (_, i) => ({ _id: i + 3, n: 1 })));
});

describe("an idle cursor", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is freed after ten minutes, unless it has noCursorTimeout", () => {
    vi.useFakeTimers();
    const cursors = createCursors();
    const open = (noTimeout: boolean) =>
      cursors.open({
        namespace: "d.c",
        documents: [].values(),
        client: "x",
        session: undefined,
        noTimeout,
        held: undefined,
        timeLeftMs: Number.POSITIVE_INFINITY,
      });
    const [idle, used, kept] = [open(false), open(false), open(true)];
    vi.advanceTimersByTime(6 * 60_000);
    cursors.use(used.id);
    vi.advanceTimersByTime(6 * 60_000);
    expect(() => cursors.use(idle.id)).toThrow(/not found/);
    expect(cursors.use(used.id)).toBe(used);
    expect(cursors.use(kept.id)).toBe(kept);
    cursors.close();
  });
});
