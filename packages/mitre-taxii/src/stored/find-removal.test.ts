import type { LoadDocument, StoreReader } from "@cti-connectors/core";
import { expect, test } from "vitest";
import { findRemoval } from "./find-removal.js";

const idOf = (version: string) => `c/attack-pattern--1/${version}`;
const document: LoadDocument = {
  collection: "objects",
  _id: idOf("2025-01-01T00:00:00.000Z"),
  data: { collection_id: "c", objects: [{ id: "attack-pattern--1" }] },
  enriched: {},
};

function storeWith(records: readonly Readonly<Record<string, unknown>>[]): StoreReader {
  return {
    async *find(collection, filter) {
      expect([collection, filter]).toEqual([
        "manifest",
        { "data.collection_id": "c", "data.objects.id": "attack-pattern--1" },
      ]);
      yield* records;
    },
    count: async () => records.length,
    exists: async () => records.length > 0,
  };
}

const removed = { removed_at: new Date(0) };

test.each<[string, Readonly<Record<string, unknown>>[], string | undefined]>([
  ["nothing is known", [], undefined],
  ["it is listed", [{ _id: document._id, removed_at: null }], undefined],
  ["it was superseded", [{ _id: document._id, ...removed, removed_reason: "superseded" }], "superseded"],
  ["it was withdrawn", [{ _id: document._id, ...removed, removed_reason: "withdrawn" }], "withdrawn"],
  ["a newer version is listed", [{ _id: idOf("2025-02-01T00:00:00.000Z"), removed_at: null }], "superseded"],
  ["a newer version was listed", [{ _id: idOf("2025-02-01T00:00:00.000Z"), ...removed }], undefined],
  ["an older version is listed", [{ _id: idOf("2024-02-01T00:00:00.000Z"), removed_at: null }], undefined],
])("where %s", async (_name, records, expected) => {
  expect(await findRemoval(document, storeWith(records))).toBe(expected);
});

test("a document of another shape is left as listed", async () => {
  expect(await findRemoval({ ...document, data: null }, storeWith([]))).toBeUndefined();
});
