import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRecordStore } from "./record-store.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "record-store-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const put = fc.record({ kind: fc.constant("put" as const), key: fc.nat(40), size: fc.nat(3000) });
const remove = fc.record({ kind: fc.constant("remove" as const), key: fc.nat(40) });
const transaction = fc.record({
  operations: fc.array(fc.oneof({ weight: 3, arbitrary: put }, remove), { maxLength: 8 }),
  outcome: fc.constantFrom("commit", "commit", "undo", "reopen"),
});

function keyOf(number: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32BE(number);
  return key;
}

describe("the record store", () => {
  test("holds what was put, in any order of keys, across undone transactions and restarts", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(transaction, { maxLength: 12 }), async (transactions) => {
        const path = mkdtempSync(join(folder, "run-"));
        let store = openRecordStore(path, false);
        let expected = new Map<number, number>();
        for (const { operations, outcome } of transactions) {
          const after = new Map(expected);
          const run = () =>
            store.transaction(() => {
              for (const operation of operations) {
                if (operation.kind === "put") {
                  store.records.put(keyOf(operation.key), Buffer.alloc(operation.size, operation.key));
                  after.set(operation.key, operation.size);
                } else {
                  store.records.remove(keyOf(operation.key));
                  after.delete(operation.key);
                }
              }
              if (outcome === "undo") {
                throw new Error("undo");
              }
            });
          if (outcome === "undo") {
            expect(run).toThrow("undo");
          } else {
            run();
            expected = after;
          }
          if (outcome === "reopen") {
            await store.close();
            store = openRecordStore(path, false);
          }
          const found = [...store.records.entries(keyOf(0), keyOf(100))];
          expect(found.map(({ key, value }) => [key.readUInt32BE(), value.length])).toEqual(
            [...expected].sort(([a], [b]) => a - b),
          );
        }
        await store.close();
      }),
      { seed: 20261123, numRuns: 40 },
    );
  });

  test("counts the keys of a range up to a limit, and tells the next one", async () => {
    const store = openRecordStore(folder, false);
    store.transaction(() => {
      for (let number = 0; number < 50; number += 1) {
        store.indexes.put(keyOf(number), Buffer.from([0]));
      }
    });
    const count = (most: number) => store.indexes.countKeys(keyOf(10), keyOf(40), most);
    expect([0, 5, 29].map(count)).toEqual([
      { count: 0, next: keyOf(10) },
      { count: 5, next: keyOf(15) },
      { count: 29, next: keyOf(39) },
    ]);
    for (const most of [30, 31, 1_000]) {
      expect(count(most)).toEqual({ count: 30, next: undefined });
    }
    expect(store.indexes.countKeys(keyOf(40), keyOf(10), 5)).toEqual({ count: 0, next: undefined });
    await store.close();
  });
});
