import { readFileSync } from "node:fs";
import { z } from "zod";
import { sleep } from "../async/sleep.js";
import { hideUrlSecrets } from "../secrets/hide-url-secrets.js";
import { createDownloadMethod } from "./download-to-file.js";
import type { HttpClient, HttpContext, HttpStats } from "./http-client.js";
import { HttpUrlError } from "./http-errors.js";
import { createJsonMethod } from "./request-json.js";
import { createRequestSender } from "./send-request.js";
import { type SendExchange, sendWithRetries } from "./send-with-retries.js";

/** Defaults: `cti-connectors/<version>`, the real clock and real chance. */
export type HttpClientOptions = Omit<HttpContext, "stats" | Default> & Partial<Pick<HttpContext, Default>>;
type Default = "userAgent" | "sleep" | "now" | "random";

/**
 * Makes the HTTP client of one connector: per-attempt time-out; retry with exponential back-off and full jitter;
 * `Retry-After`; the request budget; redirects within one origin only, because the settings' headers hold keys.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient & { readonly stats: HttpStats } {
  const stats = { requests: 0, retries: 0, throttled: 0 };
  const context: HttpContext = {
    userAgent: `cti-connectors/${packageVersion()}`,
    sleep,
    now: () => new Date(),
    random: Math.random,
    ...options,
    stats,
  };
  const { settings, signal, now } = context;
  const sender = createRequestSender(context);
  const retrying = { ...context, sender };

  function targetOf(url: string | URL): URL {
    const target = parseTarget(url, settings.urlSetting);
    sender.useOrigin(target);
    return target;
  }

  function exchangeWith(url: string | URL): SendExchange {
    const target = targetOf(url);
    return (exchange) => sendWithRetries(retrying, target, exchange);
  }

  return {
    stats,
    async request(url, request = {}) {
      return exchangeWith(url)({ request: () => request });
    },
    json: createJsonMethod(exchangeWith),
    download: createDownloadMethod(exchangeWith, { now, signal }),
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
    throw new HttpUrlError(`${shown}: ${setting} must not contain a user name or password`);
  }
  return target;
}

const manifest = z.object({ version: z.string() });

/** The version of this package, from its package.json. */
function packageVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return manifest.parse(JSON.parse(readFileSync(file, "utf8"))).version;
}
