import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** More than LMDB's table of 126 readers takes; it uses an existing file. */
const TABLE_BYTES = 16 * 1024;

/**
 * Allocates LMDB's table of readers on the disk. LMDB maps the file without allocating it, and on a full disk the first
 * touch of an unallocated page kills the process with SIGBUS. Only for the process that holds the folder.
 *
 * @throws Error ENOSPC if the disk is full
 */
export function allocateLockTable(folder: string): void {
  const file = join(folder, "lock.mdb");
  const found = statSync(file, { throwIfNoEntry: false });
  const isAllocated = found !== undefined && found.size > 0 && found.blocks * 512 >= found.size;
  if (process.platform === "win32" || isAllocated) {
    return;
  }
  try {
    writeFileSync(file, Buffer.alloc(TABLE_BYTES));
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}
