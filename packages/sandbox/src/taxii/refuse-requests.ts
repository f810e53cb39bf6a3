import { badRequest, notFound } from "@cti-connectors/taxii-server";
import type { MiddlewareHandler } from "hono";
import { gatewayPage } from "../http/gateway-page.js";
import type { UpstreamEnv } from "../http/upstream-env.js";
import type { TaxiiBehavior } from "./taxii-behavior.js";

/** Refuses what the server of this behavior does not have, or does not allow. */
export function refuseRequests(behavior: TaxiiBehavior): MiddlewareHandler<UpstreamEnv> {
  const { deadRoots = [], noManifest, maxLimit = Number.POSITIVE_INFINITY, onlyLastVersion } = behavior;
  return async ({ req }, next) => {
    if (deadRoots.some((path) => req.path.startsWith(path))) {
      throw notFound(`Cannot ${req.method} ${req.path}`);
    }
    if (noManifest !== undefined && /\/manifest\/?$/.test(req.path)) {
      return gatewayPage(noManifest);
    }
    if (Number(req.query("limit")) > maxLimit) {
      throw badRequest(`limit must be <= ${maxLimit}`);
    }
    const versions = req.query("match[version]")?.split(",");
    if (onlyLastVersion && versions?.some((version) => version !== "last")) {
      throw badRequest('match[version]: this server knows only "last"');
    }
    return next();
  };
}
