import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { encode, wholeDocument } from "../bson/raw-value.js";
import { ensureCollection, openDatabase } from "./database.js";
import { findRecords } from "./find-records.js";
import { insertRecord } from "./write-records.js";

test("a search of an index pauses between values that it does not have", async () => {
  const folder = mkdtempSync(join(tmpdir(), "find-records-test-"));
  const database = openDatabase(folder, false);
  const things = database.write(() => {
    const collection = ensureCollection(database, "d", "things");
    database.catalog.addIndex(collection, { name: "n_1", key: [["n", 1]], unique: false, sparse: false });
    insertRecord(database, collection, encode({ _id: 1, n: 1 }));
    return collection;
  });
  const values = Array.from({ length: 1_000 }, (_, i) => -1 - i);
  const filter = wholeDocument(encode({ n: { $in: values } }));
  expect([...findRecords(database, things, { filter })]).toHaveLength(3);
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});
