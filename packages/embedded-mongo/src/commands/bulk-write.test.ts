import { MongoClientBulkWriteError } from "mongodb";
import { describe, expect, test } from "vitest";
import { useServer } from "../testing/server.js";

const server = useServer();

/** By namespace. */
interface Stored {
  readonly [namespace: string]: { _id: number | string; n?: number; r?: number[] };
}

describe("a client's bulk write", () => {
  test("goes over collections, and tells what each operation did", async () => {
    const db = server.db();
    const [a, b] = [`${db.databaseName}.a`, `${db.databaseName}.b`];
    const result = await server.client.bulkWrite<Stored>(
      [
        { name: "insertOne", namespace: a, document: { _id: 1, n: 1 } },
        { name: "insertOne", namespace: b, document: { _id: 2, n: 1 } },
        { name: "insertOne", namespace: a, document: { _id: 3, n: 1 } },
        { name: "updateOne", namespace: a, filter: { _id: 1 }, update: { $inc: { n: 1 } } },
        { name: "updateMany", namespace: a, filter: {}, update: [{ $set: { m: "$$x" } }] },
        { name: "updateOne", namespace: b, filter: { _id: "new" }, update: { $set: { n: 5 } }, upsert: true },
        { name: "replaceOne", namespace: b, filter: { _id: 2 }, replacement: { r: [1, 2] } },
        {
          name: "updateOne",
          namespace: b,
          filter: { _id: 2 },
          update: { $set: { "r.$[e]": 9 } },
          arrayFilters: [{ e: 2 }],
        },
        { name: "deleteOne", namespace: a, filter: { _id: 3 } },
        { name: "deleteMany", namespace: a, filter: { _id: { $gt: 100 } } },
      ],
      { verboseResults: true, let: { x: "of let" } },
    );
    expect(result).toMatchObject({
      insertedCount: 3,
      matchedCount: 5,
      modifiedCount: 5,
      upsertedCount: 1,
      deletedCount: 1,
    });
    expect(result.updateResults?.get(4)).toMatchObject({ matchedCount: 2, modifiedCount: 2 });
    expect(result.updateResults?.get(5)).toMatchObject({ upsertedId: "new" });
    expect(result.deleteResults?.get(8)).toMatchObject({ deletedCount: 1 });
    expect(await db.collection("a").find().toArray()).toEqual([{ _id: 1, n: 2, m: "of let" }]);
    expect(await db.collection("b").find().toArray()).toEqual([
      { _id: 2, r: [1, 9] },
      { _id: "new", n: 5 },
    ]);
  });

  test("ends at the first failure where it is ordered, and goes on where it is not", async () => {
    for (const [ordered, stored] of [
      [true, [1]],
      [false, [1, 2]],
    ] as const) {
      const db = server.db();
      const namespace = `${db.databaseName}.c`;
      const error = await server.client
        .bulkWrite<Stored>(
          [1, 1, 2].map((_id) => ({ name: "insertOne", namespace, document: { _id } }) as const),
          { ordered },
        )
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(MongoClientBulkWriteError);
      expect(error).toMatchObject({ partialResult: { insertedCount: stored.length } });
      expect(error instanceof MongoClientBulkWriteError && [...error.writeErrors.keys()]).toEqual([1]);
      expect(error instanceof MongoClientBulkWriteError && error.writeErrors.get(1)?.code).toBe(11000);
      expect(await db.collection("c").distinct("_id")).toEqual(stored);
    }
  });

  test("gives the results of many operations with a cursor", async () => {
    const db = server.db();
    const namespace = `${db.databaseName}.c`;
    const reply = await server.client.db("admin").command({
      bulkWrite: 1,
      errorsOnly: false,
      ops: Array.from({ length: 250 }, (_, _id) => ({ insert: 0, document: { _id } })),
      nsInfo: [{ ns: namespace }],
      cursor: { batchSize: 100 },
    });
    expect(reply).toMatchObject({
      ok: 1,
      nErrors: 0,
      nInserted: 250,
      cursor: { ns: "admin.$cmd.bulkWrite" },
    });
    expect(reply.cursor.firstBatch).toHaveLength(100);
    const next = await server.client
      .db("admin")
      .command({ getMore: reply.cursor.id, collection: "$cmd.bulkWrite" });
    expect(next.cursor.nextBatch).toHaveLength(150);
    expect(next.cursor.nextBatch[149]).toEqual({ ok: 1, idx: 249, n: 1 });
  });

  test("is refused outside admin, without operations, and where it names no collection", async () => {
    const ops = [{ insert: 1, document: {} }];
    const nsInfo = [{ ns: "d.c" }];
    const admin = server.client.db("admin");
    await expect(server.db().command({ bulkWrite: 1, ops, nsInfo })).rejects.toMatchObject({ code: 13 });
    await expect(admin.command({ bulkWrite: 1, ops: [], nsInfo })).rejects.toMatchObject({ code: 16 });
    await expect(admin.command({ bulkWrite: 1, ops, nsInfo })).rejects.toMatchObject({ code: 2 });
  });
});
