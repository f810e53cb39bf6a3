import { closeSync, constants, ftruncateSync, openSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { DatabaseInUseError, readOwner, thisPidNamespace, thisProcess } from "./folder-owner.js";

/** The process that has the folder open locks this file, and is described in it. Otherwise the file is empty. */
export const LOCK_FILE = "server.json";

/** The one byte that is locked. It lies behind the text, because Windows refuses to read what is locked. */
const LOCKED_BYTE = 2 ** 30;

export interface FolderLock {
  /** Writes where the database is served, for the error of a process that is refused: it may connect there. */
  announce(uri: string): void;
  release(): void;
}

/**
 * Takes a folder for this process, until it releases it or ends. The lock is the kernel's: it holds between containers, a killed
 * process loses it at once, and one that was suspended keeps it. What the file says is a hint for the process that is refused, so that a full disk does not matter. Only this user may read it.
 *
 * @throws DatabaseInUseError if another process has it
 * @throws Error if the file system has no locks, or the file cannot be opened
 */
export function lockFolder(path: string, purpose?: string): FolderLock {
  const file = join(path, LOCK_FILE);
  // Not "a+", which always writes at the end.
  const descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    if (!tryLock(descriptor, path)) {
      throw new DatabaseInUseError(path, readOwner(file), thisPidNamespace());
    }
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  const write = (uri?: string): void => {
    overwrite(descriptor, `${JSON.stringify(thisProcess(purpose, uri))}\n`);
  };
  write();
  let released = false;
  return {
    announce: write,
    release() {
      if (!released) {
        released = true;
        overwrite(descriptor, "");
        closeSync(descriptor);
      }
    },
  };
}

/** Whether no process has the folder of this lock file open. A file that may not be opened counts as locked. */
export function isUnlocked(file: string): boolean {
  try {
    const descriptor = openSync(file, constants.O_RDWR);
    try {
      return tryLock(descriptor, file);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
}

interface FileLocks {
  /** False: another open file has that range locked. */
  tryLock(descriptor: number, offset: number, length: number): boolean;
}

function tryLock(descriptor: number, path: string): boolean {
  try {
    // It has no types.
    const locks: FileLocks = createRequire(import.meta.url)("fs-native-extensions");
    return locks.tryLock(descriptor, LOCKED_BYTE, 1);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    // Windows says so where Linux and macOS say EAGAIN.
    if (code === "EBUSY") {
      return false;
    }
    throw new Error(
      `The embedded database in ${path} cannot be locked (${code}): put it on a local disk, or use a MongoDB server (MONGO_URI).`,
      { cause: error },
    );
  }
}

function overwrite(descriptor: number, text: string): void {
  try {
    ftruncateSync(descriptor);
    writeSync(descriptor, text, 0);
  } catch {
    // The lock holds anyway.
  }
}
