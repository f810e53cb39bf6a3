import type { MiddlewareHandler } from "hono";
import type { UpstreamEnv } from "./upstream-env.js";

export interface LoggedRequest {
  readonly upstream: "taxii" | "threatfox";
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of a query of the ThreatFox API. */
  readonly body?: string;
  /** 0 while the answer is under way, and where the connection was cut before one. */
  readonly status: number;
}

/**
 * Adds every request to `log` as it arrives, and its status before the answer leaves.
 *
 * @param onAnswer called once that is known
 */
export function logRequests(
  upstream: LoggedRequest["upstream"],
  log: LoggedRequest[],
  onAnswer?: (request: LoggedRequest) => void,
): MiddlewareHandler<UpstreamEnv> {
  return async (c, next) => {
    const { pathname, search } = new URL(c.req.url);
    const entry: UpstreamEnv["Variables"]["logged"] = {
      upstream,
      method: c.req.method,
      url: pathname + search,
      headers: c.req.header(),
      status: 0,
    };
    log.push(entry);
    c.set("logged", entry);
    if (entry.method === "POST") entry.body = await c.req.text();
    await next();
    if (!c.env.incoming.socket.destroyed) entry.status = c.res.status;
    onAnswer?.(entry);
  };
}
