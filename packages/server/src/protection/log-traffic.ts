import { hideUrlSecrets, type Logger } from "@cti-connectors/core";
import type { MiddlewareHandler } from "hono";

/** Writes a line for each request, without headers, and without what a query may hold of secrets. */
export function logTraffic(log: Logger): MiddlewareHandler {
  return async (context, next) => {
    const start = performance.now();
    await next();
    const { pathname, search } = new URL(hideUrlSecrets(context.req.url));
    log.debug(
      {
        method: context.req.method,
        url: `${pathname}${search}`,
        status: context.res.status,
        ms: Math.round(performance.now() - start),
      },
      "request",
    );
  };
}
