import { TaxiiRefusal, toErrorResponse } from "@cti-connectors/taxii-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { MiddlewareHandler } from "hono";
import type { UpstreamEnv } from "../http/upstream-env.js";

export interface Quota {
  readonly requests: number;
  readonly windowMs: number;
}

interface Window {
  readonly startedAt: number;
  count: number;
}

/**
 * Counts requests per client address in fixed windows that start with the first request of an address, as
 * express-rate-limit does. Past the quota the answer is 429; a refused request does not extend the window.
 *
 * @param retryAfter whether a 429 says how long to wait
 */
export function enforceQuota(quota: Quota, retryAfter: boolean): MiddlewareHandler<UpstreamEnv> {
  const windows = new Map<string, Window>();
  return async (c, next) => {
    const address = getConnInfo(c).remote.address ?? "";
    const now = performance.now();
    let window = windows.get(address);
    if (window === undefined || now - window.startedAt >= quota.windowMs) {
      window = { startedAt: now, count: 0 };
      windows.set(address, window);
    }
    window.count += 1;
    if (window.count <= quota.requests) {
      return next();
    }
    const waitMs = window.startedAt + quota.windowMs - now;
    return toErrorResponse(
      new TaxiiRefusal({
        status: 429,
        title: "Too Many Requests",
        description: `The limit is ${quota.requests} requests in ${quota.windowMs / 1000} s.`,
        ...(retryAfter && { headers: { "retry-after": String(Math.ceil(waitMs / 1000)) } }),
      }),
    );
  };
}
