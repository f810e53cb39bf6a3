import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isUnlocked, LOCK_FILE } from "./folder-lock.js";

const PREFIX = "embedded-mongo-";
const NAME = /^embedded-mongo-[A-Za-z0-9]{6}$/;
/** A start creates and locks the lock file within moments: an older file without a lock was abandoned. */
const STARTED_MS = 60_000;

/** Folders of this process, which it removes if it ends without closing them. */
const open = new Set<string>();

/** Makes a folder for a temporary database. `removeTemporaryFolder`, or the end of this process, removes it. */
export function makeTemporaryFolder(): string {
  sweepTemporaryFolders(tmpdir());
  const path = mkdtempSync(join(tmpdir(), PREFIX));
  if (open.size === 0) {
    process.on("exit", removeAll);
  }
  open.add(path);
  return path;
}

/** Synchronous, since an exit handler calls it. */
export function removeTemporaryFolder(path: string): void {
  open.delete(path);
  if (open.size === 0) {
    process.off("exit", removeAll);
  }
  remove(path);
}

function removeAll(): void {
  for (const path of open) {
    remove(path);
  }
}

/** Removes folders that killed processes left, as far as possible. */
export function sweepTemporaryFolders(parent: string): void {
  for (const name of readdirSync(parent).filter((one) => NAME.test(one))) {
    const path = join(parent, name);
    if (!open.has(path) && isAbandoned(path)) {
      remove(path);
    }
  }
}

function isAbandoned(path: string): boolean {
  const file = join(path, LOCK_FILE);
  const lockStats = statSync(file, { throwIfNoEntry: false });
  const stats = lockStats ?? statSync(path, { throwIfNoEntry: false });
  const isStarted = stats !== undefined && Date.now() - stats.mtimeMs > STARTED_MS;
  return isStarted && (lockStats === undefined || isUnlocked(file));
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Another user's, or still mapped on Windows: a later sweep takes it.
  }
}
