import type { BinaryTable } from "../storage/record-store.js";
import { concat } from "../storage/table-keys.js";
import { PAUSE, type Pause } from "./pause.js";

export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** A range is read that much at a time, and again where the table changes; no LMDB cursor is open while the caller works. */
const CHUNK_BYTES = 1024 * 1024;
const CHUNK_ENTRIES = 256;
const ZERO = Buffer.from([0]);

/**
 * The entries of a table from `start` to before `end`, with pauses.
 *
 * @param check called after each pause; throws where the range is there no more
 */
export function* readRange(
  table: BinaryTable,
  range: { readonly start: Buffer; readonly end: Buffer },
  { reverse = false, check }: { readonly reverse?: boolean; readonly check?: () => void } = {},
): Generator<Entry | Pause, void, undefined> {
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
    check?.();
    if (reverse) {
      end = last;
    } else {
      start = concat(last, ZERO);
    }
  }
}

function readChunk(table: BinaryTable, start: Buffer, end: Buffer, reverse: boolean) {
  const entries: Entry[] = [];
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
