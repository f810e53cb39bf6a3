import { setImmediate as nextTurn } from "node:timers/promises";
import type { CommandHandler, CommandResult } from "../protocol/command-context.js";
import { checkOperation, type Operation } from "../protocol/operations.js";
import type { Pause } from "../records/pause.js";

/** How long a command runs before it gives way to others. */
const SLICE_MS = 10;

/**
 * Runs a handler's result to its end. It gives way to others at some of its pauses, and can be interrupted at each.
 *
 * @throws CommandError MaxTimeMSExpired, or the operation's interruption
 */
export async function runToEnd(
  result: ReturnType<CommandHandler>,
  operation: Operation,
): Promise<CommandResult> {
  if (!isGenerator(result)) {
    return result;
  }
  try {
    let sliceEnd = performance.now() + SLICE_MS;
    for (;;) {
      const step = result.next();
      if (step.done) {
        return step.value;
      }
      const now = performance.now();
      if (now >= sliceEnd) {
        await nextTurn();
        sliceEnd = performance.now() + SLICE_MS;
      }
      checkOperation(operation, now);
    }
  } finally {
    result.return(NOTHING);
  }
}

const NOTHING: CommandResult = {};

function isGenerator(
  result: ReturnType<CommandHandler>,
): result is Generator<Pause, CommandResult, undefined> {
  return "next" in result && typeof result.next === "function";
}
