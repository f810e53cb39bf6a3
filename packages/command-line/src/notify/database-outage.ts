import type { StartingRun } from "../run/run-once.js";
import { describeDatabaseDown, describeDatabaseUp } from "./describe-news.js";
import type { Message } from "./notification.js";
import { createSender, type NotifyOptions } from "./send-notification.js";

/** A run that could not open its database. */
type UnopenedRun = Omit<StartingRun, "store">;

/**
 * Notifies users of a database that cannot be opened several times in a row, and when it can again. What was told is kept in memory, because
 * there is nowhere else: this is for a process that runs again and again. Does not throw.
 */
export function createDatabaseOutage(options: NotifyOptions) {
  const { signal, now = () => new Date() } = options;
  let failures = 0;
  let since = "";
  let isTold = false;

  async function tell(run: UnopenedRun, message: Message): Promise<boolean> {
    const send = createSender(run, options);
    if (send === undefined || !run.settings.base.NOTIFY_EVENTS.includes("database") || signal.aborted) {
      return false;
    }
    try {
      await send(message);
      return true;
    } catch (error) {
      run.log.warn({ err: error }, "notifications could not be sent to NOTIFY_URL: the next run tries again");
      return false;
    }
  }

  return {
    async failed(run: UnopenedRun, error: unknown): Promise<void> {
      since = failures === 0 ? now().toISOString() : since;
      failures += 1;
      if (!isTold && failures >= run.settings.base.NOTIFY_AFTER_FAILURES) {
        const reason = run.redact(error instanceof Error ? error.message : String(error));
        isTold = await tell(run, describeDatabaseDown(since, failures, reason));
      }
    },
    async opened(run: UnopenedRun): Promise<void> {
      failures = 0;
      if (isTold) {
        isTold = !(await tell(run, describeDatabaseUp(since)));
      }
    },
  };
}
