import { type Db, type Document, MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { serverError, useServer } from "../../src/testing/server.js";

/** Loads 50,000 documents, and runs commands that would take minutes. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const server = useServer();
const COUNT = 25_000;

describe("while a command takes long", () => {
  let db: Db;
  let other: MongoClient;
  beforeAll(async () => {
    db = server.db();
    const text = "all of this has to be looked at ".repeat(10);
    const documents = Array.from({ length: COUNT }, (_, _id) => ({ _id, foreign: COUNT - _id, text }));
    for (const name of ["things", "others"]) {
      await db.collection<{ _id: number }>(name).insertMany(documents);
    }
    other = await new MongoClient(server.server.uri).connect();
  });
  afterAll(async () => {
    await other.close();
    await db.dropDatabase();
  });

  const lookup = { $lookup: { from: "others", localField: "_id", foreignField: "foreign", as: "joined" } };
  const commands: readonly (readonly [name: string, command: Document])[] = [
    [
      "a $lookup without an index",
      { aggregate: "things", pipeline: [lookup, { $match: { joined: [] } }], cursor: {} },
    ],
    [
      "a $lookup with a pipeline",
      {
        aggregate: "things",
        pipeline: [
          {
            $lookup: {
              from: "others",
              let: { id: "$_id" },
              pipeline: [{ $match: { $expr: { $eq: ["$foreign", { $add: ["$$id", 0] }] } } }],
              as: "joined",
            },
          },
          { $count: "n" },
        ],
        cursor: {},
      },
    ],
    [
      "a filter without an index",
      {
        find: "things",
        filter: { $nor: Array.from({ length: 5_000 }, (_, i) => ({ [`n${i}`]: i })), none: 1 },
      },
    ],
    [
      "a computation over each document",
      {
        aggregate: "things",
        pipeline: [
          {
            $project: {
              x: {
                $sum: {
                  $map: {
                    input: { $literal: Array.from({ length: 5_000 }, (_, i) => i) },
                    in: { $multiply: ["$$this", 2] },
                  },
                },
              },
            },
          },
          { $group: { _id: null, sum: { $sum: "$x" } } },
        ],
        cursor: {},
      },
    ],
    [
      "an update of each document",
      {
        update: "things",
        updates: [
          {
            q: { $nor: Array.from({ length: 5_000 }, (_, i) => ({ [`n${i}`]: i })) },
            u: { $set: { seen: true } },
            multi: true,
          },
        ],
      },
    ],
  ];

  test.each(commands)(
    "others are answered within 100 ms, half of the time at least: %s",
    async (_name, command) => {
      const aborted = new AbortController();
      const long = expect(
        db.command({ ...command, comment: "long" }, { signal: aborted.signal }),
      ).rejects.toThrow();
      const times: number[] = [];
      while (times.length < 25) {
        const started = performance.now();
        await other.db("admin").command({ ping: 1 });
        times.push(performance.now() - started);
      }
      const { inprog }: Document = await other.db("admin").command({ currentOp: 1 });
      expect(inprog).toContainEqual(
        expect.objectContaining({ command: expect.objectContaining({ comment: "long" }) }),
      );
      expect(times.toSorted((a, b) => a - b)[12]).toBeLessThan(100);
      aborted.abort();
      await long;
    },
  );

  test.each(commands)("maxTimeMS of 200 ends it within a second: %s", async (_name, command) => {
    const started = performance.now();
    expect(await serverError(db.command({ ...command, maxTimeMS: 200 }))).toMatchObject({ code: 50 });
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
