import type { MiddlewareHandler } from "hono";
import { gatewayPage } from "../http/gateway-page.js";
import type { UpstreamEnv } from "../http/upstream-env.js";

/** A web application firewall's rule: path and query of more than so many characters are 403. */
export function refuseLongUrls(maxUrlLength: number): MiddlewareHandler<UpstreamEnv> {
  return async (c, next) => (c.var.logged.url.length > maxUrlLength ? gatewayPage(403) : next());
}
