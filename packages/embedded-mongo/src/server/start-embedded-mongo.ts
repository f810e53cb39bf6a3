import { mkdirSync, realpathSync } from "node:fs";
import { allocateLockTable } from "../storage/allocate-lock-table.js";
import { type FolderLock, lockFolder } from "../storage/folder-lock.js";
import { makeTemporaryFolder, removeTemporaryFolder } from "../storage/temporary-folder.js";
import { startServerThread } from "./start-server-thread.js";

export interface EmbeddedMongoOptions {
  /** The folder that holds the database; created if it is missing. Default: a temporary folder that `close` removes. */
  readonly path?: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** What the database is used for, in a word or two. Shown in the error of another process that tries to open it. */
  readonly purpose?: string;
}

export interface EmbeddedMongo {
  /** For the official driver, `mongosh`, Compass, … */
  readonly uri: string;
  readonly port: number;
  /**
   * Ends open connections, syncs and closes the database.
   *
   * @throws Error if the server's thread had failed before
   */
  close(): Promise<void>;
}

/**
 * Opens the database in a folder and serves it on loopback, in a thread of its own. This thread holds the folder.
 *
 * @throws DatabaseInUseError if another process has it open
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions = {}): Promise<EmbeddedMongo> {
  const folder = openFolder(options);
  const host = options.host ?? "127.0.0.1";
  try {
    const thread = await startServerThread({
      folder: folder.path,
      isDurable: options.path !== undefined,
      host,
      port: options.port ?? 0,
    });
    const uri = `mongodb://${host.includes(":") ? `[${host}]` : host}:${thread.port}/`;
    folder.announce(uri);
    void thread.ended.then(folder.release);
    return { uri, port: thread.port, close: thread.close };
  } catch (error) {
    folder.release();
    throw error;
  }
}

interface OpenFolder {
  readonly path: string;
  readonly announce: FolderLock["announce"];
  release(): void;
}

function openFolder({ path, purpose }: EmbeddedMongoOptions): OpenFolder {
  const folder = path === undefined ? makeTemporaryFolder() : makeFolder(path);
  let lock: FolderLock | undefined;
  const release = (): void => {
    lock?.release();
    if (path === undefined) {
      removeTemporaryFolder(folder);
    }
  };
  try {
    lock = lockFolder(folder, purpose);
    allocateLockTable(folder);
    return { path: folder, announce: lock.announce, release };
  } catch (error) {
    release();
    throw error;
  }
}

function makeFolder(path: string): string {
  mkdirSync(path, { recursive: true });
  return realpathSync(path);
}
