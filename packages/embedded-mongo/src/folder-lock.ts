import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseInUseError } from "./database-in-use-error.js";
import { isRunning, type ProcessIdentity, processIdentity } from "./process-identity.js";
import type { RecordStore } from "./record-store.js";

/** Says who has the folder open. */
export const LOCK_FILE = "server.json";

interface LockContent extends ProcessIdentity {
  readonly uri: string | undefined;
}

export interface FolderLock {
  /** Writes where the database is served, for whoever is refused. */
  announce(uri: string): void;
  release(): void;
}

/**
 * Takes a folder for this process. The lock file of a process that no longer runs is taken over. LMDB's own lock, which
 * only one process has at a time and which a killed process loses, stands around the look at the file and the writing
 * of it, so of two that come at once one is refused.
 *
 * @throws DatabaseInUseError
 */
export function lockFolder(path: string, store: RecordStore): FolderLock {
  const file = join(path, LOCK_FILE);
  const self = processIdentity();
  store.transaction(() => {
    const owner = readLock(file);
    if (owner !== undefined && isRunning(owner)) {
      throw new DatabaseInUseError(path, owner.pid, owner.uri);
    }
    writeLock(file, { ...self, uri: undefined });
  });
  return {
    announce: (uri) => {
      writeLock(file, { ...self, uri });
    },
    release: () => {
      rmSync(file, { force: true });
    },
  };
}

function writeLock(file: string, content: LockContent): void {
  const fresh = `${file}.${process.pid}.tmp`;
  writeFileSync(fresh, `${JSON.stringify(content)}\n`);
  renameSync(fresh, file);
}

/** The owner that a lock file names; undefined where there is none that can be read. */
export function readLock(file: string): LockContent | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof content !== "object" || content === null || !("pid" in content)) {
      return undefined;
    }
    const { pid } = content;
    const started = "started" in content ? content.started : undefined;
    const where = "where" in content ? content.where : undefined;
    const uri = "uri" in content ? content.uri : undefined;
    return typeof pid === "number"
      ? {
          pid,
          started: typeof started === "string" ? started : undefined,
          where: typeof where === "string" ? where : undefined,
          uri: typeof uri === "string" ? uri : undefined,
        }
      : undefined;
  } catch {
    return undefined;
  }
}
