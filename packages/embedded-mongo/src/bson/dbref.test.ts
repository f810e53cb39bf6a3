import { BSON, type Collection, type Document } from "mongodb";
import { expect, test } from "vitest";
import { useServer } from "../testing/server.js";

const server = useServer();

/** `bson` would put `x` last, and take "fs" for the database. */
const dbref = { x: 1, $ref: "fs.files", $id: 5, 7: { $ref: "other", $id: 1.5, $db: "d" } };

test.each<[name: string, before: Document, update: Document | Document[], after: Document]>([
  ["an update of another field", { n: 1, a: dbref }, { $inc: { n: 1 } }, { n: 2, a: dbref }],
  ["an update within", { a: dbref }, { $set: { "a.x": 2 } }, { a: { ...dbref, x: 2 } }],
  ["$set", { n: 1 }, { $set: { a: dbref } }, { n: 1, a: dbref }],
  ["$push", { a: [dbref] }, { $push: { a: dbref } }, { a: [dbref, dbref] }],
  ["$addToSet", { a: [dbref] }, { $addToSet: { a: dbref } }, { a: [dbref] }],
  ["$pull", { a: [dbref, 1] }, { $pull: { a: { $ref: "fs.files", $id: 5 } } }, { a: [1] }],
  ["a pipeline", { n: 1 }, [{ $set: { a: { $literal: dbref } } }], { n: 1, a: dbref }],
])("%s leaves DBRefs unchanged", async (_name, before, update, after) => {
  const collection = server.db().collection<Document>("c");
  await collection.insertOne(before);
  await collection.updateOne({}, update);
  expect(await stored(collection)).toEqual(Buffer.from(BSON.serialize(after)));
});

test("an upsert takes a DBRef from its filter unchanged", async () => {
  const collection = server.db().collection<Document>("c");
  await collection.updateOne({ a: dbref }, { $set: { b: 1 } }, { upsert: true });
  expect(await stored(collection)).toEqual(Buffer.from(BSON.serialize({ a: dbref, b: 1 })));
  expect(await collection.countDocuments({ a: dbref })).toBe(1);
  expect(await collection.distinct("a.$ref")).toEqual(["fs.files"]);
});

/** The bytes of the one document, without its `_id`. */
async function stored(collection: Collection<Document>): Promise<Buffer> {
  const [raw] = await collection.find({}, { raw: true, projection: { _id: 0 } }).toArray();
  return Buffer.from(raw instanceof Uint8Array ? raw : []);
}
