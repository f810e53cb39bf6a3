import { CommandError } from "../errors/command-error.js";
import { PAUSE, type Pause } from "./pause.js";

/** What is sorted: a value by the bytes of its key. */
export interface SortEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** As MongoDB's `internalQueryMaxBlockingSortMemoryUsageBytes`. */
const MAX_SORT_BYTES = 100 * 1024 * 1024;
/** How many entries are sorted at a time. */
const RUN_ENTRIES = 4096;
const RUN_BYTES = 4 * 1024 * 1024;
const ENTRY_BYTES = 16;

/** Entries in their order. */
interface Run {
  readonly entries: Iterable<SortEntry>;
  readonly count: number;
  readonly bytes: number;
}

/**
 * The values in the order of their keys, those of equal keys as they came. Sorts in runs and merges these, with pauses.
 *
 * @param limit how many are wanted; the others are not kept. 0: all
 * @throws CommandError QueryExceededMemoryLimitNoDiskUseAllowed
 */
export function* sortEntries(
  entries: Iterable<SortEntry | Pause>,
  limit = 0,
): Generator<Buffer | Pause, void, undefined> {
  const most = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  let runs: Run[] = [];
  let gathered: SortEntry[] = [];
  let gatheredBytes = 0;
  let worst: Buffer | undefined;
  for (const entry of entries) {
    if (entry === PAUSE) {
      yield PAUSE;
    } else if (worst === undefined || entry.key.compare(worst) < 0) {
      gathered.push(entry);
      gatheredBytes += entry.key.length + entry.value.length;
      if (gathered.length >= RUN_ENTRIES || gatheredBytes >= RUN_BYTES) {
        runs.push(pack(sorted(gathered, most)));
        gathered = [];
        gatheredBytes = 0;
        yield PAUSE;
        if (isWorthCutting(runs, most)) {
          const cut = yield* cutRuns(runs, most);
          worst = cut.worst;
          runs = [cut.run];
        }
        checkSize(runs);
      }
    }
  }
  runs.push({ entries: sorted(gathered, most), count: gathered.length, bytes: gatheredBytes });
  let taken = 0;
  for (const { value } of merge(runs)) {
    yield value;
    taken++;
    if (taken >= most) {
      return;
    }
    if (taken % RUN_ENTRIES === 0) {
      yield PAUSE;
    }
  }
}

function sorted(entries: SortEntry[], most: number): SortEntry[] {
  entries.sort((a, b) => a.key.compare(b.key));
  return entries.length > most ? entries.slice(0, most) : entries;
}

function total(runs: readonly Run[], what: "count" | "bytes"): number {
  return runs.reduce((sum, run) => sum + run[what], 0);
}

/** Whether at least half of the entries are not wanted, or they take too much memory. */
function isWorthCutting(runs: readonly Run[], most: number): boolean {
  const count = total(runs, "count");
  return count > most && (count >= 2 * Math.max(most, RUN_ENTRIES) || total(runs, "bytes") > MAX_SORT_BYTES);
}

function checkSize(runs: readonly Run[]): void {
  if (total(runs, "bytes") > MAX_SORT_BYTES) {
    throw new CommandError(
      "QueryExceededMemoryLimitNoDiskUseAllowed",
      `Sort exceeded memory limit of ${MAX_SORT_BYTES} bytes: sort by an indexed field, sort fewer documents, add a limit, or set MONGO_URI to a MongoDB server`,
    );
  }
}

function* cutRuns(runs: readonly Run[], most: number): Generator<Pause, { run: Run; worst: Buffer }> {
  const kept: SortEntry[] = [];
  for (const entry of merge(runs)) {
    kept.push(entry);
    if (kept.length >= most) {
      break;
    }
    if (kept.length % RUN_ENTRIES === 0) {
      yield PAUSE;
    }
  }
  return { run: pack(kept), worst: kept.at(-1)?.key ?? Buffer.alloc(0) };
}

/** Puts the bytes of many entries into one buffer, since each buffer takes a hundred bytes of its own. */
function pack(entries: readonly SortEntry[]): Run {
  const bytes = Buffer.concat(entries.flatMap(({ key, value }) => [key, value]));
  const ends = new Uint32Array(entries.length * 2);
  let at = 0;
  for (const [i, { key, value }] of entries.entries()) {
    ends[2 * i] = at += key.length;
    ends[2 * i + 1] = at += value.length;
  }
  return {
    entries: { [Symbol.iterator]: () => unpack(bytes, ends) },
    count: entries.length,
    bytes: bytes.length + entries.length * ENTRY_BYTES,
  };
}

function* unpack(bytes: Buffer, ends: Uint32Array): Generator<SortEntry, void, undefined> {
  let at = 0;
  for (let i = 0; i < ends.length; i += 2) {
    const keyEnd = ends[i] ?? 0;
    const valueEnd = ends[i + 1] ?? 0;
    yield { key: bytes.subarray(at, keyEnd), value: bytes.subarray(keyEnd, valueEnd) };
    at = valueEnd;
  }
}

function merge(runs: readonly Run[]): Iterable<SortEntry> {
  const [first, second] = runs;
  if (first === undefined || second === undefined) {
    return first?.entries ?? [];
  }
  const middle = Math.ceil(runs.length / 2);
  return mergeTwo(merge(runs.slice(0, middle)), merge(runs.slice(middle)));
}

function* mergeTwo(
  former: Iterable<SortEntry>,
  latter: Iterable<SortEntry>,
): Generator<SortEntry, void, undefined> {
  const rest = latter[Symbol.iterator]();
  let next = rest.next();
  for (const entry of former) {
    while (!next.done && next.value.key.compare(entry.key) < 0) {
      yield next.value;
      next = rest.next();
    }
    yield entry;
  }
  while (!next.done) {
    yield next.value;
    next = rest.next();
  }
}
