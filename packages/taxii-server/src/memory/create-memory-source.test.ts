import { describe, expect, test } from "vitest";
import { TaxiiRefusal } from "../protocol/taxii-refusal.js";
import { root } from "../testing/content.js";
import { createMemorySource, type MemoryCollection } from "./create-memory-source.js";

const create = (bundles: MemoryCollection["bundles"]) =>
  createMemorySource([{ path: "/api/", title: "", collections: [{ id: "c", title: "", bundles }] }]);
const query = { root: "/api/", collection: "c", filter: { versions: "all" }, limit: 10 } as const;
const note = (number: number) => ({ type: "note", id: `note--${number}` });

describe("a bundle", () => {
  test("that names an earlier time than the one before came right after it", async () => {
    const source = create([
      { addedAt: "2026-02-01T00:00:00Z", objects: [note(1), note(2)] },
      { addedAt: "2026-01-01T00:00:00Z", objects: [note(2), note(3)] },
      { addedAt: "2026-02-01T00:00:00.5Z", objects: [note(4)] },
    ]);
    const { records } = await source.readPage(query);
    expect(records.map(({ id, dateAdded }) => [id, dateAdded.slice(17)])).toEqual([
      ["note--1", "00.000001Z"],
      ["note--2", "00.000002Z"],
      ["note--3", "00.000003Z"],
      ["note--4", "00.500001Z"],
    ]);
  });

  test.each([
    [{ addedAt: "yesterday", objects: [] }, /^addedAt of a bundle is no RFC 3339 timestamp: "yesterday"$/],
    [{ addedAt: "2026-01-01T00:00:00Z", objects: [note(1), { type: "note" }] }, /^object 1 of a bundle.*id/s],
    [{ addedAt: "2026-01-01T00:00:00Z", objects: [null] }, /^object 0 of a bundle is not a STIX object/],
  ])("is refused where it is none: %j", (bundle, message) => {
    expect(() => create([bundle])).toThrow(message);
  });
});

test("a position that is none is a bad request, and one behind the last object an empty page", async () => {
  const source = create([{ addedAt: "2026-01-01T00:00:00Z", objects: [note(1)] }]);
  for (const after of ["", "1", "2026-01-01", "2026-01-01T00:00:00Z"]) {
    const refusal: unknown = await source.readPage({ ...query, after }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(TaxiiRefusal);
    expect(refusal).toMatchObject({ answer: { status: 400 } });
  }
  expect(await source.readPage({ ...query, after: "2026-01-01T00:00:00.000001Z" })).toMatchObject({
    records: [],
  });
});

test("the stamp is the same for the same content, and another for another", async () => {
  const stampOf = (content = root) => createMemorySource([content]).stamp?.("/api/");
  const [first, ...others] = root.collections;
  const changed = { id: "", title: "", ...first, bundles: first?.bundles.slice(1) ?? [] };
  expect(await stampOf()).toBe(await stampOf());
  expect(await stampOf({ ...root, collections: [changed, ...others] })).not.toBe(await stampOf());
});
