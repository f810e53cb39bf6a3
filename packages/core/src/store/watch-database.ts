import type { MongoClient } from "mongodb";
import { unlessAborted } from "../async/unless-aborted.js";
import type { Store } from "./open-store.js";
import { nameOfStore, type StorePlace } from "./store-place.js";
import { watchCommands } from "./watch-commands.js";
import { StoreError } from "./with-store-retry.js";

export interface WatchDatabaseOptions {
  /** Called with what is waited for, for people. */
  readonly onWait: (message: string) => void;
  /** Aborts when the person interrupts. */
  readonly signal?: AbortSignal | undefined;
  /** How long after that whatever is under way has to end. Default 6 000. */
  readonly graceMs?: number | undefined;
  /** After which time a command without an answer is reported, and again after each such time. Default 30 000. */
  readonly noticeMs?: number | undefined;
}

export interface DatabaseWatch {
  /** Aborts when nothing waits for the database any longer. */
  readonly gaveUp: AbortSignal;
  /** Waits for a promise until then; rejects with the reason. */
  wait<Result>(promise: Promise<Result>): Promise<Result>;
  /** The same for what ends a run: it has a second longer. */
  wrapUp<Result>(promise: Promise<Result>): Promise<Result>;
  stop(): void;
}

/** What ends when nothing waits any longer: an interruption whose grace period is over. */
export class GraceOverError extends Error {
  override readonly name = "GraceOverError";
}

/**
 * Watches what a run waits for: reports a command that the database does not answer, and gives up when the driver's own time-out passes
 * without effect, or a while after the person interrupts.
 *
 * The driver's `socketTimeoutMS` ends a wait for an answer. It does not end the wait of a large message for a socket that nobody reads.
 */
export function watchDatabase(
  store: Pick<Store, "database" | "slowDatabase"> & StorePlace,
  { onWait, signal = new AbortController().signal, graceMs = 6_000, noticeMs = 30_000 }: WatchDatabaseOptions,
): DatabaseWatch {
  const controller = new AbortController();
  const gaveUp = controller.signal;
  const closed = new AbortController();
  const tickMs = Math.min(1_000, noticeMs);
  const noticeTicks = Math.ceil(noticeMs / tickMs);

  const watch = (client: MongoClient) => {
    // The first tick comes at any time after the start, and the driver has the last one to itself.
    const stuckTicks = Math.ceil(stuckAfterMs(client.options) / tickMs) + 2;
    return watchCommands(client, tickMs, ({ what, ticks }) => {
      const seconds = Math.round((ticks * tickMs) / 1_000);
      if (ticks >= stuckTicks) {
        controller.abort(
          new StoreError(
            `${nameOfStore(store)} has not answered for ${seconds} s (${what}): check the server and the network, then run again; nothing is lost.`,
          ),
        );
      } else if (ticks % noticeTicks === 0) {
        onWait(`waiting for ${nameOfStore(store)} for ${seconds} s: ${what}`);
      }
    });
  };
  const stopWatching = [store.database, store.slowDatabase].map(({ client }) => watch(client));

  let lastSecond: NodeJS.Timeout | undefined;
  gaveUp.addEventListener(
    "abort",
    () => {
      lastSecond = setTimeout(() => closed.abort(gaveUp.reason), wrapUpMs);
    },
    { once: true },
  );
  let grace: NodeJS.Timeout | undefined;
  const interrupted = () => {
    grace = setTimeout(
      () => controller.abort(new GraceOverError("interrupted, and not finished in time")),
      graceMs,
    );
  };
  if (signal.aborted) {
    interrupted();
  } else {
    signal.addEventListener("abort", interrupted, { once: true });
  }

  return {
    gaveUp,
    wait: (promise) => unlessAborted(gaveUp, promise),
    wrapUp: (promise) => unlessAborted(closed.signal, promise),
    stop() {
      for (const stop of stopWatching) {
        stop();
      }
      clearTimeout(grace);
      clearTimeout(lastSecond);
      signal.removeEventListener("abort", interrupted);
    },
  };
}

const wrapUpMs = 1_000;

/** Later than the driver's own time-out; never if that is switched off. */
function stuckAfterMs({ socketTimeoutMS = 0, timeoutMS = 0 }: MongoClient["options"]): number {
  const longestMs = Math.max(socketTimeoutMS, timeoutMS);
  return longestMs === 0 ? Number.POSITIVE_INFINITY : longestMs * 1.25;
}
