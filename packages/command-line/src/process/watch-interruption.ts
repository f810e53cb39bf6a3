import { exitStatus } from "./exit-status.js";

export interface Interruption {
  /** Aborted when the person interrupts. */
  readonly signal: AbortSignal;
  /** Resolves then. */
  readonly happened: Promise<void>;
  /** Stops watching; from then on signals end the process again, after the first one with the status of an interruption. */
  dispose(): void;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const parentCheckMs = 500;

/**
 * Lets signals end this process whenever nothing watches for them, although it is the first process of a container: to that one the kernel
 * delivers only signals that it has handlers for (`pid_namespaces(7)`). Any other process ends by itself.
 */
export function endAtSignals(): void {
  if (process.pid !== 1) {
    return;
  }
  for (const signal of signals) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) {
        process.exit(exitStatus.interrupted);
      }
    });
  }
}

/**
 * Watches for requests to end this process: Ctrl-C, a service manager, a closed terminal. The second time, the
 * process exits at once.
 *
 * Under pnpm, a signal sent to pnpm alone ends pnpm and its shell without reaching this process. That the parent is gone
 * is then the only sign, and counts as the first signal.
 *
 * @param onFirst called at the first signal
 */
export function watchInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  const happened = new Promise<void>((resolve) => {
    controller.signal.addEventListener("abort", () => resolve(), { once: true });
  });

  function interrupt(): void {
    if (controller.signal.aborted) {
      process.exit(exitStatus.interrupted);
    }
    controller.abort(new Error("interrupted"));
    onFirst();
  }

  const parent = process.ppid;
  const parentCheck = setInterval(() => {
    if (process.ppid !== parent) {
      clearInterval(parentCheck);
      if (!controller.signal.aborted) {
        interrupt();
      }
    }
  }, parentCheckMs);
  parentCheck.unref();
  if (process.env.npm_lifecycle_event === undefined) {
    clearInterval(parentCheck);
  }

  for (const signal of signals) {
    process.on(signal, interrupt);
  }
  return {
    signal: controller.signal,
    happened,
    dispose() {
      clearInterval(parentCheck);
      if (controller.signal.aborted) {
        return;
      }
      for (const signal of signals) {
        process.off(signal, interrupt);
      }
    },
  };
}
