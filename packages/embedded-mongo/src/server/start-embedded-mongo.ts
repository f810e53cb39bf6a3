import { mkdirSync, realpathSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { hostname } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CommandError } from "../errors/command-error.js";
import type { ServerContext } from "../protocol/command-context.js";
import { createCursors } from "../protocol/cursors.js";
import { createOperations } from "../protocol/operations.js";
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
  const files = openFiles(options);
  const host = options.host ?? "127.0.0.1";
  const cursors = createCursors();
  const operations = createOperations();
  const { server, sockets } = createWireServer({ database: files.database, cursors, operations });
  const release = async (): Promise<void> => {
    operations.stop(new CommandError("InterruptedAtShutdown", "interrupted at shutdown"));
    while (operations.size > 0) {
      await nextTurn();
    }
    cursors.close();
    await files.close();
  };
  try {
    await listen(server, host, options.port ?? 0);
  } catch (error) {
    await release();
    throw error;
  }
  const port = portOf(server);
  const uri = `mongodb://${host.includes(":") ? `[${host}]` : host}:${port}/`;
  files.announce(uri);
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const ended = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets()) {
      socket.destroy();
    }
    await ended;
    await release();
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

interface OpenFiles {
  readonly database: Database;
  readonly announce: FolderLock["announce"];
  close(): Promise<void>;
}

function openFiles({ path, purpose }: EmbeddedMongoOptions): OpenFiles {
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
    const database = openDatabase(folder, path !== undefined);
    const close = async (): Promise<void> => {
      await database.close();
      release();
    };
    return { database, announce: lock.announce, close };
  } catch (error) {
    release();
    throw error;
  }
}

function makeFolder(path: string): string {
  mkdirSync(path, { recursive: true });
  return realpathSync(path);
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

function createWireServer(parts: Omit<ServerContext, "server">): {
  readonly server: Server;
  sockets(): Iterable<Socket>;
} {
  const clients = new Map<Socket, string>();
  let created = 0;
  const context: ServerContext = {
    ...parts,
    server: {
      startedAt: new Date(),
      host: hostname(),
      port: () => portOf(server),
      connections: () => ({ current: clients.size, created }),
    },
  };
  const server = createServer((socket) => {
    created++;
    serveConnection(socket, {
      id: created,
      server: context,
      onClient: (client) => clients.set(socket, client),
    });
    socket.once("close", () => {
      const gone = clients.get(socket);
      clients.delete(socket);
      if (![...clients.values()].includes(gone ?? "")) {
        parts.cursors.killWhere((cursor) => cursor.client === gone);
      }
    });
  });
  return { server, sockets: () => clients.keys() };
}
