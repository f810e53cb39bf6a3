import type { StartingRun } from "../run/run-once.js";
import { describeDatabaseDown, describeDatabaseUp } from "./describe-news.js";
import type { Message } from "./notification.js";
import { createSender, type NotifyOptions } from "./send-notification.js";

/** A run that could not open its database. */
type UnopenedRun = Omit<StartingRun, "store">;

/**
 * Notifies users when the database could not be opened several times in a row, and when it opens again. It remembers in memory what it
 * sent, because the database is not available: use it in a process that runs repeatedly. Does not throw.
 */
export function createDatabaseOutage(options: NotifyOptions) {
  const { signal, now = () => new Date() } = options;
  let failures = 0;
  let since = "";
  let isNotified = false;

  async function notify(run: UnopenedRun, message: Message): Promise<boolean> {
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
      if (!isNotified && failures >= run.settings.base.NOTIFY_AFTER_FAILURES) {
        const reason = run.redact(error instanceof Error ? error.message : String(error));
        isNotified = await notify(run, describeDatabaseDown(since, failures, reason));
      }
    },
    async opened(run: UnopenedRun): Promise<void> {
      failures = 0;
      if (isNotified) {
        isNotified = !(await notify(run, describeDatabaseUp(since)));
      }
    },
  };
}
