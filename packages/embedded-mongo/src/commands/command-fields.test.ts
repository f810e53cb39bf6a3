import { type Document, Double, Int32, Long, MongoClient, Timestamp } from "mongodb";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../server/handle-command.js";
import { serverError, useServer } from "../testing/server.js";

const server = useServer();

const UPDATE = { update: "c", updates: [{ q: {}, u: { $set: { a: 1 } } }] };
const DELETE = { delete: "c", deletes: [{ q: {}, limit: 1 }] };
const INDEX = { key: { a: 1 }, name: "a_1" };
/** One command of each name, as short as it can be. */
const VALID: readonly Document[] = [
  { find: "c" },
  { getMore: Long.fromNumber(1), collection: "c" },
  { killCursors: "c", cursors: [Long.fromNumber(1)] },
  { insert: "c", documents: [{}] },
  UPDATE,
  DELETE,
  { findAndModify: "c", remove: true },
  { findandmodify: "c", remove: true },
  { aggregate: "c", pipeline: [], cursor: {} },
  { count: "c" },
  { distinct: "c", key: "a" },
  { explain: { find: "c" } },
  { create: "new" },
  { drop: "new" },
  { dropDatabase: 1 },
  { renameCollection: "a.b", to: "a.c" },
  { listCollections: 1 },
  { listDatabases: 1 },
  { listIndexes: "c" },
  { createIndexes: "c", indexes: [INDEX] },
  { dropIndexes: "c", index: "*" },
  { deleteIndexes: "c", index: "*" },
  { collStats: "c" },
  { collstats: "c" },
  { dbStats: 1 },
  { dbstats: 1 },
  { connectionStatus: 1 },
  { getLog: "*" },
  { currentOp: 1 },
  { killOp: 1, op: 0 },
  { startSession: 1 },
  { endSessions: [] },
  { killSessions: [] },
  { refreshSessions: [] },
];
/** MongoDB ignores what it does not know in these. */
const OPEN = [
  "hello",
  "isMaster",
  "ismaster",
  "ping",
  "buildInfo",
  "buildinfo",
  "serverStatus",
  "hostInfo",
  "whatsmyuri",
  "getCmdLineOpts",
  "getParameter",
];

function run(command: Document): Promise<Document> {
  return server.client.db("admin").command(command);
}

describe("the fields of a command", () => {
  test("are known, or the command is refused with MongoDB's error", async () => {
    const names = [...VALID.map((command) => Object.keys(command)[0]), ...OPEN];
    expect(names.toSorted()).toEqual([...COMMANDS.keys()].sort());
    for (const command of VALID) {
      const [name] = Object.keys(command);
      const error = await serverError(run({ ...command, foo: 1 }));
      expect([error.code, error.message]).toEqual([40415, `BSON field '${name}.foo' is an unknown field.`]);
    }
    for (const name of OPEN.filter((open) => open !== "getParameter")) {
      expect(await run({ [name]: 1, foo: 1 })).toMatchObject({ ok: 1 });
    }
  });

  test("are checked in nested documents too, before anything is written", async () => {
    const first = { q: { _id: "first" }, u: { $set: { a: 1 } }, upsert: true };
    for (const [code, command] of [
      [40415, { ...UPDATE, updates: [first, { q: {}, u: {}, foo: 1 }] }],
      [40414, { ...UPDATE, updates: [first, { q: {} }] }],
      [14, { ...UPDATE, updates: [first, { q: {}, u: {}, multi: 1 }] }],
      [40324, { ...UPDATE, updates: [first, { q: {}, u: [{ $foo: 1 }] }] }],
      [
        40415,
        {
          ...DELETE,
          deletes: [
            { q: {}, limit: 1 },
            { q: {}, limit: 1, foo: 1 },
          ],
        },
      ],
      [
        9,
        {
          ...DELETE,
          deletes: [
            { q: {}, limit: 1 },
            { q: {}, limit: 2 },
          ],
        },
      ],
    ] as const) {
      await server.client
        .db("admin")
        .collection<{ _id: string }>("c")
        .updateOne({ _id: "kept" }, { $set: {} }, { upsert: true });
      expect(await serverError(run(command)), JSON.stringify(command)).toMatchObject({ code });
      expect(await server.client.db("admin").collection("c").find().toArray()).toMatchObject([
        { _id: "kept" },
      ]);
    }
    for (const [code, command] of [
      [40415, { aggregate: "c", pipeline: [], cursor: { foo: 1 } }],
      [40415, { listCollections: 1, cursor: { foo: 1 } }],
      [40415, { find: "c", readConcern: { foo: 1 } }],
      [40415, { insert: "c", documents: [{}], writeConcern: { foo: 1 } }],
      [40415, { explain: { find: "c", foo: 1 } }],
      [197, { createIndexes: "c", indexes: [{ ...INDEX, foo: 1 }] }],
    ] as const) {
      expect(await serverError(run(command)), JSON.stringify(command)).toMatchObject({ code });
    }
    const lenient = { createIndexes: "c", indexes: [{ ...INDEX, foo: 1 }], ignoreUnknownIndexOptions: true };
    expect(await run(lenient)).toMatchObject({ ok: 1 });
    expect(await server.client.db("admin").collection("c").indexes()).toMatchObject([
      { name: "_id_" },
      { v: 2, ...INDEX },
    ]);
    expect((await server.client.db("admin").collection("c").indexes())[1]).not.toHaveProperty("foo");
  });

  test("have the types of MongoDB", async () => {
    const wrong: readonly (readonly [code: number, message: string, command: Document])[] = [
      [2, "collection name has invalid type int", { find: 1 }],
      [2, "must specify a collection name or 1", { aggregate: 2, pipeline: [], cursor: {} }],
      [14, "'find.filter' is the wrong type 'int', expected type 'object'", { find: "c", filter: 1 }],
      [
        14,
        "'find.limit' is the wrong type 'string', expected types '[long, int, decimal, double]'",
        { find: "c", limit: "1" },
      ],
      [14, "'find.singleBatch' is the wrong type 'string'", { find: "c", singleBatch: "no" }],
      [51024, "'limit' value must be >= 0, actual value '-1'", { find: "c", limit: -1 }],
      [51024, "'skip' value must be >= 0, actual value '-1'", { count: "c", skip: new Double(-1) }],
      [9, "Hint must be a string or an object", { find: "c", hint: 1 }],
      [
        14,
        "'insert.ordered' is the wrong type 'int', expected type 'bool'",
        { insert: "c", documents: [{}], ordered: 1 },
      ],
      [
        14,
        "'insert.documents.0' is the wrong type 'int', expected type 'object'",
        { insert: "c", documents: [1] },
      ],
      [14, "'aggregate.pipeline' is the wrong type 'object'", { aggregate: "c", pipeline: {}, cursor: {} }],
      [
        14,
        "'getMore.getMore' is the wrong type 'int', expected type 'long'",
        { getMore: 1, collection: "c" },
      ],
      [14, "'killCursors.cursors.0' is the wrong type 'int'", { killCursors: "c", cursors: [1] }],
      [14, "'find.$readPreference' is the wrong type", { find: "c", $readPreference: 1 }],
      [2, "'explain.verbosity' is not a valid value", { explain: { find: "c" }, verbosity: "much" }],
      [14, "'explain.verbosity' is the wrong type 'int'", { explain: { find: "c" }, verbosity: 1 }],
      [14, "'find.readConcern.level' is the wrong type 'int'", { find: "c", readConcern: { level: 1 } }],
      [40414, "'distinct.key' is missing but a required field", { distinct: "c" }],
      [40414, "'distinct.key' is missing but a required field", { distinct: "c", key: null }],
      [40414, "'insert.documents' is missing but a required field", { insert: "c" }],
    ];
    for (const [code, message, command] of wrong) {
      const error = await serverError(run(command));
      expect(error.message, JSON.stringify(command)).toContain(message);
      expect(error.code).toBe(code);
    }
    for (const command of [
      { find: "c", filter: null, limit: new Double(2.5), hint: null, sort: null, collation: null },
      { find: "c", singleBatch: new Int32(1), limit: Long.fromNumber(1) },
      { ...UPDATE, updates: [{ q: {}, u: { $set: { a: 1 } }, multi: null, sort: null, hint: null }] },
    ]) {
      expect(await run(command)).toMatchObject({ ok: 1 });
    }
  });

  test("that only MongoDB has are refused by name, and accepted with values that change nothing", async () => {
    const refused: readonly (readonly [code: number, command: Document, ...fields: readonly string[]])[] = [
      [238, { find: "c" }, "min", "max", "returnKey", "showRecordId", "ntoreturn", "readOnce"],
      [2, { find: "c" }, "tailable"],
      [9, { find: "c" }, "awaitData"],
      [323, { find: "c" }, "apiStrict"],
      [238, { find: "c" }, "rawData", "help", "shardVersion"],
      ...["find", "count", "aggregate", "distinct", "findAndModify", "insert", "update", "delete"].map(
        (name) =>
          [
            238,
            VALID.find((command) => name in command) ?? {},
            "collectionUUID",
            "encryptionInformation",
          ] as const,
      ),
      [238, { aggregate: "c", pipeline: [], cursor: {} }, "explain"],
      [9, { findAndModify: "c", update: {} }, "arrayFilters"],
      [
        238,
        { create: "new" },
        "capped",
        "size",
        "max",
        "viewOn",
        "pipeline",
        "validator",
        "collation",
        "timeseries",
      ],
      [
        238,
        { create: "new" },
        "clusteredIndex",
        "expireAfterSeconds",
        "changeStreamPreAndPostImages",
        "encryptedFields",
      ],
      [2, { createIndexes: "c", indexes: [INDEX] }, "commitQuorum"],
      [238, { listIndexes: "c" }, "includeBuildUUIDs", "includeIndexBuildInfo"],
      [238, { renameCollection: "a.b", to: "a.c" }, "stayTemp"],
    ];
    for (const [code, command, ...fields] of refused) {
      for (const field of fields) {
        const error = await serverError(
          run({ ...command, [field]: ["size", "max"].includes(field) ? 9 : { a: true } }),
        );
        expect(error.message).toBe(
          `'${Object.keys(command)[0]}.${field}': not supported by the embedded database, set MONGO_URI to a MongoDB server`,
        );
        expect(error.code, field).toBe(code);
      }
    }
    const nothing = {
      min: {},
      max: {},
      returnKey: false,
      showRecordId: false,
      tailable: false,
      awaitData: 0,
    };
    expect(await run({ find: "c", ...nothing, rawData: false })).toMatchObject({ ok: 1 });
    for (const option of ["weights", "2dsphereIndexVersion", "wildcardProjection", "clustered"]) {
      const error = await serverError(
        run({ createIndexes: "c", indexes: [{ ...INDEX, [option]: { a: 1 } }] }),
      );
      expect([error.code, error.message]).toEqual([
        238,
        expect.stringContaining(`.${option}': not supported`),
      ]);
    }
  });

  test("of every command: concerns, API version and time limits of a standalone server", async () => {
    const at = new Timestamp({ t: 1, i: 1 });
    const insert = { insert: "c", documents: [{}] };
    const wrong: readonly (readonly [code: number, command: Document])[] = [
      [123, { find: "c", readConcern: { level: "linearizable" } }],
      [123, { find: "c", readConcern: { level: "snapshot" } }],
      [2, { find: "c", readConcern: { level: "unknown" } }],
      [20, { find: "c", readConcern: { afterClusterTime: at } }],
      [2, { ...insert, writeConcern: { w: 3 } }],
      [2, { ...insert, writeConcern: { w: "dc" } }],
      [2, { ...insert, writeConcern: { w: 51 } }],
      [2, { ...insert, writeConcern: { w: -1 } }],
      [14, { ...insert, writeConcern: { j: "yes" } }],
      [14, { ...insert, writeConcern: 1 }],
      [322, { find: "c", apiVersion: "2" }],
      [2, { find: "c", maxTimeMS: -1 }],
      [2, { find: "c", maxTimeMS: "1" }],
      [20, { ...insert, txnNumber: Long.fromNumber(1) }],
    ];
    for (const [code, command] of wrong) {
      const error = await serverError(run(command));
      expect(error.code, `${JSON.stringify(command)}: ${error.message}`).toBe(code);
    }
    for (const command of [
      {
        find: "c",
        readConcern: {},
        comment: { any: 1 },
        maxTimeMS: 1000,
        $readPreference: { mode: "secondary" },
      },
      ...["local", "available", "majority"].map((level) => ({ find: "c", readConcern: { level } })),
      ...[{}, { w: 0 }, { w: 1, j: true, wtimeout: 5 }, { w: "majority" }].map((writeConcern) => ({
        ...insert,
        writeConcern,
      })),
      { find: "c", apiVersion: "1", apiStrict: false, apiDeprecationErrors: true },
    ]) {
      expect(await run(command), JSON.stringify(command)).toMatchObject({ ok: 1 });
    }
  });
});

describe("unacknowledged writes", () => {
  test("are carried out without an answer", async () => {
    const c = server.db().collection<Document>("c");
    expect(await c.insertOne({ a: 1 }, { writeConcern: { w: 0 } })).toMatchObject({ acknowledged: false });
    await c.updateOne({ a: 1 }, { $set: { b: 2 } }, { writeConcern: { w: 0 } });
    await c.deleteOne({ none: 1 }, { writeConcern: { w: 0 } });
    await expect.poll(() => c.findOne({}, { projection: { _id: 0 } })).toEqual({ a: 1, b: 2 });
  });
});

describe("getParameter", () => {
  test("returns the parameters that clients read", async () => {
    expect(await run({ getParameter: "*" })).toMatchObject({ enableTestCommands: false });
    expect(await run({ getParameter: 1, enableTestCommands: 1 })).toEqual({
      enableTestCommands: false,
      ok: 1,
    });
    expect(await serverError(run({ getParameter: 1, foo: 1 }))).toMatchObject({
      code: 72,
      message: "no option found to get",
    });
  });
});

describe("sizes", () => {
  test("are divided by a scale", async () => {
    const db = server.db();
    await db.collection("c").insertOne({ a: "x".repeat(4000) });
    const { dataSize } = await db.command({ dbStats: 1 });
    expect(await db.command({ dbStats: 1, scale: 1024, freeStorage: 0 })).toMatchObject({
      dataSize: dataSize / 1024,
      scaleFactor: 1024,
    });
    expect(await db.command({ collStats: "c", scale: 1024 })).toMatchObject({ size: 3, scaleFactor: 1024 });
    expect(await serverError(db.command({ collStats: "c", scale: 0 }))).toMatchObject({ code: 51024 });
    const stats = (spec: Document) =>
      db
        .collection("c")
        .aggregate([{ $collStats: spec }])
        .next();
    expect(await stats({ count: {}, storageStats: { scale: 1024 } })).toMatchObject({
      count: 1,
      storageStats: { size: 3, scaleFactor: 1024 },
    });
    expect(await serverError(stats({ storageStats: { foo: 1 } }))).toMatchObject({ code: 40415 });
    expect(await serverError(stats({ latencyStats: {} }))).toMatchObject({ code: 238 });
  });
});

test("refuses by name the first command of a driver with a strict API version", async () => {
  const client = new MongoClient(server.server.uri, { serverApi: { version: "1", strict: true } });
  try {
    await expect(client.db("d").collection("c").findOne()).rejects.toMatchObject({ code: 323 });
  } finally {
    await client.close();
  }
});
