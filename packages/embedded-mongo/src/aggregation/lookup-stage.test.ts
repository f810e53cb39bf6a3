import type { Document } from "mongodb";
import { describe, expect, test } from "vitest";
import { useServer } from "../testing/server.js";

const server = useServer();

describe("$lookup", () => {
  const found = [{ _id: 1, k: 5 }];
  const cases: readonly [string, Document, Document][] = [
    ["found", { k: 5 }, { k: 5, found }],
    ["k", { k: 5 }, { k: found }],
    ["x.y", { k: 5 }, { k: 5, x: { y: found } }],
    ["x.y", { k: 5, x: { z: 1, y: 2 } }, { k: 5, x: { z: 1, y: found } }],
    ["x.y.z", { k: 5, x: { y: 1 } }, { k: 5, x: { y: { z: found } } }],
    ["x.y", { k: 5, x: null }, { k: 5, x: { y: found } }],
    ["x.y", { k: 6 }, { k: 6, x: { y: [] } }],
  ];

  test.each(cases)("as %s, of %j", async (as, document, expected) => {
    const db = server.db();
    await db
      .collection<Document>("others")
      .insertMany([...found, { k: 7 }].map((other): Document => ({ ...other })));
    await db.collection("c").insertOne({ ...document });
    const lookup = { $lookup: { from: "others", localField: "k", foreignField: "k", as } };
    expect(
      await db
        .collection("c")
        .aggregate([lookup, { $unset: "_id" }])
        .toArray(),
    ).toEqual([expected]);
  });
});
