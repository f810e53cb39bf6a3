import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isUnlocked, LOCK_FILE } from "./folder-lock.js";

const PREFIX = "embedded-mongo-";
const NAME = /^embedded-mongo-[A-Za-z0-9]{6}$/;
/** A start makes the lock file and locks it within moments; what was made so long ago and is not locked is left over. */
const STARTED_MS = 60_000;

/** Folders of this process, which it removes when it ends without having closed them. */
const open = new Set<string>();

/** Makes a folder for a database that is not to stay. It goes with `removeTemporaryFolder`, or when this process exits. */
export function makeTemporaryFolder(): string {
  sweepTemporaryFolders(tmpdir());
  const path = mkdtempSync(join(tmpdir(), PREFIX));
  if (open.size === 0) {
    process.on("exit", removeAll);
  }
  open.add(path);
  return path;
}

/** Within an exit handler too, so nothing is waited for. */
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

/** Removes what processes left that were killed. What cannot be removed stays. */
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
