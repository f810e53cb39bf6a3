import { sleep } from "./sleep.js";

interface WaitWhileHeldOptions {
  /** Whether a failure only means that somebody else has it now. */
  readonly isHeld: (error: unknown) => boolean;
  /** How long to wait for it; 0: not at all. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Called once, when the wait begins. */
  readonly onWait: (error: unknown, until: Date) => void;
  /** Default 1 000. */
  readonly everyMs?: number;
}

/**
 * Takes what one process has at a time, and tries again while another one has it.
 *
 * @throws what `take` throws: the last failure where the time is up. The signal's reason where it aborts
 */
export async function waitWhileHeld<Result>(
  take: () => Promise<Result>,
  { isHeld, waitMs, signal, onWait, everyMs = 1_000 }: WaitWhileHeldOptions,
): Promise<Result> {
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await take();
    } catch (error) {
      const leftMs = waitMs - (performance.now() - startedAt);
      if (leftMs <= 0 || !isHeld(error)) {
        throw error;
      }
      if (attempt === 1) {
        onWait(error, new Date(Date.now() + leftMs));
      }
      await sleep(Math.min(everyMs, leftMs), signal);
    }
  }
}
