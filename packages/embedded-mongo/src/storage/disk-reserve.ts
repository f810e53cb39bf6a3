import { randomBytes } from "node:crypto";
import { rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Space on the disk that only deleting may use. */
export interface DiskReserve {
  /** Gives it back to the disk. False: there is none. */
  release(): boolean;
}

const RESERVE_BYTES = 4 * 1024 * 1024;
/** The reserve is only taken from a disk that has so much left. */
const ROOM_BYTES = 4 * RESERVE_BYTES;

/**
 * Keeps a file that is removed once a deletion finds the disk full: LMDB writes a page anew before anything on it is deleted, so that
 * without it nothing could be deleted from a full disk.
 */
export function keepDiskReserve(folder: string): DiskReserve {
  const file = join(folder, "reserve");
  const size = () => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  try {
    const { bavail, bsize } = statfsSync(folder);
    if (size() < RESERVE_BYTES && bavail * bsize >= ROOM_BYTES) {
      // Random, since a file system may store zeros without space.
      writeFileSync(file, randomBytes(RESERVE_BYTES));
    }
  } catch {
    // A database without a reserve is as good until the disk is full.
  }
  return {
    release() {
      const isThere = size() > 0;
      rmSync(file, { force: true });
      return isThere;
    },
  };
}

/** Whether LMDB says that the disk is full, or that a write was cut short. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && /no space left|quota exceeded|input\/output error/i.test(error.message);
}
