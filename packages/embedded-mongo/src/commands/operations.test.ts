import { type Db, type Document, Long, MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serverError, useServer } from "../testing/server.js";

const server = useServer();

/** Takes seconds where all documents are looked at, and matches all. */
const slowFilter = { $nor: Array.from({ length: 2_000 }, (_, i) => ({ [`field${i}`]: i })) };

describe("operations", () => {
  let db: Db;
  let admin: Db;
  beforeAll(async () => {
    db = server.db();
    admin = server.client.db("admin");
    await db.collection("many").insertMany(Array.from({ length: 20_000 }, (_, n) => ({ n, half: n % 2 })));
    await db.collection("few").insertOne({ n: 1 });
  });
  afterAll(() => db.dropDatabase());

  const isComment =
    (comment: string) =>
    ({ command }: Document): boolean =>
      command.comment === comment;
  const running = async (comment: string): Promise<Document | undefined> => {
    const { inprog } = await admin.command({ currentOp: 1 });
    return inprog.find(isComment(comment));
  };
  const started = async (comment: string): Promise<Document> => {
    await expect.poll(() => running(comment)).toBeDefined();
    return (await running(comment)) ?? {};
  };

  test.each([
    ["find", { find: "many", filter: { ...slowFilter, none: 1 } }],
    ["a find that sorts", { find: "many", filter: slowFilter, sort: { half: 1 } }],
    ["getMore", { find: "many", filter: slowFilter, batchSize: 0 }],
    ["count", { count: "many", query: slowFilter }],
    ["distinct", { distinct: "many", key: "n", query: slowFilter }],
    ["aggregate", { aggregate: "many", pipeline: [{ $match: slowFilter }, { $count: "n" }], cursor: {} }],
    ["explain", { explain: { find: "many", filter: slowFilter } }],
  ])("let others work, and end when killed or after maxTimeMS: %s", async (name, command) => {
    const run = async (fields: Document): Promise<void> => {
      const { cursor } = await db.command({ ...command, ...fields });
      if (cursor !== undefined) {
        const getMore = Long.fromBigInt(BigInt(cursor.id));
        await db.command({ getMore, collection: "many", ...(fields.comment && { comment: fields.comment }) });
      }
    };
    const killed = serverError(run({ comment: name }));
    const { opid } = await started(name);
    await admin.command({ killOp: 1, op: opid });
    expect(await killed).toMatchObject({ code: 11601, codeName: "Interrupted" });
    expect(await serverError(run({ maxTimeMS: 50 }))).toMatchObject({
      code: 50,
      codeName: "MaxTimeMSExpired",
      message: "operation exceeded time limit",
    });
  });

  test.each([
    [-1, 2],
    [2 ** 31, 2],
    [1.5, 2],
    ["1", 2],
    [0, undefined],
    [null, undefined],
    [2 ** 31 - 1, undefined],
  ])("check the bounds of a time limit: %j", async (maxTimeMS, code) => {
    const answer = db.command({ find: "few", maxTimeMS });
    if (code === undefined) {
      expect((await answer).cursor.firstBatch).toHaveLength(1);
    } else {
      expect(await serverError(answer)).toMatchObject({ code });
    }
  });

  test("refuse a time limit for getMore, as MongoDB does for such cursors", async () => {
    const { cursor } = await db.command({ find: "many" });
    const getMore = Long.fromBigInt(BigInt(cursor.id));
    expect(await serverError(db.command({ getMore, collection: "many", maxTimeMS: 1_000 }))).toMatchObject({
      code: 2,
      message: "cannot set maxTimeMS on getMore command for a non-awaitData cursor",
    });
  });

  test("end within a single document whose expression takes long", async () => {
    const list = Array.from({ length: 5000 }, (_, n) => n);
    const inner = { $reduce: { input: { $literal: list }, initialValue: 0, in: { $add: ["$$value", 1] } } };
    const pipeline = [{ $project: { n: { $map: { input: { $literal: list }, in: inner } } } }];
    const run = db.collection("few").aggregate(pipeline, { maxTimeMS: 100 }).toArray();
    expect(await serverError(run)).toMatchObject({ code: 50 });
  });

  test("are shown by currentOp and $currentOp, and end when killed", async () => {
    const command = { find: "many", filter: { ...slowFilter, none: 1 }, comment: "to be killed" };
    const ended = serverError(db.command(command));
    const shown = await started("to be killed");
    expect(shown).toMatchObject({
      type: "op",
      active: true,
      op: "query",
      ns: `${db.databaseName}.many`,
      command: { find: "many", comment: "to be killed", $db: db.databaseName },
      secs_running: expect.anything(),
      microsecs_running: expect.anything(),
      client: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      connectionId: expect.any(Number),
    });
    expect(shown.command).not.toHaveProperty("filter");
    const pipeline = [{ $currentOp: {} }, { $match: { opid: shown.opid } }];
    expect(await admin.aggregate(pipeline).toArray()).toHaveLength(1);
    expect(await serverError(db.aggregate(pipeline).toArray())).toMatchObject({ code: 73 });
    await admin.command({ killOp: 1, op: shown.opid });
    expect(await ended).toMatchObject({ code: 11601, codeName: "Interrupted" });
    expect(await running("to be killed")).toBeUndefined();
  });

  test("are shown by $currentOp according to its options", async () => {
    const admin = server.client.db("admin");
    const shown = (options: unknown) => admin.aggregate([{ $currentOp: options }]).toArray();
    expect(await shown({ allUsers: true, idleConnections: false, truncateOps: false })).toHaveLength(1);
    for (const [options, code] of [
      [{ idleConnections: true }, 238],
      [{ idleCursors: true }, 238],
      [{ allUsers: 1 }, 9],
      [{ other: true }, 9],
      ["all", 9],
    ]) {
      expect(await serverError(shown(options)), JSON.stringify(options)).toMatchObject({ code });
    }
    expect(await serverError(admin.command({ currentOp: 1, $all: true }))).toMatchObject({ code: 238 });
  });

  test("end when their session is killed or their client disconnects", async () => {
    const command = { find: "many", filter: { ...slowFilter, none: 1 } };
    const session = server.client.startSession();
    const ended = serverError(db.command({ ...command, comment: "in a session" }, { session }));
    await started("in a session");
    await admin.command({ killSessions: [session.id] });
    expect(await ended).toMatchObject({ code: 11601 });
    await session.endSession();

    const other = await new MongoClient(server.server.uri).connect();
    const lost = other.db(db.databaseName).command({ ...command, comment: "of a client" });
    const rejected = expect(lost).rejects.toThrow();
    await started("of a client");
    await other.close(true);
    await rejected;
    await expect.poll(() => running("of a client"), { timeout: 1_000 }).toBeUndefined();
  });

  test("read a cursor one at a time, and end when it is killed", async () => {
    const { cursor } = await db.command({ find: "many", filter: slowFilter, batchSize: 0 });
    const getMore = Long.fromBigInt(BigInt(cursor.id));
    const ended = serverError(db.command({ getMore, collection: "many", comment: "first" }));
    await started("first");
    expect(await serverError(db.command({ getMore, collection: "many" }))).toMatchObject({ code: 12051 });
    // The driver makes a number of a long below 2^53, which one id in a thousand is.
    const killed = await db.command({ killCursors: "many", cursors: [getMore] }, { promoteLongs: false });
    expect(killed).toMatchObject({ cursorsKilled: [getMore] });
    expect(await ended).toMatchObject({ code: 237, codeName: "CursorKilled" });
    expect(await serverError(db.command({ getMore, collection: "many" }))).toMatchObject({ code: 43 });
  });

  test("end with a reason when their collection or index is dropped", async () => {
    const going = db.collection("going");
    await going.insertMany(Array.from({ length: 2_000 }, (_, n) => ({ n })));
    await going.createIndex({ n: 1 });
    const byIndex = going.find({ n: { $gte: 0 } }, { batchSize: 10 });
    await byIndex.next();
    await going.dropIndex("n_1");
    expect(await serverError(byIndex.toArray())).toMatchObject({ code: 175, codeName: "QueryPlanKilled" });
    const all = going.find({}, { batchSize: 10 });
    await all.next();
    await going.rename("gone");
    expect(await serverError(all.toArray())).toMatchObject({ code: 175 });
  });
});
