import { type Document, Long } from "mongodb";
import { expect, test } from "vitest";
import { useServer } from "../testing/server.js";

const server = useServer();

test("findAndModify returns a date that JavaScript cannot hold", async () => {
  const collection = server.db().collection<Document>("c");
  await collection.insertOne({ ms: Long.MAX_VALUE });
  await collection.updateOne({}, [{ $set: { date: { $toDate: "$ms" } } }]);
  const expected = { date: new Date(Number.NaN), ms: Long.MAX_VALUE };
  const options = { projection: { _id: 0 } };
  for (const returnDocument of ["before", "after"] as const) {
    expect(
      await collection.findOneAndUpdate({}, { $unset: { none: 1 } }, { ...options, returnDocument }),
    ).toEqual(expected);
  }
  expect(await collection.findOneAndDelete({}, options)).toEqual(expected);
  expect(await collection.findOneAndDelete({}, options)).toBeNull();
});
