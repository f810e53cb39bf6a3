import { expect, test } from "vitest";
import { parseVersionDocumentId, versionDocumentId, versionOf } from "./document-id.js";

test("takes modified, else created, else none for the version of an object", () => {
  const object = { type: "tool", id: "tool--1" };
  expect(versionOf({ ...object, created: "a", modified: "b" })).toBe("b");
  expect(versionOf({ ...object, created: "a", modified: 3 })).toBe("a");
  expect(versionOf({ ...object, created: "" })).toBe("unversioned");
});

test("finds object and version again in an id that it made, and in no other", () => {
  const id = versionDocumentId("c--1", "tool--1", "2024-01-01T00:00:00.000Z");
  expect(id).toBe("c--1/tool--1/2024-01-01T00:00:00.000Z");
  expect(parseVersionDocumentId("c--1", id)).toEqual({
    objectId: "tool--1",
    version: "2024-01-01T00:00:00.000Z",
  });
  expect(parseVersionDocumentId("c--2", id)).toBeUndefined();
  expect(parseVersionDocumentId("c--1", "c--1/tool--1")).toBeUndefined();
});
