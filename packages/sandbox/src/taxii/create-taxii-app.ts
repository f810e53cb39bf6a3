import { type Context, Hono, type MiddlewareHandler } from "hono";
import { etag } from "hono/etag";
import { gatewayPage } from "../http/gateway-page.js";
import type { UpstreamEnv } from "../http/upstream-env.js";
import { acceptTaxii } from "./accept-taxii.js";
import { collection, collections } from "./collections.js";
import { apiRoot, discovery } from "./discovery.js";
import { type ContentRequest, manifest, object, objects, versions } from "./objects.js";
import { loginPage, requireAuth } from "./require-auth.js";
import { notFound, TaxiiRefusal, taxiiContentType, taxiiErrorResponse } from "./taxii-error.js";
import type { ApiRoot, TaxiiServer } from "./taxii-server.js";

/**
 * The endpoints of a TAXII server. The ATT&CK server takes paths without the last slash too.
 *
 * @param gateway what every request passes before it gets to an endpoint
 */
export function createTaxiiApp(
  server: TaxiiServer,
  gateway: readonly MiddlewareHandler<UpstreamEnv>[],
): Hono<UpstreamEnv> {
  const strict = server.flavor === "standard";
  const app = new Hono<UpstreamEnv>({ strict });
  for (const handler of gateway) {
    app.use(handler);
  }
  app.onError((error) => {
    if (error instanceof TaxiiRefusal) {
      return answerError(server, error);
    }
    if (server.closing.aborted) {
      return gatewayPage(503);
    }
    throw error;
  });
  app.notFound(({ req }) => {
    return /^\/(taxii2|api)(\/|$)/.test(req.path)
      ? answerError(server, notFound(`Cannot ${req.method} ${req.path}`))
      : gatewayPage(404);
  });
  app.get("/login", () => loginPage());
  for (const path of ["/taxii2/*", "/api/*"]) {
    const { auth, loginPage: login, maxUrlLength } = server.behavior;
    if (maxUrlLength !== undefined) {
      // The rule of a web application firewall.
      app.use(path, async (c, next) => (c.var.logged.url.length > maxUrlLength ? gatewayPage(403) : next()));
    }
    if (auth !== undefined || login !== undefined) {
      app.use(path, requireAuth(auth, login));
    }
    app.use(path, acceptTaxii(server.flavor));
    if (server.behavior.etag) {
      app.use(path, etag());
    }
  }
  const end = strict ? "/" : "";
  app.get(`/taxii2${end}`, (c) => answer(discovery(server, new URL(c.req.url).origin)));
  for (const root of server.roots) {
    addRoot(app, server, root, end);
  }
  return app;
}

/** @param end of every path: Hono takes the last slash off a request's path unless it is strict */
function addRoot(app: Hono<UpstreamEnv>, server: TaxiiServer, root: ApiRoot, end: "/" | ""): void {
  const { path } = root;
  app.get(path.slice(0, -1) + end, () => answer(apiRoot(server, root)));
  app.get(`${path}collections${end}`, () => answer(collections(server, root)));
  app.get(`${path}collections/:collection${end}`, (c) =>
    answer(collection(server, root, c.req.param("collection"))),
  );
  const content = (c: Context<UpstreamEnv>): ContentRequest => {
    const collectionId = c.req.param("collection") ?? "";
    const query = new URL(c.req.url).searchParams;
    return { server, root, collectionId, query, hungUp: c.req.raw.signal };
  };
  const objectsPath = `${path}collections/:collection/objects`;
  app.get(`${path}collections/:collection/manifest${end}`, (c) => manifest(content(c)));
  app.get(`${objectsPath}${end}`, (c) => objects(content(c)));
  app.get(`${objectsPath}/:object${end}`, (c) => object(content(c), c.req.param("object")));
  app.get(`${objectsPath}/:object/versions${end}`, (c) => versions(content(c), c.req.param("object")));
}

function answer(resource: object): Response {
  return new Response(JSON.stringify(resource), { headers: { "content-type": taxiiContentType } });
}

/** The ATT&CK server sends no `error_code`. */
function answerError(server: TaxiiServer, { answer: { errorCode, ...rest } }: TaxiiRefusal): Response {
  const withCode = server.flavor === "standard" && errorCode !== undefined;
  return taxiiErrorResponse(withCode ? { ...rest, errorCode } : rest);
}
