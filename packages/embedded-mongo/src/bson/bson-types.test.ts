import {
  Binary,
  BSON,
  BSONRegExp,
  type Collection,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from "mongodb";
import { describe, expect, test, vi } from "vitest";
import { useServer } from "../testing/server.js";

/** Documents of 16 MB. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const server = useServer();

const everyType = {
  _id: new ObjectId(),
  int: new Int32(1),
  double: new Double(1),
  negativeZero: new Double(-0),
  nan: new Double(Number.NaN),
  long: Long.fromNumber(1),
  large: Long.fromString("9007199254740993"),
  decimal: Decimal128.fromString("1.10"),
  text: "Käse 🦊 \u0000",
  date: new Date(1_700_000_000_123),
  before1970: new Date(-1),
  bytes: new Binary(new Uint8Array([0, 255]), 0),
  uuid: new UUID("9a3f0b6a-7c6d-4f55-8d2b-1f1d2a3b4c5d"),
  regex: new BSONRegExp("^a.b", "imx"),
  timestamp: new Timestamp({ t: 1_700_000_000, i: 7 }),
  nothing: null,
  yes: true,
  min: new MinKey(),
  max: new MaxKey(),
  z: { b: 1, a: [new Double(2), new Int32(2), [], {}] },
  "": "empty name",
  "dotted.name": 1,
};

async function raw(collection: Collection, filter: Document): Promise<Buffer> {
  const [bytes] = await collection.find(filter, { raw: true }).toArray();
  return Buffer.from(bytes instanceof Uint8Array ? bytes : []);
}

describe("stored documents", () => {
  test("are the bytes that the client sent", async () => {
    const collection = server.db().collection("c");
    await collection.insertOne(everyType);
    expect(await raw(collection, {})).toEqual(Buffer.from(BSON.serialize(everyType)));
  });

  test("keep the types of the fields that an update does not touch", async () => {
    const collection = server.db().collection("c");
    await collection.insertOne(everyType);
    await collection.updateOne({}, { $set: { "added.deep": 1 } });
    await collection.updateOne({}, { $unset: { added: "" } });
    await collection.updateOne({}, [{ $set: { added: { $add: [1, 2] } } }]);
    await collection.updateOne({}, [{ $unset: "added" }]);
    expect(await raw(collection, {})).toEqual(Buffer.from(BSON.serialize(everyType)));
  });

  test("keep the types of the fields that a projection or a pipeline's query passes on", async () => {
    const collection = server.db().collection("c");
    await collection.insertOne(everyType);
    const { nothing: _nothing, ...rest } = everyType;
    const [projected] = await collection.find({}, { raw: true, projection: { nothing: 0 } }).toArray();
    expect(Buffer.from(projected instanceof Uint8Array ? projected : [])).toEqual(
      Buffer.from(BSON.serialize(rest)),
    );
    const [matched] = await collection
      .aggregate([{ $match: { int: 1 } }, { $limit: 1 }], { raw: true })
      .toArray();
    expect(Buffer.from(matched instanceof Uint8Array ? matched : [])).toEqual(
      Buffer.from(BSON.serialize(everyType)),
    );
  });

  test("get an ObjectId as first field if they have no _id", async () => {
    const db = server.db();
    await db.command({ insert: "c", documents: [{ a: 1 }, { a: 2, _id: "own" }] });
    const documents = await db.collection("c").find().toArray();
    expect(documents.map((document) => Object.keys(document))).toEqual([
      ["_id", "a"],
      ["_id", "a"],
    ]);
    expect(documents[0]?._id).toBeInstanceOf(ObjectId);
  });

  test("have arithmetic of the wider type", async () => {
    const collection = server.db().collection("c");
    await collection.insertOne({
      int: new Int32(2_147_483_647),
      long: Long.fromString("9007199254740993"),
      double: new Double(1),
    });
    await collection.updateOne({}, { $inc: { int: 1, long: 1, double: 1 } });
    const typed = await collection.findOne({}, { promoteValues: false, projection: { _id: 0 } });
    expect(BSON.EJSON.stringify(typed, { relaxed: false })).toBe(
      BSON.EJSON.stringify(
        {
          int: Long.fromNumber(2_147_483_648),
          long: Long.fromString("9007199254740994"),
          double: new Double(2),
        },
        { relaxed: false },
      ),
    );
    await collection.updateOne({}, { $set: { long: Long.MAX_VALUE } });
    await expect(collection.updateOne({}, { $inc: { long: 1 } })).rejects.toMatchObject({ code: 2 });
  });

  test("have arithmetic of decimals", async () => {
    const collection = server.db().collection("c");
    const decimal = (text: string) => Decimal128.fromString(text);
    await collection.insertOne({
      price: decimal("1.10"),
      double: new Double(0.5),
      int: 3,
      total: decimal("2.5"),
    });
    await collection.updateOne(
      {},
      {
        $inc: { price: decimal("2.20"), double: decimal("1.0"), none: decimal("1E+3") },
        $mul: { int: decimal("1.10"), total: 2, zero: decimal("1.10") },
      },
    );
    expect(await collection.findOne({}, { promoteValues: false, projection: { _id: 0 } })).toStrictEqual({
      price: decimal("3.30"),
      double: decimal("1.500000000000000"),
      int: decimal("3.30"),
      total: decimal("5.0"),
      none: decimal("1E+3"),
      zero: decimal("0.00"),
    });
  });

  test.each([false, true])("compare decimals exactly (index: %s)", async (indexed) => {
    const collection = server.db().collection<{ _id: string; p: unknown }>("c");
    const decimal = (text: string) => Decimal128.fromString(text);
    if (indexed) {
      await collection.createIndex({ p: 1 }, { unique: true });
    }
    await collection.insertMany([
      { _id: "double", p: new Double(0.1) },
      { _id: "decimal", p: decimal("0.1") },
      { _id: "long", p: Long.fromString("9007199254740993") },
      { _id: "between", p: decimal("9007199254740993.5") },
      { _id: "one", p: decimal("1.00") },
    ]);
    const idsOf = async (p: Document | unknown) =>
      (await collection.find({ p }, { sort: { p: 1 } }).toArray()).map(({ _id }) => _id);
    expect(await idsOf(0.1)).toEqual(["double"]);
    expect(await idsOf(decimal("0.10"))).toEqual(["decimal"]);
    expect(await idsOf(1)).toEqual(["one"]);
    expect(await idsOf(decimal("9007199254740993"))).toEqual(["long"]);
    expect(await idsOf({ $gt: decimal("0.1"), $lt: 2 })).toEqual(["double", "one"]);
    expect(await idsOf({ $lte: decimal("0.1") })).toEqual(["decimal"]);
    expect(await idsOf({ $gt: Long.fromString("9007199254740993") })).toEqual(["between"]);
    expect(await idsOf({ $in: [0.1, decimal("9007199254740993.50")] })).toEqual(["double", "between"]);
    expect(await idsOf({ $ne: null })).toEqual(["decimal", "double", "one", "long", "between"]);
    expect(await collection.distinct("p", { p: { $lt: 1 } })).toHaveLength(2);
  });

  test("may have 16 MB, and not a byte more", async () => {
    const collection = server.db().collection<{ _id: number; text: string }>("c");
    const overhead = BSON.calculateObjectSize({ _id: 1, text: "" });
    await collection.insertOne({ _id: 1, text: "x".repeat(16 * 1024 * 1024 - overhead) });
    expect((await collection.findOne({ _id: 1 }))?.text).toHaveLength(16 * 1024 * 1024 - overhead);
    await expect(collection.updateOne({ _id: 1 }, { $set: { more: 1 } })).rejects.toMatchObject({
      code: 10334,
    });
    const answer = await server.db().command({
      insert: "c",
      documents: [{ text: "x".repeat(16 * 1024 * 1024) }],
    });
    expect(answer).toMatchObject({ n: 0, writeErrors: [{ index: 0, code: 10334 }] });
  });
});
