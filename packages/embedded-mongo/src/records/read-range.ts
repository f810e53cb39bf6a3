import type { BinaryTable, TableEntry } from "../storage/record-store.js";
import { concat } from "../storage/table-keys.js";
import { PAUSE, type Pause } from "./pause.js";

/** How much of a range is read at a time, and again if the table changes; no LMDB cursor is open while the caller works. */
const CHUNK_BYTES = 1024 * 1024;
const CHUNK_ENTRIES = 256;
const ZERO = Buffer.from([0]);

/**
 * The entries of a table from `start` to before `end`, with pauses.
 *
 * @param check called after each pause; throws if the range was dropped
 */
export function* readRange(
  table: BinaryTable,
  range: { readonly start: Buffer; readonly end: Buffer },
  { reverse, check }: { readonly reverse: boolean; readonly check: () => void },
): Generator<TableEntry | Pause, void, undefined> {
  let { start, end } = range;
  for (;;) {
    const chunk = readChunk(table, start, end, reverse);
    let last: Buffer | undefined;
    for (const { key, value } of chunk.entries) {
      if (last !== undefined && table.changes() !== chunk.changes) {
        break;
      }
      yield { key, value };
      last = key;
    }
    const isWhole = last === chunk.entries.at(-1)?.key;
    if (last === undefined || (isWhole && !chunk.isFull)) {
      return;
    }
    if (isWhole) {
      yield PAUSE;
    }
    check();
    if (reverse) {
      end = last;
    } else {
      start = concat(last, ZERO);
    }
  }
}

function readChunk(table: BinaryTable, start: Buffer, end: Buffer, reverse: boolean) {
  const entries: TableEntry[] = [];
  const changes = table.changes();
  let bytes = 0;
  for (const entry of table.entries(start, end, { reverse })) {
    entries.push(entry);
    bytes += entry.value.length;
    if (bytes >= CHUNK_BYTES || entries.length >= CHUNK_ENTRIES) {
      return { entries, changes, isFull: true };
    }
  }
  return { entries, changes, isFull: false };
}
