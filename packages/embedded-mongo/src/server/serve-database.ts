import { createServer, type Server, type Socket } from "node:net";
import { hostname } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CommandError } from "../errors/command-error.js";
import type { ServerContext } from "../protocol/command-context.js";
import { createCursors } from "../protocol/cursors.js";
import { createOperations } from "../protocol/operations.js";
import { removeUnfinished } from "../records/build-index.js";
import { type Database, openDatabase } from "../records/database.js";
import { removeDropped } from "../records/drop-records.js";
import { isDiskFull } from "../storage/disk-reserve.js";
import { serveConnection } from "./connection.js";

/** The database of a folder that this process has locked, and where it is served. */
export interface ServedDatabase {
  readonly folder: string;
  /** Whether a commit waits until the disk has it. */
  readonly isDurable: boolean;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** Opens the database and serves it. */
export async function serveDatabase({ folder, isDurable, host, port }: ServedDatabase) {
  const database = openDatabase(folder, isDurable);
  removeLeftOver(database);
  const cursors = createCursors();
  const operations = createOperations();
  const { server, sockets } = createWireServer({ database, cursors, operations });
  const release = async (): Promise<void> => {
    operations.stop(new CommandError("InterruptedAtShutdown", "interrupted at shutdown"));
    while (operations.size > 0) {
      await nextTurn();
    }
    cursors.close();
    await database.close();
  };
  try {
    await listen(server, host, port);
  } catch (error) {
    await release();
    throw error;
  }
  return {
    port: portOf(server),
    /** Ends open connections, syncs and closes the database. */
    close: async (): Promise<void> => {
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets()) {
        socket.destroy();
      }
      await ended;
      await release();
    },
  };
}

/** Removes what a killed process left of unfinished indexes and drops. On a full disk it stays until the next start. */
function removeLeftOver(database: Database): void {
  try {
    removeUnfinished(database);
    for (const _ of removeDropped(database)) {
      // Nobody waits for this thread yet.
    }
  } catch (error) {
    if (!isDiskFull(error)) {
      throw error;
    }
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
