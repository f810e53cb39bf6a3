import type { Db, Document } from "mongodb";
import { beforeAll, describe, expect, test } from "vitest";
import { serverError, useServer } from "../testing/server.js";

// The answers: MongoDB's manual ($collStats, $currentOp, $indexStats), and in its repository
// src/mongo/db/pipeline/document_source_{coll_stats,current_op,index_stats}.cpp.

const server = useServer();

describe("a pipeline that begins with documents of the server's own", () => {
  let db: Db;
  beforeAll(async () => {
    db = server.db();
    await db.collection("c").insertMany([{ v: 1 }, { v: null }, {}]);
    await db.collection("c").createIndex({ v: -1 });
  });

  test.each<[source: string | number, pipeline: Document[], answer: readonly Document[] | number]>([
    ["c", [{ $collStats: { count: {} } }, { $project: { count: 1 } }], [{ count: 3 }]],
    [
      "c",
      [{ $collStats: { storageStats: {} } }],
      [{ storageStats: { count: 3, nindexes: 2, scaleFactor: 1 } }],
    ],
    ["c", [{ $collStats: { storageStats: { scale: 1024 } } }], [{ storageStats: { scaleFactor: 1024 } }]],
    ["none", [{ $collStats: { count: {} } }], 26],
    ["none", [{ $collStats: { storageStats: {} } }], 26],
    ["c", [{ $collStats: 5 }], 5447000],
    ["c", [{ $collStats: null }], 5447000],
    [
      "c",
      [{ $indexStats: {} }, { $sort: { name: 1 } }],
      [
        { name: "_id_", key: { _id: 1 } },
        { name: "v_-1", key: { v: -1 } },
      ],
    ],
    ["none", [{ $indexStats: {} }], []],
    ["c", [{ $indexStats: { a: 1 } }], 28803],
    ["c", [{ $indexStats: null }], 28803],
    ["c", [{ $currentOp: {} }], 73],
  ])("%s: %j", async (source, pipeline, answer) => {
    const answered = db.command({ aggregate: source, pipeline, cursor: {} });
    if (typeof answer === "number") {
      expect(await serverError(answered)).toMatchObject({ code: answer });
    } else {
      expect((await answered).cursor.firstBatch).toMatchObject(answer);
    }
  });

  test.each<[stage: Document, code: number | undefined]>([
    [{ $currentOp: {} }, undefined],
    [{ $currentOp: { allUsers: true, idleConnections: false, localOps: true } }, undefined],
    [{ $currentOp: { allUsers: 1 } }, 9],
    [{ $currentOp: { allUsers: null } }, 9],
    [{ $currentOp: { none: true } }, 9],
    [{ $currentOp: 5 }, 9],
  ])("%j", async (stage, code) => {
    const pipeline = [stage, { $match: { "command.aggregate": 1 } }];
    const answered = server.client.db("admin").command({ aggregate: 1, pipeline, cursor: {} });
    if (code === undefined) {
      expect((await answered).cursor.firstBatch).toMatchObject([{ type: "op", active: true }]);
    } else {
      expect(await serverError(answered)).toMatchObject({ code });
    }
  });
});
