import { BSONRegExp, BSONSymbol, type Collection, type Document } from "mongodb";
import { beforeAll, describe, expect, test } from "vitest";
import { serverError, useServer } from "../testing/server.js";

interface Stored {
  _id: number;
  v: unknown;
}

const server = useServer();
let collection: Collection<Stored>;

beforeAll(async () => {
  collection = server.db().collection<Stored>("c");
  await collection.insertMany([
    { _id: 1, v: "Abc" },
    { _id: 2, v: "abc" },
    { _id: 3, v: ["x", "ABC"] },
    { _id: 4, v: new BSONRegExp("^ab", "i") },
    { _id: 5, v: new BSONSymbol("abd") },
    { _id: 6, v: 1 },
    { _id: 7, v: [{ w: "abc" }, { w: "b" }] },
    { _id: 8, v: "ab😀" },
  ]);
});

describe("a filter finds texts, symbols, elements of arrays, and the same regular expression", () => {
  const regex = new BSONRegExp("^ab", "i");
  test.each<[string, Document, number[]]>([
    ["a value", { v: regex }, [1, 2, 3, 4, 5, 8]],
    ["other options: not the stored one", { v: /^ab/ }, [2, 5, 8]],
    ["$regex", { v: { $regex: "^ab.$" } }, [2, 5, 8]],
    ["$regex and $options", { v: { $options: "i", $regex: "^ab" } }, [1, 2, 3, 4, 5, 8]],
    ["$regex of a regular expression", { v: { $regex: /^AB/i } }, [1, 2, 3, 5, 8]],
    ["empty $options before it", { v: { $options: "", $regex: /^AB/i } }, [1, 2, 3, 5, 8]],
    ["$in", { v: { $in: [/^x/, "abc", 1] } }, [2, 3, 6]],
    ["$nin", { v: { $nin: [regex, 1] } }, [7]],
    ["$all", { v: { $all: [/^x$/, /^abc$/i] } }, [3]],
    ["$not", { v: { $not: regex } }, [6, 7]],
    ["$not of $regex and $options", { v: { $not: { $regex: "^AB", $options: "i" } } }, [4, 6, 7]],
    ["$elemMatch of a value", { v: { $elemMatch: { $regex: "B" } } }, [3]],
    ["$elemMatch of documents", { v: { $elemMatch: { w: /^b/ } } }, [7]],
    ["a path through an array", { "v.w": /^a.c$/ }, [7]],
  ])("%s", async (_name, filter, ids) => {
    const found = await collection.find(filter, { sort: { _id: 1 } }).toArray();
    expect(found.map(({ _id }) => _id)).toEqual(ids);
  });
});

test("$pull takes them out of arrays", async () => {
  const pulled = server.db().collection<{ _id: number; v: string[] }>("c");
  await pulled.insertOne({ _id: 1, v: ["ab", "AB", "c"] });
  await pulled.updateOne({}, { $pull: { v: { $regex: "^\\Qab\\E", $options: "i" } } });
  expect(await pulled.findOne()).toEqual({ _id: 1, v: ["c"] });
  await pulled.updateOne({}, { $pull: { v: new BSONRegExp("^\\p{Ll}$") } });
  expect(await pulled.findOne()).toEqual({ _id: 1, v: [] });
});

describe("invalid patterns and options have MongoDB's codes", () => {
  test.each<[Document, number]>([
    [{ v: { $regex: 1 } }, 2],
    [{ v: { $options: "i" } }, 2],
    [{ v: { $regex: "a", $options: 1 } }, 2],
    [{ v: { $regex: "a\0b" } }, 2],
    [{ v: { $options: "i", $regex: /a/i } }, 51074],
    [{ v: { $regex: /a/i, $options: "" } }, 51075],
    [{ v: { $regex: "(" } }, 51091],
    [{ v: { $in: [new BSONRegExp("a(?!b)")] } }, 51091],
    [{ v: { $regex: "a", $options: "g" } }, 51108],
  ])("%j", async (filter, code) => {
    expect(await serverError(collection.find(filter).toArray())).toMatchObject({ code });
  });
});

test("a pattern that backtracks answers in time", async () => {
  const long = server.db().collection<{ _id: number; v: string }>("c");
  await long.insertOne({ _id: 1, v: `${"a".repeat(50_000)}b` });
  expect(await long.countDocuments({ v: /(a+)+$/ })).toBe(0);
});
