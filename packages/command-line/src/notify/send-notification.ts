import { createHttpClient, httpLimitsOf } from "@cti-connectors/core/host";
import type { StartingRun } from "../run/run-once.js";
import type { NotifyFormat } from "../settings/program-config.js";
import { answerText } from "../text/answer-text.js";
import { createNotification, type Message, type Notification } from "./notification.js";
import { slackMessage } from "./slack-message.js";
import { teamsMessage } from "./teams-message.js";

/** A run does not wait for a slow webhook: the next run tries again. */
const longestAnswerMs = 10_000;
/** Of all attempts, with the waits that a 429 asks for. */
const longestDeliveryMs = 30_000;
const mostRetries = 2;

/** What notifying has to know of the process. */
export interface NotifyOptions {
  /** Aborts when the process is to end: the next run notifies. */
  readonly signal: AbortSignal;
  /** Default: the real clock. */
  readonly now?: () => Date;
}

/**
 * Sends a message to NOTIFY_URL. A redirect to another host is not followed.
 *
 * @throws HttpStatusError, HttpConnectionError where it did not arrive; their messages do not hold the address
 * @throws the reason of the signal
 */
export type Send = (message: Message) => Promise<void>;

/** Makes what sends messages of a run; undefined where NOTIFY_URL is not set. */
export function createSender(
  { settings, redact, log }: Omit<StartingRun, "store">,
  { signal, now = () => new Date() }: NotifyOptions,
): Send | undefined {
  const { NOTIFY_URL: url, NOTIFY_FORMAT, DB_NAME } = settings.base;
  if (url === undefined) {
    return undefined;
  }
  const { timeoutMs, retries, maxBodyBytes } = httpLimitsOf(settings.base);
  const limits = {
    timeoutMs: Math.min(timeoutMs, longestAnswerMs),
    retries: Math.min(retries, mostRetries),
    maxBodyBytes,
  };
  return async (message) => {
    const notification = createNotification(message, { database: DB_NAME, now: now() });
    const timeUp = AbortSignal.timeout(longestDeliveryMs);
    const http = createHttpClient({
      settings: { urlSetting: "NOTIFY_URL", secrets: secretsOf(url), ...limits },
      log,
      signal: AbortSignal.any([signal, timeUp]),
    });
    const request = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: answerText(formats[NOTIFY_FORMAT](notification), { json: true, redact }, () => ""),
      // It may have arrived.
      retryTimeouts: false,
    } as const;
    await http.request(url, request).catch((error: unknown) => {
      const isLate = timeUp.aborted && !signal.aborted;
      throw isLate
        ? new Error(`the webhook did not accept the notification within ${longestDeliveryMs / 1000} s`)
        : error;
    });
    log.info({ event: message.event, connector: message.connector }, `notified: ${message.title}`);
  };
}

const formats: Readonly<Record<NotifyFormat, (notification: Notification) => unknown>> = {
  json: (notification) => notification,
  slack: slackMessage,
  teams: teamsMessage,
};

const shortestSecret = 8;

/** Anyone who knows the path or query of a webhook can use it, and a server may send back any part of it. */
function secretsOf(url: string): string[] {
  const { href, pathname, search, searchParams } = new URL(url);
  const parts = [...pathname.split("/"), ...searchParams.values()];
  return [url, href, `${pathname}${search}`, ...parts].filter(({ length }) => length >= shortestSecret);
}
