import { randomBytes } from "node:crypto";
import { rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Space on the disk that only deleting may use. */
export interface DiskReserve {
  /** Frees the space. @returns whether there was any */
  release(): boolean;
}

const RESERVE_BYTES = 4 * 1024 * 1024;
/** How much space a disk must have for the reserve to be taken. */
const ROOM_BYTES = 4 * RESERVE_BYTES;

/**
 * Keeps a file that is removed once a deletion finds the disk full: LMDB copies a page before it deletes anything on it, so
 * that otherwise nothing could be deleted from a full disk.
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
    // Without a reserve, only deleting from a full disk fails.
  }
  return {
    release() {
      const isThere = size() > 0;
      rmSync(file, { force: true });
      return isThere;
    },
  };
}

/** Whether LMDB says that the disk is full, or that a write was incomplete. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && /no space left|quota exceeded|input\/output error/i.test(error.message);
}
