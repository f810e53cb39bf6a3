import type { AskedRun } from "../run/run-once.js";
import { createDatabaseOutage } from "./database-outage.js";
import { notifyAfterRun, prepareToNotify } from "./notify-after-run.js";

/**
 * Notifies users of what runs show. A single run cannot know whether a notification about the database was sent before, so only a schedule
 * notifies of it.
 *
 * @param command how users start the program
 */
export function notifying(
  command: string,
  { signal, isScheduled }: { readonly signal: AbortSignal; readonly isScheduled: boolean },
): Pick<AskedRun, "beforeRun" | "onDatabaseFailure" | "afterRun"> {
  const outage = createDatabaseOutage({ signal });
  return {
    async beforeRun(starting) {
      await outage.opened(starting);
      await prepareToNotify(starting, { signal });
    },
    ...(isScheduled && { onDatabaseFailure: outage.failed }),
    afterRun: (loaded) => notifyAfterRun({ ...loaded, command }, { signal }),
  };
}
