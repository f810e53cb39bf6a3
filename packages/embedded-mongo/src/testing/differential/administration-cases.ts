import { Binary, type Document } from "mongodb";
import { type DifferentialCase, only, refusal, run } from "./step.js";

/** Only that the fields are there and of which type: their values belong to the server. */
function typesOf(...fields: string[]): (reply: Document) => Document {
  return (reply) => ({
    ok: reply.ok,
    ...Object.fromEntries(fields.map((field) => [field, typeof reply[field]])),
  });
}

/** The server generates `info.uuid`, and `idIndex` has a format of its own. */
function collectionsOf(reply: Document): Document {
  const { firstBatch, ...cursor } = reply.cursor;
  const described: readonly Document[] = firstBatch;
  return {
    ok: reply.ok,
    cursor: { ...cursor, firstBatch: described.map(({ name, type, options }) => ({ name, type, options })) },
  };
}

/** The order of an index's options does not count. */
function indexesOf(reply: Document): Document {
  const described: readonly Document[] = reply.cursor?.firstBatch ?? [];
  return { ok: reply.ok, indexes: Object.fromEntries(described.map((index) => [index.name, index])) };
}

export const administrationCases: readonly DifferentialCase[] = [
  {
    name: "handshake: fields that drivers rely on",
    steps: [
      run({ ping: 1 }),
      run({ ping: 1 }, { db: "admin" }),
      ...["hello", "isMaster", "ismaster"].map((name) =>
        run(
          { [name]: 1 },
          {
            db: "admin",
            see: only(
              "maxBsonObjectSize",
              "maxMessageSizeBytes",
              "maxWriteBatchSize",
              "logicalSessionTimeoutMinutes",
              "readOnly",
              "ok",
            ),
          },
        ),
      ),
      run({ hello: 1 }, { see: only("isWritablePrimary", "ok") }),
      run({ isMaster: 1 }, { see: only("ismaster", "ok") }),
      run({ hello: 1 }, { see: typesOf("minWireVersion", "maxWireVersion", "localTime", "connectionId") }),
      run(
        { buildInfo: 1 },
        { see: typesOf("version", "versionArray", "maxBsonObjectSize", "bits", "debug", "gitVersion") },
      ),
      run({ buildinfo: 1 }, { db: "admin", see: only("ok", "maxBsonObjectSize") }),
      run(
        { serverStatus: 1 },
        { db: "admin", see: typesOf("host", "version", "process", "uptime", "localTime", "connections") },
      ),
    ],
  },
  {
    name: "sessions: endSessions, and an unknown command",
    steps: [
      run({ endSessions: [{ id: new Binary(new Uint8Array(16).fill(3), 4) }] }, { db: "admin" }),
      run({ noSuchCommand: 1 }),
      run({ nosuchcommand: 1 }, { db: "admin" }),
      run({ Ping: 1 }),
    ],
  },
  {
    name: "createIndexes, listIndexes, dropIndexes",
    steps: [
      run({ createIndexes: "c", indexes: [{ key: { a: 1 }, name: "a_1" }] }),
      run({ createIndexes: "c", indexes: [{ key: { a: 1 }, name: "a_1" }] }),
      run({
        createIndexes: "c",
        indexes: [
          { key: { b: -1, "c.d": 1 }, name: "b_-1_c.d_1", unique: true },
          { key: { e: 1 }, name: "mine", sparse: true },
        ],
      }),
      run({ createIndexes: "c", indexes: [{ key: { a: 1 }, name: "other" }] }),
      run({ createIndexes: "c", indexes: [{ key: { z: 1 }, name: "a_1" }] }),
      run({ createIndexes: "c", indexes: [{ key: { a: 1 }, name: "a_1", unique: true }] }),
      run({ createIndexes: "c", indexes: [{ key: { _id: 1 }, name: "_id_" }] }),
      run({ createIndexes: "c" }, { see: refusal }),
      run({ createIndexes: "c", indexes: [{ key: {}, name: "empty" }] }),
      run({ createIndexes: "c", indexes: [{ key: { x: 1 } }] }, { see: refusal }),
      run({ createIndexes: "c", indexes: [{ key: { x: "nope" }, name: "x" }] }),
      run({ listIndexes: "c" }, { see: indexesOf }),
      run({ listIndexes: "none" }),
      run({ dropIndexes: "c", index: "mine" }),
      run({ dropIndexes: "c", index: "mine" }),
      run({ dropIndexes: "c", index: { a: 1 } }),
      run({ dropIndexes: "c", index: "_id_" }),
      run({ dropIndexes: "c", index: "*" }, { see: only("ok", "nIndexesWas") }),
      run({ dropIndexes: "none", index: "*" }),
      run({ listIndexes: "c" }, { see: indexesOf }),
    ],
  },
  {
    name: "sparse unique indexes leave out documents without the field",
    steps: [
      run({ createIndexes: "c", indexes: [{ key: { u: 1 }, name: "u_1", unique: true, sparse: true }] }),
      run({ insert: "c", documents: [{ _id: 1 }] }),
      run({ insert: "c", documents: [{ _id: 2 }] }),
      run({ insert: "c", documents: [{ _id: 3, u: null }] }),
      run({ insert: "c", documents: [{ _id: 4, u: null }] }),
      run({ find: "c", filter: { u: null }, sort: { _id: 1 } }),
    ],
  },
  {
    name: "collections: create, listCollections, drop",
    steps: [
      run({ listCollections: 1 }, { see: collectionsOf }),
      run({ create: "a" }),
      run({ create: "a" }),
      run({ insert: "b", documents: [{ _id: 1 }] }),
      run({ insert: "with.dot", documents: [{ _id: 1 }] }),
      run({ createIndexes: "indexed", indexes: [{ key: { a: 1 }, name: "a_1" }] }),
      run({ listCollections: 1 }, { see: collectionsOf }),
      run({ listCollections: 1, nameOnly: true }),
      run({ listCollections: 1, filter: { name: "b" }, nameOnly: true }),
      run({ listCollections: 1, filter: { name: /^i/ } }, { see: collectionsOf }),
      run({ drop: "a" }),
      run({ drop: "indexed" }, { see: only("ok", "ns") }),
      run({ find: "indexed" }),
      run({ listIndexes: "indexed" }),
      run({ insert: "b", documents: [{ _id: 1 }] }),
      run({ drop: "b" }),
      run({ insert: "b", documents: [{ _id: 1 }] }),
      run({ insert: "$bad", documents: [{ _id: 1 }] }),
      run({ create: "" }),
    ],
  },
  {
    name: "dropDatabase empties it, and the names can be used again",
    steps: [
      run({ insert: "a", documents: [{ _id: 1, u: 1 }] }),
      run({ createIndexes: "a", indexes: [{ key: { u: 1 }, name: "u_1", unique: true }] }),
      run({ dropDatabase: 1 }, { see: only("ok") }),
      run({ dropDatabase: 1 }, { see: only("ok") }),
      run({ listCollections: 1, nameOnly: true }),
      run({ count: "a" }),
      run({
        insert: "a",
        documents: [
          { _id: 1, u: 1 },
          { _id: 2, u: 1 },
        ],
      }),
    ],
  },
];
