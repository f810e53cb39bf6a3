import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withoutPauses } from "./pause.js";
import { type SortEntry, sortEntries } from "./sort-entries.js";

function entry(key: number, value: number | Buffer): SortEntry {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(key);
  return { key: bytes, value: typeof value === "number" ? Buffer.from(String(value)) : value };
}

function sort(entries: readonly SortEntry[], limit?: number): string[] {
  return [...withoutPauses(sortEntries(entries, limit))].map(String);
}

describe("sortEntries", () => {
  test("sorts any number of entries stably, with or without a limit", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30_000 }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.constantFrom(0, 1, 7, 5_000, 20_000),
        (count, range, limit) => {
          const keys = Array.from({ length: count }, (_, i) => Math.abs(Math.imul(i, 2_654_435_761)) % range);
          const expected = keys
            .map((key, i) => ({ key, i }))
            .sort((a, b) => a.key - b.key || a.i - b.i)
            .map(({ i }) => String(i));
          const actual = sort(
            keys.map((key, i) => entry(key, i)),
            limit,
          );
          expect(actual).toEqual(limit === 0 ? expected : expected.slice(0, limit));
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);

  test("keeps no more than a limit needs, and refuses to keep more than 100 MB", () => {
    const megabyte = Buffer.alloc(1024 * 1024);
    const entries = Array.from({ length: 110 }, (_, i) => entry(i, megabyte));
    expect([...withoutPauses(sortEntries(entries, 3))]).toHaveLength(3);
    expect(() => [...sortEntries(entries)]).toThrow(
      expect.objectContaining({ code: 292, message: expect.stringContaining("MONGO_URI") }),
    );
  });
});
