import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Sleep, sleep as sleepOnTheRealClock } from "../async/sleep.js";
import type { WaitNotice } from "../budget/budget-rules.js";
import type { RequestBudget } from "../budget/request-budget.js";
import type { Logger } from "../log/create-logger.js";
import { hideUrlSecrets } from "../secrets/hide-url-secrets.js";
import { downloadToFile } from "./download-to-file.js";
import type { HttpClient, HttpSettings, HttpStats } from "./http-client.js";
import { HttpUrlError } from "./http-errors.js";
import { createRequestSender } from "./request-sender.js";
import { sendWithRetries } from "./send-with-retries.js";

export interface HttpClientOptions {
  readonly settings: HttpSettings;
  /** Wins over the one in `settings`. */
  readonly origin?: string | undefined;
  /** Every attempt is taken from it before it is sent. Absent: no limit. */
  readonly budget?: RequestBudget | undefined;
  readonly log: Logger;
  /** When it aborts, the request in hand has a few seconds to end, and no other is started. */
  readonly signal: AbortSignal;
  readonly onWait?: ((notice: WaitNotice) => void) | undefined;
  /** Called after a wait that `onWait` told of; not when it was interrupted. */
  readonly onResume?: (() => void) | undefined;
  /** Default `cti-connectors/<version>`. */
  readonly userAgent?: string | undefined;
  readonly sleep?: Sleep | undefined;
  readonly now?: (() => Date) | undefined;
  /** From 0 to 1, like `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Makes the HTTP client of one connector: per-attempt time-out; retry with exponential back-off and full jitter;
 * `Retry-After`; the request budget; redirects within one origin only, because the settings' headers hold keys.
 */
export function createHttpClient({
  settings,
  origin = settings.origin,
  budget,
  log,
  signal,
  onWait,
  onResume,
  userAgent = `cti-connectors/${packageVersion()}`,
  sleep = sleepOnTheRealClock,
  now = () => new Date(),
  random = Math.random,
}: HttpClientOptions): HttpClient & { readonly stats: HttpStats } {
  const stats = { requests: 0, retries: 0, throttled: 0 };
  const shared = { settings, budget, signal, onWait, onResume, now, stats };
  const sender = createRequestSender({ ...shared, origin, log, userAgent });
  const retrying = { ...shared, sender, sleep, random };

  function targetOf(url: string | URL): URL {
    const target = parseTarget(url, settings.urlSetting);
    sender.useOrigin(target);
    return target;
  }

  return {
    stats,
    async request(url, request = {}) {
      return sendWithRetries(retrying, targetOf(url), { request: () => request });
    },
    async download(url, request) {
      const target = targetOf(url);
      signal.throwIfAborted();
      return downloadToFile(request, now, async (file) => {
        const { urlSetting } = request;
        const exchange = { request: () => ({ headers: file.headers(), urlSetting }), read: file.read };
        const { url: answered, headers } = await sendWithRetries(retrying, target, exchange);
        return { url: answered, headers, bytes: file.bytes };
      });
    },
  };
}

/** @throws HttpUrlError */
function parseTarget(url: string | URL, setting = "the address"): URL {
  const shown = hideUrlSecrets(url);
  const target = URL.canParse(String(url)) ? new URL(url) : undefined;
  if (target?.protocol !== "http:" && target?.protocol !== "https:") {
    throw new HttpUrlError(`${shown}: ${setting} must start with http:// or https://`);
  }
  if (target.username !== "" || target.password !== "") {
    throw new HttpUrlError(`${shown}: ${setting} must not hold a user name or password`);
  }
  return target;
}

const manifest = z.object({ version: z.string() });

/** The version of this package, from its package.json. */
function packageVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return manifest.parse(JSON.parse(readFileSync(file, "utf8"))).version;
}
