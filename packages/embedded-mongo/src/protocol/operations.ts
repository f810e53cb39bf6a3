import { CommandError } from "../errors/command-error.js";
import type { CommandRequest } from "./command-request.js";

/** Where a command comes from. */
export interface CommandOrigin {
  /** The same for all connections of one client. */
  readonly client: string;
  readonly connectionId: number;
  readonly remoteAddress: string;
}

/** A running command. */
export interface Operation {
  readonly id: number;
  readonly request: CommandRequest;
  readonly origin: CommandOrigin;
  /** As `performance.now()`. */
  readonly startedMs: number;
  /** When its `maxTimeMS` is over, as `performance.now()`. */
  deadlineMs: number;
  /** Why it ends at its next pause. */
  interruption: CommandError | undefined;
}

/** @throws CommandError MaxTimeMSExpired, or the operation's interruption */
export function checkOperation({ interruption, deadlineMs }: Operation, now = performance.now()): void {
  if (interruption !== undefined) {
    throw interruption;
  }
  if (now > deadlineMs) {
    throw new CommandError("MaxTimeMSExpired", "operation exceeded time limit");
  }
}

export type Operations = ReturnType<typeof createOperations>;

/** The running commands. */
export function createOperations() {
  const running = new Map<number, Operation>();
  let lastId = 0;
  let stopped: CommandError | undefined;
  const interruptWhere = (isMeant: (operation: Operation) => boolean, reason: CommandError): void => {
    for (const operation of running.values()) {
      if (isMeant(operation)) {
        operation.interruption ??= reason;
      }
    }
  };
  return {
    /** @throws CommandError once `stop` was called */
    start(request: CommandRequest, origin: CommandOrigin): Operation {
      if (stopped !== undefined) {
        throw stopped;
      }
      const operation: Operation = {
        id: ++lastId,
        request,
        origin,
        startedMs: performance.now(),
        deadlineMs: Number.POSITIVE_INFINITY,
        interruption: undefined,
      };
      running.set(operation.id, operation);
      return operation;
    },
    end: (operation: Operation) => running.delete(operation.id),
    list: () => [...running.values()],
    interruptWhere,
    /** Interrupts all, and starts no more. */
    stop(reason: CommandError): void {
      stopped = reason;
      interruptWhere(() => true, reason);
    },
    get size() {
      return running.size;
    },
  };
}
