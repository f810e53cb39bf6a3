import { randomInt } from "node:crypto";
import { CommandError } from "../errors/command-error.js";
import type { Pause } from "../records/pause.js";
import type { Operation } from "./operations.js";

/** An open cursor: the rest of a result. */
export interface ServerCursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly documents: Iterator<Buffer | Pause, void, undefined>;
  /** A document that no longer fit into the last batch. */
  held: Buffer | undefined;
  /** The client that opened it; it is freed with that client's last connection. */
  readonly client: string;
  /** The session it was opened in, if any. */
  readonly session: string | undefined;
  readonly noTimeout: boolean;
  lastUsed: number;
  /** What is left of the `maxTimeMS` of the command that opened it. */
  timeLeftMs: number;
  /** The command that reads from it now. */
  operation: Operation | undefined;
}

export type Cursors = ReturnType<typeof createCursors>;

/** As MongoDB's cursorTimeoutMillis. */
const IDLE_MS = 10 * 60 * 1000;
const SWEEP_MS = 60 * 1000;

export function createCursors() {
  const cursors = new Map<bigint, ServerCursor>();
  /** @returns whether there was such a cursor; a command that reads from it is interrupted */
  const kill = (id: bigint): boolean => {
    const cursor = cursors.get(id);
    if (cursor?.operation === undefined) {
      cursor?.documents.return?.();
    } else {
      cursor.operation.interruption ??= new CommandError("CursorKilled", `cursor id ${id} was killed`);
    }
    return cursors.delete(id);
  };
  const killWhere = (gone: (cursor: ServerCursor) => boolean): void => {
    for (const cursor of cursors.values()) {
      if (gone(cursor)) {
        kill(cursor.id);
      }
    }
  };
  const sweep = setInterval(() => {
    killWhere(
      (cursor) =>
        !cursor.noTimeout && cursor.operation === undefined && Date.now() - cursor.lastUsed > IDLE_MS,
    );
  }, SWEEP_MS);
  sweep.unref();
  return {
    open(cursor: Omit<ServerCursor, "id" | "lastUsed" | "operation">): ServerCursor {
      const opened = { ...cursor, id: newId(cursors), lastUsed: Date.now(), operation: undefined };
      cursors.set(opened.id, opened);
      return opened;
    },
    /** @throws CommandError CursorNotFound, CursorInUse */
    use(id: bigint): ServerCursor {
      const cursor = cursors.get(id);
      if (cursor === undefined) {
        throw new CommandError("CursorNotFound", `cursor id ${id} not found`);
      }
      if (cursor.operation !== undefined) {
        throw new CommandError("CursorInUse", `cursor id ${id} is already in use`);
      }
      cursor.lastUsed = Date.now();
      return cursor;
    },
    kill,
    killWhere,
    get size() {
      return cursors.size;
    },
    close: () => {
      clearInterval(sweep);
      cursors.clear();
    },
  };
}

function newId(taken: ReadonlyMap<bigint, unknown>): bigint {
  for (;;) {
    const id = (BigInt(randomInt(1, 2 ** 31)) << 32n) | BigInt(randomInt(0, 2 ** 32));
    if (!taken.has(id)) {
      return id;
    }
  }
}
