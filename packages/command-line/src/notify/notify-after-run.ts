import {
  type ConnectorReport,
  createNotificationState,
  type Store,
  unlessAborted,
} from "@cti-connectors/core/host";
import type { StartingRun } from "../run/run-once.js";
import { type Condition, type FinishedRun, findConditions } from "./find-conditions.js";
import { notifyOfReleases, rememberReleases } from "./new-releases.js";
import { createSender, type NotifyOptions, type Send } from "./send-notification.js";

/** Records the releases stored before a run, so that later ones are recognised as new. Does not throw: the run matters more. */
export async function prepareToNotify(
  { settings, store, log }: StartingRun,
  { signal }: NotifyOptions,
): Promise<void> {
  const { NOTIFY_URL, NOTIFY_EVENTS } = settings.base;
  if (NOTIFY_URL === undefined || !NOTIFY_EVENTS.includes("release")) {
    return;
  }
  try {
    for (const connector of settings.connectors) {
      await unlessAborted(signal, rememberReleases({ connector, store }));
    }
  } catch (error) {
    if (!signal.aborted) {
      log.warn({ err: error }, "the stored releases could not be recorded for notifications");
    }
  }
}

/**
 * Notifies users of what a run has shown. The database records what was sent, so that nothing is sent twice. Does not throw, because the
 * data is loaded: a warning says what went wrong, and the next run tries again.
 */
export async function notifyAfterRun(run: FinishedRun, options: NotifyOptions): Promise<void> {
  const { report, log, settings } = run;
  const { signal, now = () => new Date() } = options;
  const send = createSender(run, options);
  if (send === undefined || report.status === "interrupted" || signal.aborted) {
    return;
  }
  const ending = abortLater(signal);
  try {
    for (const connector of report.connectors) {
      await unlessAborted(ending.signal, notifyOf(connector, run, { send, now: now() }));
    }
  } catch (error) {
    log.warn(
      { err: error, format: settings.base.NOTIFY_FORMAT },
      "notifications could not be sent to NOTIFY_URL: the next run tries again",
    );
  } finally {
    ending.dispose();
  }
}

interface Delivery {
  readonly send: Send;
  readonly now: Date;
}

async function notifyOf(report: ConnectorReport, run: FinishedRun, { send, now }: Delivery): Promise<void> {
  const { settings, store, command } = run;
  const { NOTIFY_EVENTS } = settings.base;
  for (const condition of await findConditions(report, run, now)) {
    if (NOTIFY_EVENTS.includes(condition.event)) {
      await notifyOfCondition(condition, store, send);
    }
  }
  const connector = settings.connectors.find(({ name }) => name === report.name);
  if (connector !== undefined && report.status === "ok" && NOTIFY_EVENTS.includes("release")) {
    await notifyOfReleases({ connector, store }, { command, send });
  }
}

async function notifyOfCondition(
  { subject, episode, begun, over }: Condition,
  store: Store,
  send: Send,
): Promise<void> {
  const notifications = createNotificationState(store);
  const before = await notifications.read(subject);
  if (episode !== undefined && episode !== before) {
    await notifications.notify(subject, { from: before, to: episode }, () => send(begun(episode)));
  } else if (episode === undefined && before !== undefined) {
    await notifications.notify(subject, { from: before, to: undefined }, () => send(over(before)));
  }
}

/** Longer than a request that is under way may take after an interruption, and shorter than the process. */
const graceMs = 4_000;

/** A signal that aborts a while after another one, so that what is under way can end in order. */
function abortLater(signal: AbortSignal): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => controller.abort(signal.reason), graceMs);
  };
  signal.addEventListener("abort", begin, { once: true });
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer);
      signal.removeEventListener("abort", begin);
    },
  };
}
