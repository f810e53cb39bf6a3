import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { createRequire } from "node:module";

/**
 * The pages of a mapped file that were read count as resident memory of the process until the system needs them, which
 * on a large machine is never. This gives them back sooner. They stay in the system's page cache, so reading one again
 * takes about a microsecond and no disk.
 */
export interface ResidentMap {
  /** To be called with each read or write of the map. `bytes`: how many lie there one behind the other. */
  noteAccess(bytes: number): void;
  close(): void;
}

/** How much the map may have resident: what one release costs spreads over so many pages. */
const MAX_RESIDENT_BYTES = 8 * 1024 * 1024;
/** Linux maps so many bytes around a page that was missing, as far as they are in the page cache (fault_around_bytes). */
const FAULT_BYTES = 64 * 1024;
const FAULTS_PER_LOOK = 32;
/** Of Linux, in `madvise(2)`: drops the pages from the process; those of a shared file mapping are read again when touched. */
const MADV_DONTNEED = 4;

/**
 * @param file that this process has mapped, shared
 * @returns what keeps the file's resident part small; without Linux's /proc, which tells of mappings, and without the optional
 *   dependency koffi it does nothing
 */
export function watchResidentMap(file: string): ResidentMap {
  const statm = openMemoryCounts();
  if (statm === undefined) {
    return { noteAccess: () => {}, close: () => {} };
  }
  const inode = String(statSync(file, { bigint: true }).ino);
  const buffer = Buffer.alloc(128);
  const readSharedPages = (): number =>
    Number(buffer.toString("latin1", 0, readSync(statm, buffer, 0, buffer.length, 0)).split(" ")[2]);
  let faults = 0;
  let sharedBefore = readSharedPages();
  return {
    noteAccess(bytes) {
      faults += 1 + bytes / FAULT_BYTES;
      if (faults < FAULTS_PER_LOOK) {
        return;
      }
      faults = 0;
      const system = loadSystem();
      if (system && (readSharedPages() - sharedBefore) * system.pageBytes > MAX_RESIDENT_BYTES) {
        for (const { start, end } of findSharedMappings(inode)) {
          system.release(start, end);
        }
        sharedBefore = readSharedPages();
      }
    },
    close: () => closeSync(statm),
  };
}

/** proc_pid_statm(5), whose third number counts the resident pages of files. Undefined: there is none. */
function openMemoryCounts(): number | undefined {
  try {
    return process.platform === "linux" ? openSync("/proc/self/statm", "r") : undefined;
  } catch {
    return undefined;
  }
}

interface System {
  readonly pageBytes: number;
  release(start: bigint, end: bigint): void;
}

/** Null: it cannot be loaded. */
let loaded: System | null | undefined;

function loadSystem(): System | null {
  if (loaded === undefined) {
    try {
      const koffi: typeof import("koffi") = createRequire(import.meta.url)("koffi");
      const libc = koffi.load(null);
      const getPageSize = libc.func("int getpagesize()");
      const madvise = libc.func("int madvise(uintptr_t address, size_t length, int advice)");
      loaded = {
        pageBytes: Number(getPageSize()),
        release: (start, end) => {
          madvise(start, end - start, MADV_DONTNEED);
        },
      };
    } catch {
      loaded = null;
    }
  }
  return loaded;
}

/** Only shared ones: dropping a private mapping would undo what was written to it. */
function* findSharedMappings(inode: string): Generator<{ readonly start: bigint; readonly end: bigint }> {
  // proc_pid_maps(5): start-end flags offset device inode path
  for (const line of readFileSync("/proc/self/maps", "latin1").split("\n")) {
    const [, start, end, mapped] = /^([0-9a-f]+)-([0-9a-f]+) ..[-x]s \S+ \S+ (\d+) /.exec(line) ?? [];
    if (mapped === inode) {
      yield { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) };
    }
  }
}
