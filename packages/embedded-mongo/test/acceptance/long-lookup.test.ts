import { type Db, type Document, MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type EmbeddedMongo, startEmbeddedMongo } from "../../src/server/start-embedded-mongo.js";
import { serverError } from "../../src/testing/server.js";

/** Fills collections, and starts what would take minutes. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const COUNT = 25_000;
const PINGS = 100;
const lookup = { $lookup: { from: "others", localField: "v", foreignField: "v", as: "found" } };
const pipeline = [lookup, { $match: { "found.v": -1 } }];

describe(`an unindexed $lookup of ${COUNT} documents in ${COUNT}`, () => {
  let server: EmbeddedMongo;
  let client: MongoClient;
  let other: MongoClient;
  let db: Db;
  beforeAll(async () => {
    server = await startEmbeddedMongo();
    client = await new MongoClient(server.uri).connect();
    other = await new MongoClient(server.uri).connect();
    db = client.db("test");
    const documents = () => Array.from({ length: COUNT }, (_, v) => ({ v }));
    await db.collection("some").insertMany(documents());
    await db.collection("others").insertMany(documents());
  });
  afterAll(async () => {
    await client?.close();
    await other?.close();
    await server?.close();
  });

  test("lets others get answers within 100 ms, and ends when it is killed", async () => {
    const admin = other.db("admin");
    const ended = serverError(db.collection("some").aggregate(pipeline, { comment: "long" }).toArray());
    const running = async (): Promise<Document | undefined> => {
      const { inprog } = await admin.command({ currentOp: 1 });
      return inprog.find(({ command }: Document) => command.comment === "long");
    };
    await expect.poll(running).toBeDefined();
    const waits: number[] = [];
    for (let i = 0; i < PINGS; i++) {
      const started = performance.now();
      await admin.command({ ping: 1 });
      waits.push(performance.now() - started);
    }
    const stillRuns = await running();
    expect(stillRuns).toBeDefined();
    await admin.command({ killOp: 1, op: stillRuns?.opid });
    expect(await ended).toMatchObject({ code: 11601 });
    expect(waits.sort((a, b) => a - b)[PINGS / 2]).toBeLessThan(100);
  });

  test("ends with code 50 within a second if maxTimeMS is 200", async () => {
    const started = performance.now();
    const ended = await serverError(db.collection("some").aggregate(pipeline, { maxTimeMS: 200 }).toArray());
    expect(ended).toMatchObject({ code: 50, codeName: "MaxTimeMSExpired" });
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
