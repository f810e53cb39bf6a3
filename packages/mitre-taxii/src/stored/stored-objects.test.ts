import { expect, test } from "vitest";
import { readStoredObjects } from "./stored-objects.js";

const collectionId = "x-mitre-collection--1";

/** A store that holds nothing but these documents. */
function storeOf(documents: readonly { readonly _id: string; readonly releases?: readonly string[] }[]) {
  return {
    async *find() {
      for (const { _id, releases } of documents) {
        yield { _id, enriched: releases === undefined ? {} : { releases } };
      }
    },
    count: async () => documents.length,
    exists: async () => documents.length > 0,
  };
}

test("tells by all later releases what became of an object's version", async () => {
  const objects = await readStoredObjects(
    storeOf([
      { _id: `${collectionId}/tool--stays/2`, releases: ["9.0", "18.1"] },
      { _id: `${collectionId}/tool--gone/1`, releases: ["9.0"] },
      { _id: `${collectionId}/tool--gone/2`, releases: ["10.1"] },
      { _id: `${collectionId}/tool--unlabelled/1` },
    ]),
    collectionId,
    "18.1",
  );
  expect(objects.isCurrent("tool--stays")).toBe(true);
  expect(objects.removalOf("tool--stays", "8.0")).toBe("superseded");
  expect(objects.isCurrent("tool--gone")).toBe(false);
  expect(objects.removalOf("tool--gone", "9.0")).toBe("superseded");
  expect(objects.removalOf("tool--gone", "10.1")).toBe("withdrawn");
  expect(objects.removalOf("tool--unlabelled", "10.1")).toBe("withdrawn");
  objects.add("tool--unlabelled", "11.0");
  expect(objects.removalOf("tool--unlabelled", "10.1")).toBe("superseded");
  expect(objects.isCurrent("tool--unlabelled")).toBe(false);
});
