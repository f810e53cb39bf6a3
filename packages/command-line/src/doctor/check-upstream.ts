import { isUrl } from "@cti-connectors/core";
import {
  type ConfiguredConnector,
  createHttpClient,
  createLogger,
  type HttpLimits,
} from "@cti-connectors/core/host";
import { formatCount } from "../text/format.js";
import { type Check, lineOf } from "./check.js";
import { checkClock } from "./check-clock.js";

/** Enough for a slow upstream; `doctor` is waited for. */
const timeoutMs = 15_000;

export interface UpstreamOptions {
  /** The address that is asked where the connector has no check of its own. */
  readonly url: string | undefined;
  readonly limits: HttpLimits;
  readonly signal: AbortSignal;
}

/** Whether the upstream of a connector answers, and takes the key. One request, which the request budget does not record. */
export async function checkUpstream(
  { name, skipReason, http, check }: ConfiguredConnector,
  { url, limits, signal }: UpstreamOptions,
): Promise<readonly Check[]> {
  if (skipReason !== undefined) {
    return [{ name, state: "warning", text: `will be skipped: ${skipReason}` }];
  }
  const client = createHttpClient({
    settings: { ...http, ...limits, retries: 0, timeoutMs },
    log: createLogger({ level: "silent", format: "text" }),
    signal,
  });
  try {
    if (check !== undefined) {
      const found = await check(client);
      const { requests } = client.stats;
      const traffic =
        requests === 0
          ? "no request"
          : `${formatCount(requests, "request")} to ${http.origin ?? "the upstream"}`;
      return [{ name, state: "ok", text: `${found} (${traffic})` }];
    }
    if (url === undefined) {
      return [{ name, state: "skipped", text: "not checked: the connector names no urlSetting in http" }];
    }
    // That it is there is checked with the settings.
    if (!isUrl(url)) {
      return [{ name, state: "ok", text: `reads the file ${url}` }];
    }
    const { status, headers } = await client.request(url);
    const date = new Date(headers.get("date") ?? "");
    const text = `${http.origin ?? url} answers with ${status} (1 request)`;
    return [
      status < 400
        ? { name, state: "ok", text }
        : { name, state: "failed", text: `${text}: check ${http.urlSetting ?? "its address"} and the key` },
      ...(Number.isNaN(date.getTime()) ? [] : [checkClock(date, `the upstream of ${name}`)]),
    ];
  } catch (error) {
    return [{ name, state: "failed", text: lineOf(error) }];
  }
}
