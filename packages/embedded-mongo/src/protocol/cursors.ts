import { randomInt } from "node:crypto";
import { CommandError } from "../errors/command-error.js";

/** An open cursor: the rest of a result. */
export interface ServerCursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly documents: Iterator<Buffer, void, undefined>;
  /** A document that no longer fit into the last batch. */
  held: Buffer | undefined;
  /** The client that opened it; it is freed with that client's last connection. */
  readonly client: string;
  /** The session it was opened in, if any. */
  readonly session: string | undefined;
  readonly noTimeout: boolean;
  lastUsed: number;
}

export type Cursors = ReturnType<typeof createCursors>;

/** As MongoDB's cursorTimeoutMillis. */
const IDLE_MS = 10 * 60 * 1000;
const SWEEP_MS = 60 * 1000;

export function createCursors() {
  const cursors = new Map<bigint, ServerCursor>();
  const killWhere = (gone: (cursor: ServerCursor) => boolean): void => {
    for (const cursor of cursors.values()) {
      if (gone(cursor)) {
        cursors.delete(cursor.id);
      }
    }
  };
  const sweep = setInterval(() => {
    killWhere((cursor) => !cursor.noTimeout && Date.now() - cursor.lastUsed > IDLE_MS);
  }, SWEEP_MS);
  sweep.unref();
  return {
    open(cursor: Omit<ServerCursor, "id" | "lastUsed" | "held">): ServerCursor {
      const opened = { ...cursor, id: newId(cursors), held: undefined, lastUsed: Date.now() };
      cursors.set(opened.id, opened);
      return opened;
    },
    /** @throws CommandError CursorNotFound */
    use(id: bigint): ServerCursor {
      const cursor = cursors.get(id);
      if (cursor === undefined) {
        throw new CommandError("CursorNotFound", `cursor id ${id} not found`);
      }
      cursor.lastUsed = Date.now();
      return cursor;
    },
    /** Whether there was one. */
    kill: (id: bigint) => cursors.delete(id),
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
