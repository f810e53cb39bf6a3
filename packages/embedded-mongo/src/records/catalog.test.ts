import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serialize } from "bson";
import { expect, onTestFinished, test } from "vitest";
import { openRecordStore } from "../storage/record-store.js";
import { openCatalog } from "./catalog.js";

test("takes every path of a multikey index for an array where an earlier version did not say which", async () => {
  const folder = mkdtempSync(join(tmpdir(), "catalog-"));
  const store = openRecordStore(folder, false);
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const stored = { unique: false, sparse: false, truncated: false, isUnfinished: false };
  const key = ["tags", "n"].map((path) => ({ path, direction: 1 }));
  const record = {
    ...{ db: "test", name: "c", id: 1, uuid: "00000000-0000-0000-0000-000000000000", count: 0, dataSize: 0 },
    idIndex: { ...stored, id: 2, name: "_id_", key: [{ path: "_id", direction: 1 }], multikey: false },
    indexes: [
      { ...stored, id: 3, name: "old", key, multikey: true },
      { ...stored, id: 4, name: "new", key, multikeyPaths: ["tags"] },
    ],
  };
  store.transaction(() => store.catalog.put(Buffer.from("c/test.c"), Buffer.from(serialize(record))));
  const collection = openCatalog(store).get("test", "c");
  expect(collection?.indexes.map(({ multikeyPaths }) => multikeyPaths)).toEqual([["tags", "n"], ["tags"]]);
  expect(collection?.idIndex.multikeyPaths).toEqual([]);
});
