import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits before an answer is sent.
 *
 * @param closing aborts when the sandbox closes
 * @param hungUp aborts when the client no longer waits for the answer
 * @returns false where the client has hung up meanwhile
 * @throws the reason of `closing`
 */
export async function delayAnswer(
  delayMs: number,
  { closing, hungUp }: { readonly closing: AbortSignal; readonly hungUp: AbortSignal },
): Promise<boolean> {
  try {
    await sleep(delayMs, undefined, { signal: AbortSignal.any([closing, hungUp]) });
    return true;
  } catch (error) {
    if (hungUp.aborted) {
      return false;
    }
    throw error;
  }
}
