import { setImmediate as nextTurn } from "node:timers/promises";

/** Longer work delays what else the process does, such as sending a command to the database and reading its answer. */
const longestTurnMs = 1;

/** Divides long work into turns of the event loop. */
export interface EventLoopTurn {
  /** Whether the work has run so long that other work should have its turn. */
  isOver(): boolean;
  /** Lets other work run. */
  next(): Promise<void>;
}

export function startTurn(): EventLoopTurn {
  let startedAt = performance.now();
  return {
    isOver: () => performance.now() - startedAt > longestTurnMs,
    async next() {
      await nextTurn();
      startedAt = performance.now();
    },
  };
}
