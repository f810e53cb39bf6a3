import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { ServedDatabase } from "./serve-database.js";

/** The first message of the thread. */
export type ThreadAnswer = { readonly port: number } | { readonly error: ThreadError };

/** An error with its further fields, because only its message and stack pass from one thread to another. */
export interface ThreadError {
  readonly error: unknown;
  /** Such as `code`. */
  readonly fields: object;
}

export interface ServerThread {
  readonly port: number;
  /** When the thread has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /**
   * Ends the thread, once.
   *
   * @throws Error if it failed before
   */
  close(): Promise<void>;
}

const isSource = import.meta.url.endsWith(".ts");
const ENTRY = new URL(
  isSource ? "../testing/server-thread-from-source.mjs" : "./server-thread.js",
  import.meta.url,
);

/** Serves a database in a thread of its own, so that neither waits for the other. It keeps the process alive. */
export async function startServerThread(database: ServedDatabase, entry = ENTRY): Promise<ServerThread> {
  // The program's own options of Node.js, such as a loader, are not for this thread.
  const worker = new Worker(entry, { workerData: database, execArgv: [] });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  let isServing = false;
  let failure: Error | undefined;
  worker.once("message", () => {
    isServing = true;
  });
  // From the start: an error right behind the first message comes before this function goes on.
  worker.on("error", (error) => {
    if (isServing) {
      const message = `The thread of the embedded database failed and its connections were closed: ${toError(error).message}`;
      failure = new Error(message, { cause: error });
      process.emitWarning(failure);
    }
  });
  const [answer]: ThreadAnswer[] = await once(worker, "message");
  if (answer === undefined || "error" in answer) {
    await ended;
    throw Object.assign(toError(answer?.error.error), answer?.error.fields);
  }
  return {
    port: answer.port,
    ended,
    close: async () => {
      worker.postMessage("close");
      await ended;
      if (failure !== undefined) {
        throw failure;
      }
    },
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
