import { mkdirSync, realpathSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { hostname } from "node:os";
import type { CommandContext } from "../protocol/command-context.js";
import { createCursors } from "../protocol/cursors.js";
import { type Database, openDatabase } from "../records/database.js";
import { allocateLockTable } from "../storage/allocate-lock-table.js";
import { type FolderLock, lockFolder } from "../storage/folder-lock.js";
import { makeTemporaryFolder, removeTemporaryFolder } from "../storage/temporary-folder.js";
import { serveConnection } from "./connection.js";

export interface EmbeddedMongoOptions {
  /** The folder that holds the database; created where it is missing. Absent: a temporary one that `close` removes. */
  readonly path?: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** What the database is open for, in a word or two. The error of a process that is refused meanwhile says so. */
  readonly purpose?: string;
}

export interface EmbeddedMongo {
  /** For the official driver, `mongosh`, Compass, … */
  readonly uri: string;
  readonly port: number;
  /** Ends open connections, syncs and closes the database. */
  close(): Promise<void>;
}

/**
 * Opens the database in a folder and serves it on loopback.
 *
 * @throws DatabaseInUseError where another process has it open
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions = {}): Promise<EmbeddedMongo> {
  const temporary = options.path === undefined;
  const path = openFolder(options.path);
  const removeFolder = (): void => {
    if (temporary) {
      removeTemporaryFolder(path);
    }
  };
  let opened: ReturnType<typeof openLocked>;
  try {
    opened = openLocked(path, !temporary, options.purpose);
  } catch (error) {
    removeFolder();
    throw error;
  }
  const { database, lock } = opened;
  const host = options.host ?? "127.0.0.1";
  const cursors = createCursors();
  const { server, sockets } = createWireServer({ database, cursors, host });
  try {
    await listen(server, host, options.port ?? 0);
  } catch (error) {
    cursors.close();
    await database.close();
    lock.release();
    removeFolder();
    throw error;
  }
  const port = portOf(server);
  const uri = `mongodb://${host.includes(":") ? `[${host}]` : host}:${port}/`;
  lock.announce(uri);
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    cursors.close();
    const ended = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) {
      socket.destroy();
    }
    await ended;
    await database.close();
    lock.release();
    removeFolder();
  };
  return {
    uri,
    port,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

function openFolder(path: string | undefined): string {
  if (path === undefined) {
    return makeTemporaryFolder();
  }
  mkdirSync(path, { recursive: true });
  return realpathSync(path);
}

function openLocked(
  path: string,
  durable: boolean,
  purpose: string | undefined,
): { database: Database; lock: FolderLock } {
  const lock = lockFolder(path, purpose);
  try {
    allocateLockTable(path);
    return { database: openDatabase(path, durable), lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function createWireServer(shared: Pick<CommandContext, "database" | "cursors"> & { host: string }): {
  server: Server;
  sockets: ReadonlySet<Socket>;
} {
  const clients = new Map<Socket, string>();
  let created = 0;
  const context = {
    database: shared.database,
    cursors: shared.cursors,
    server: {
      startedAt: new Date(),
      host: hostname(),
      port: () => portOf(server),
      connections: () => ({ current: clients.size, created }),
    },
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    created++;
    sockets.add(socket);
    serveConnection(socket, {
      id: created,
      context,
      onClient: (client) => clients.set(socket, client),
    });
    socket.once("close", () => {
      sockets.delete(socket);
      const gone = clients.get(socket);
      clients.delete(socket);
      if (![...clients.values()].includes(gone ?? "")) {
        shared.cursors.killWhere((cursor) => cursor.client === gone);
      }
    });
  });
  return { server, sockets };
}
