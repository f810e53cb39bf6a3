import type { Db } from "mongodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { serverError, useServer } from "../testing/server.js";

/** Writes tens of thousands of documents. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const server = useServer();
const COUNT = 25_000;

interface Thing {
  readonly _id: number;
  readonly group: number;
  readonly n?: number;
  readonly unique?: number;
}

describe("writes that take long", () => {
  let db: Db;
  const things = () => db.collection<Thing>("things");
  beforeAll(() => {
    db = server.db();
  });
  beforeEach(async () => {
    await db.dropDatabase();
    await things().insertMany(Array.from({ length: COUNT }, (_, _id) => ({ _id, group: _id % 2 })));
  });
  afterAll(() => db.dropDatabase());

  test("change every match once, and let others work meanwhile", async () => {
    const updated = things().updateMany({ group: 0 }, { $inc: { n: 1 }, $set: { group: 2 } });
    let isOver = false;
    void updated.finally(() => {
      isOver = true;
    });
    const counts = new Set<number>();
    while (!isOver) {
      counts.add(await things().countDocuments({ _id: { $in: [0, COUNT - 2] }, n: 1 }));
    }
    expect(await updated).toMatchObject({ matchedCount: COUNT / 2, modifiedCount: COUNT / 2 });
    expect(counts).toContain(0);
    expect(await things().countDocuments({ n: 1, group: 2 })).toBe(COUNT / 2);
    expect(await things().deleteMany({ group: 2 })).toMatchObject({ deletedCount: COUNT / 2 });
    expect(await things().countDocuments()).toBe(COUNT / 2);
    expect(await things().countDocuments({ group: 1 })).toBe(COUNT / 2);
  });

  test("do not change documents that no longer match", async () => {
    const last = COUNT - 1;
    const updated = things().updateMany({ group: { $gte: 0 } }, { $set: { n: 1 } });
    await things().updateOne({ _id: last }, { $set: { group: -1 } });
    const { modifiedCount } = await updated;
    const [document] = await things().find({ _id: last }).toArray();
    expect(document?.n === undefined ? COUNT - 1 : COUNT).toBe(modifiedCount);
  });

  test("take the next document if another client was faster, each once", async () => {
    const claim = () =>
      things().findOneAndUpdate(
        { group: 1, n: { $exists: false } },
        { $set: { n: 1 } },
        { sort: { group: 1 } },
      );
    await Promise.all(Array.from({ length: 12 }, () => things().countDocuments({ n: 1 })));
    const claimed = await Promise.all(Array.from({ length: 12 }, claim));
    expect(claimed.map((thing) => thing?._id ?? -1).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, i) => 1 + 2 * i),
    );
  });

  test("fail with code 175 if their collection is dropped, and change no new one", async () => {
    const updated = serverError(things().updateMany({ n: { $exists: false } }, { $set: { n: 1 } }));
    await expect.poll(() => things().countDocuments({ _id: 0, n: 1 }), { interval: 1 }).toBe(1);
    await things().drop();
    await things().insertOne({ _id: 0, group: 0 });
    expect(await updated).toMatchObject({ code: 175 });
    expect(await things().findOne()).toEqual({ _id: 0, group: 0 });
  });

  test("let others work between the statements of a batch", async () => {
    const some = db.collection<Thing>("some");
    await some.insertMany(Array.from({ length: 900 }, (_, _id) => ({ _id, group: _id })));
    const updateOne = (group: number) => ({ updateOne: { filter: { group }, update: { $set: { n: 1 } } } });
    const updated = some.bulkWrite(Array.from({ length: 900 }, (_, i) => updateOne(i)));
    let isOver = false;
    void updated.finally(() => {
      isOver = true;
    });
    const counts = new Set<number>();
    while (!isOver) {
      counts.add(await some.countDocuments({ n: 1 }));
    }
    expect(await updated).toMatchObject({ matchedCount: 900, modifiedCount: 900 });
    expect([...counts].filter((count) => count > 0 && count < 900)).not.toEqual([]);
  });

  test("let others work between a thousand documents of an insert and the next", async () => {
    const many = db.collection<Thing>("many");
    const inserted = many.insertMany(Array.from({ length: COUNT }, (_, _id) => ({ _id, group: 0 })));
    let isOver = false;
    void inserted.finally(() => {
      isOver = true;
    });
    const counts = new Set<number>();
    while (!isOver) {
      counts.add(await many.estimatedDocumentCount());
    }
    expect(await inserted).toMatchObject({ insertedCount: COUNT });
    const between = [...counts].filter((count) => count > 0 && count < COUNT);
    expect(between).not.toEqual([]);
    expect(between.filter((count) => count % 1_000 !== 0)).toEqual([]);
  });

  test.each([
    [true, 3_500, [3_500]],
    [false, 4_999, [3_500]],
  ])("name the document that failed wherever it is in a batch (ordered: %s)", async (ordered, n, failed) => {
    const documents = Array.from({ length: 5_000 }, (_, _id) => ({ _id: _id === 3_500 ? 0 : _id, group: 0 }));
    const answer = await db
      .collection<Thing>("failing")
      .insertMany(documents, { ordered })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(answer).toMatchObject({ result: { insertedCount: n } });
    expect(answer).toMatchObject({ writeErrors: failed.map((index) => ({ index, code: 11000 })) });
    expect(await db.collection("failing").countDocuments()).toBe(n);
  });

  test("run in the order of a batch's statements, among short ones", async () => {
    const result = await things().bulkWrite([
      { insertOne: { document: { _id: -1, group: 7 } } },
      { updateOne: { filter: { _id: -1 }, update: { $set: { n: 1 } } } },
      { updateMany: { filter: { group: { $in: [1, 7] } }, update: { $inc: { n: 1 } } } },
      { updateOne: { filter: { n: 2 }, update: { $set: { unique: 1 } } } },
      { updateOne: { filter: { group: 9, unique: 9 }, update: { $set: { n: 9 } }, upsert: true } },
      { deleteOne: { filter: { n: 9 } } },
      { deleteMany: { filter: { group: 1 } } },
    ]);
    expect(result).toMatchObject({
      insertedCount: 1,
      matchedCount: COUNT / 2 + 3,
      upsertedCount: 1,
      deletedCount: COUNT / 2 + 1,
    });
    expect(await things().find({ group: 7 }).toArray()).toEqual([{ _id: -1, group: 7, n: 2, unique: 1 }]);
    expect(await things().countDocuments()).toBe(COUNT / 2 + 1);
  });

  test("keep earlier changes if a document fails, and name the index that refused it", async () => {
    await things().createIndex(
      { unique: 1 },
      { unique: true, partialFilterExpression: { unique: { $gt: 0 } } },
    );
    const failed = await serverError(things().updateMany({ group: 1 }, { $set: { unique: 1 } }));
    expect(failed).toMatchObject({ code: 11000 });
    expect(await things().find({ unique: 1 }).toArray()).toMatchObject([{ _id: 1 }]);
  });

  test("find and modify the last document of a sort", async () => {
    const modify = (sort: 1 | -1) =>
      things().findOneAndUpdate(
        { group: { $gte: 0 } },
        { $set: { group: 5 } },
        { sort: { _id: sort, group: 1 }, returnDocument: "after" },
      );
    expect(await modify(-1)).toEqual({ _id: COUNT - 1, group: 5 });
    expect(await things().findOneAndDelete({ group: 5 })).toEqual({ _id: COUNT - 1, group: 5 });
    expect(await things().findOneAndDelete({ group: 5 })).toBeNull();
    const upserted = await things().findOneAndUpdate(
      { group: 5 },
      { $set: { n: 3 } },
      { upsert: true, returnDocument: "after" },
    );
    expect(upserted).toMatchObject({ group: 5, n: 3 });
  });

  test("end after maxTimeMS between two of their transactions", async () => {
    const command = { update: "things", maxTimeMS: 1 };
    const updates = [{ q: { group: { $gte: 0 } }, u: { $set: { n: 1 } }, multi: true }];
    expect(await serverError(db.command({ ...command, updates }))).toMatchObject({ code: 50 });
    expect(await things().countDocuments({ n: 1 })).toBeLessThan(COUNT);
    expect(await things().countDocuments()).toBe(COUNT);
  });
});
