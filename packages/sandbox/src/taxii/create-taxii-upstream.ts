import { notFound, TaxiiRefusal, toErrorResponse } from "@cti-connectors/taxii-server";
import { Hono, type MiddlewareHandler } from "hono";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import { gatewayPage } from "../http/gateway-page.js";
import type { UpstreamEnv } from "../http/upstream-env.js";
import type { StixRelease } from "../stix/stix-release.js";
import { buildAttackCatalog } from "./build-attack-catalog.js";
import { createAttackApp } from "./create-attack-app.js";
import { createStandardApp } from "./create-standard-app.js";
import { refuseRequests } from "./refuse-requests.js";
import { loginPage, requireAuth } from "./require-auth.js";
import { rewriteAnswers } from "./rewrite-answers.js";
import type { TaxiiBehavior } from "./taxii-behavior.js";

export interface TaxiiUpstream {
  readonly flavor: "attack" | "standard";
  readonly behavior: TaxiiBehavior;
  readonly releases: readonly StixRelease[];
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}

/**
 * A TAXII server of one flavor, and what its behavior puts in front of it.
 *
 * @param gateway what every request passes before that
 */
export function createTaxiiUpstream(
  upstream: TaxiiUpstream,
  gateway: readonly MiddlewareHandler<UpstreamEnv>[],
): Hono<UpstreamEnv> {
  const { flavor, behavior, releases, closing } = upstream;
  const server =
    flavor === "attack"
      ? createAttackApp({ roots: buildAttackCatalog(releases), behavior, closing })
      : createStandardApp({ releases, behavior, closing });
  const app = new Hono<UpstreamEnv>();
  for (const handler of gateway) {
    app.use(handler);
  }
  app.onError((error) => {
    if (error instanceof TaxiiRefusal) {
      return toErrorResponse(flavor === "attack" ? withoutCode(error) : error);
    }
    if (error instanceof HTTPException) {
      return error.getResponse();
    }
    if (closing.aborted) {
      return gatewayPage(503);
    }
    throw error;
  });
  app.get("/login", () => loginPage());
  for (const path of ["/taxii2/*", "/api/*"]) {
    for (const handler of behaviorHandlers(upstream)) {
      app.use(path, handler);
    }
  }
  app.all("*", async (c) => server.fetch(ignoreParameters(c.req.raw, behavior), c.env));
  return app;
}

function behaviorHandlers({ flavor, behavior }: TaxiiUpstream): readonly MiddlewareHandler<UpstreamEnv>[] {
  const { auth, loginPage: login, maxUrlLength } = behavior;
  return [
    ...(maxUrlLength === undefined ? [] : [limitUrls(maxUrlLength)]),
    ...(auth === undefined && login === undefined ? [] : [requireAuth(auth, login)]),
    ...(flavor === "standard" ? [requireSlash] : []),
    behavior.etag ? etag() : removeEtag,
    refuseRequests(behavior),
    rewriteAnswers(behavior),
  ];
}

/** The rule of a web application firewall. */
function limitUrls(maxLength: number): MiddlewareHandler<UpstreamEnv> {
  return async (c, next) => (c.var.logged.url.length > maxLength ? gatewayPage(403) : next());
}

const requireSlash: MiddlewareHandler<UpstreamEnv> = async ({ req }, next) => {
  if (!req.path.endsWith("/")) {
    throw notFound(`Cannot ${req.method} ${req.path}`);
  }
  return next();
};

const removeEtag: MiddlewareHandler<UpstreamEnv> = async (c, next) => {
  await next();
  c.res.headers.delete("etag");
};

/** The ATT&CK server sends no `error_code`. */
function withoutCode({ answer: { errorCode: _, ...answer } }: TaxiiRefusal): TaxiiRefusal {
  return new TaxiiRefusal(answer);
}

function ignoreParameters(request: Request, { ignore = [] }: TaxiiBehavior): Request {
  if (ignore.length === 0) {
    return request;
  }
  const url = new URL(request.url);
  for (const name of ignore) {
    url.searchParams.delete(name);
  }
  return new Request(url, request);
}
