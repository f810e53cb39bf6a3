import { BSON, type Document } from "mongodb";
import { describe, expect, test } from "vitest";
import { useServer } from "../testing/server.js";

const { serialize } = BSON;

/** A document in that order, which an object literal cannot have. */
function inOrder(...entries: [string, unknown][]): Map<string, unknown> {
  return new Map(entries);
}

describe('fields with numeric names ("1") keep their positions', () => {
  const server = useServer();

  /** Stores a document, updates it, and gives back its bytes. */
  async function updated(before: Map<string, unknown>, update: Document | Document[]): Promise<Buffer> {
    const collection = server.db().collection<Document>("c");
    await collection.insertOne(before);
    await collection.updateOne({}, update);
    const [raw] = await collection.find({}, { raw: true, projection: { _id: 0 } }).toArray();
    return Buffer.from(raw instanceof Uint8Array ? raw : []);
  }

  const cases: readonly [string, Map<string, unknown>, Document | Document[], Map<string, unknown>][] = [
    [
      "a new field",
      inOrder(["b", { b: 0 }]),
      { $min: { "b.0": 0 } },
      inOrder(["b", inOrder(["b", 0], ["0", 0])]),
    ],
    [
      "several new fields, in the order of their numbers",
      inOrder(["b", 1]),
      { $set: { "d.10": 1, "d.9": 1, "d.a": 1 } },
      inOrder(["b", 1], ["d", inOrder(["9", 1], ["10", 1], ["a", 1])]),
    ],
    [
      "an operator elsewhere",
      inOrder(["x", 1], ["2", "two"], ["1", inOrder(["z", 1], ["0", 1])]),
      { $inc: { x: 1 } },
      inOrder(["x", 2], ["2", "two"], ["1", inOrder(["z", 1], ["0", 1])]),
    ],
    [
      "a value that is pushed",
      inOrder(["list", []]),
      { $push: { list: inOrder(["z", 1], ["0", 1]) } },
      inOrder(["list", [inOrder(["z", 1], ["0", 1])]]),
    ],
    [
      "a field that is removed within",
      inOrder(["a", inOrder(["z", 1], ["y", 1], ["0", 1])]),
      { $unset: { "a.y": "" } },
      inOrder(["a", inOrder(["z", 1], ["0", 1])]),
    ],
    [
      "a pipeline",
      inOrder(["z", inOrder(["y", 1], ["0", 1])], ["5", 1]),
      [{ $set: { "z.1": "$5", "4": "four" } }],
      inOrder(["z", inOrder(["y", 1], ["0", 1], ["1", 1])], ["5", 1], ["4", "four"]),
    ],
  ];

  test.each(cases)("%s", async (_name, before, update, after) => {
    expect(await updated(before, update)).toEqual(Buffer.from(serialize(after)));
  });

  test("in a filter, a sort, an index and a pipeline", async () => {
    const collection = server.db().collection<Document>("c");
    await collection.insertMany([
      inOrder(["_id", 1], ["v", inOrder(["z", 1], ["0", 1])], ["b", 1], ["0", 2]),
      inOrder(["_id", 2], ["v", { 0: 1, z: 1 }], ["b", 2], ["0", 1]),
    ]);
    expect(await collection.distinct("_id", { v: inOrder(["z", 1], ["0", 1]) })).toEqual([1]);
    const byB = await collection
      .find()
      .sort(
        new Map([
          ["b", -1],
          ["0", 1],
        ] as const),
      )
      .toArray();
    expect(byB.map(({ _id }) => _id)).toEqual([2, 1]);
    await collection.createIndex(
      new Map([
        ["b", 1],
        ["0", -1],
      ] as const),
    );
    const key = Buffer.from(serialize({ key: inOrder(["b", 1], ["0", -1]) })).subarray(4, -1);
    for (const cursor of [
      collection.listIndexes({ raw: true }),
      collection.aggregate([{ $indexStats: {} }], { raw: true }),
    ]) {
      const [, index] = await cursor.toArray();
      expect(Buffer.from(index instanceof Uint8Array ? index : []).includes(key)).toBe(true);
    }
    const [raw] = await collection
      .aggregate([{ $match: { _id: 1 } }, { $set: { n: 1 } }, { $unset: "n" }], { raw: true })
      .toArray();
    expect(Buffer.from(raw instanceof Uint8Array ? raw : [])).toEqual(
      Buffer.from(serialize(inOrder(["_id", 1], ["v", inOrder(["z", 1], ["0", 1])], ["b", 1], ["0", 2]))),
    );
  });
});
