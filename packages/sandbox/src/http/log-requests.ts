import type { Context, MiddlewareHandler } from "hono";
import type { LoggedRequest, UpstreamEnv } from "./upstream-env.js";

/**
 * Adds every request to `log` as it arrives, and the status and length of its answer before that leaves.
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
      requestBytes: 0,
      responseBytes: 0,
    };
    log.push(entry);
    c.set("logged", entry);
    if (entry.method === "POST") {
      entry.body = await c.req.text();
      entry.requestBytes = Buffer.byteLength(entry.body);
    }
    await next();
    if (!c.env.incoming.socket.destroyed) {
      entry.responseBytes = entry.method === "HEAD" ? 0 : await measureBody(c);
      entry.status = c.res.status;
    }
    onAnswer?.(entry);
  };
}

/** Answers that may be large carry their length. */
async function measureBody(c: Context<UpstreamEnv>): Promise<number> {
  const length = c.res.headers.get("content-length");
  if (length !== null) {
    return Number(length);
  }
  return c.res.body === null ? 0 : (await c.res.clone().arrayBuffer()).byteLength;
}
