import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRecordStore, type RecordStore } from "./record-store.js";

const RECORDS = 12_000;
const RECORD_BYTES = 8 * 1024;
/** Prime to RECORDS: its multiples are all records, far from each other. */
const STRIDE = 7919;
const MB = 1024 * 1024;

let folder: string;
let store: RecordStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "resident-map-"));
  store = openRecordStore(folder, false);
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function keyOf(number: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32BE(number);
  return key;
}

/** No two of them are alike, and none can be compressed. */
function contentOf(number: number): Buffer {
  const value = Buffer.alloc(RECORD_BYTES);
  let state = number;
  for (let i = 0; i < RECORD_BYTES; i += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    value.writeUInt32LE(state, i);
  }
  return value;
}

/** proc_pid_status(5): resident pages of mapped files. */
function residentFileBytes(): number {
  const [, kilobytes] = /^RssFile:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
  return Number(kilobytes) * 1024;
}

describe.runIf(process.platform === "linux")("the mapped file, on Linux", () => {
  test("stays out of memory but for a part, while it is written, read in any order and scanned", () => {
    const before = residentFileBytes();
    let peak = before;
    const look = (i: number) => {
      if (i % 100 === 0) {
        peak = Math.max(peak, residentFileBytes());
      }
    };
    for (let i = 0; i < RECORDS; i += 1000) {
      store.transaction(() => {
        for (let j = i; j < i + 1000; j++) {
          const number = (j * STRIDE) % RECORDS;
          store.records.put(keyOf(number), contentOf(number));
          look(j);
        }
      });
    }
    expect(statSync(join(folder, "data.mdb")).size).toBeGreaterThan(90 * MB);

    let wrong = 0;
    for (let i = 0; i < RECORDS; i++) {
      const number = (i * STRIDE) % RECORDS;
      wrong += store.records.get(keyOf(number))?.equals(contentOf(number)) ? 0 : 1;
      look(i);
    }
    let scanned = 0;
    for (const { key, value } of store.records.entries(keyOf(0), keyOf(RECORDS))) {
      wrong += key.readUInt32BE() === scanned && value.equals(contentOf(scanned)) ? 0 : 1;
      look(scanned++);
    }
    expect({ scanned, wrong }).toEqual({ scanned: RECORDS, wrong: 0 });
    expect((peak - before) / MB).toBeLessThan(24);
  });

  test("is written and read within a transaction as outside of one, whatever was given back", () => {
    const write = (count: number) => {
      for (let i = 0; i < count; i++) {
        store.records.put(keyOf(i), contentOf(i + count));
        store.indexes.put(keyOf(i), keyOf(count));
      }
    };
    store.transaction(() => write(4000));
    expect(() =>
      store.transaction(() => {
        write(3000);
        expect(store.records.get(keyOf(17))).toEqual(contentOf(3017));
        throw new Error("undo");
      }),
    ).toThrow("undo");
    const wrong = Array.from({ length: 4000 }, (_, i) => i).filter(
      (i) =>
        !store.records.get(keyOf(i))?.equals(contentOf(i + 4000)) ||
        !store.indexes.get(keyOf(i))?.equals(keyOf(4000)),
    );
    expect(wrong).toEqual([]);
  });
});
