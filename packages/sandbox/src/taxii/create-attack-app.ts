import { isTaxii, notFound, TaxiiRefusal, taxiiContentType } from "@cti-connectors/taxii-server";
import { type Context, Hono } from "hono";
import { gatewayPage } from "../http/gateway-page.js";
import { type ContentRequest, manifest, object, objects, versions } from "./attack-objects.js";
import type { AttackRoot, AttackServer } from "./attack-server.js";
import { collection, collections } from "./collections.js";
import { apiRoot, discovery } from "./discovery.js";

/** The endpoints of the public ATT&CK server, which takes paths without the last slash too. */
export function createAttackApp(server: AttackServer): Hono {
  const app = new Hono({ strict: false });
  for (const path of ["/taxii2/*", "/api/*"]) {
    app.use(path, async (c, next) => {
      checkAccept(c.req.header("accept") ?? "");
      return next();
    });
  }
  app.notFound(({ req }) => {
    if (/^\/(taxii2|api)(\/|$)/.test(req.path)) {
      throw notFound(`Cannot ${req.method} ${req.path}`);
    }
    return gatewayPage(404);
  });
  // Otherwise Hono answers, and not the app that this one is part of.
  app.onError((error) => {
    throw error;
  });
  app.get("/taxii2", () => answer(discovery(server)));
  for (const root of server.roots) {
    addRoot(app, server, root);
  }
  return app;
}

/**
 * The server reads the whole header as one media type, so it refuses a list, and wildcards.
 *
 * @throws TaxiiRefusal 406
 */
function checkAccept(header: string): void {
  if (!isTaxii(header)) {
    throw new TaxiiRefusal({
      status: 406,
      title: header === "" ? "Missing Accept header" : "Unsupported Media Type",
      description: `Send Accept: ${taxiiContentType}.`,
    });
  }
}

function addRoot(app: Hono, server: AttackServer, root: AttackRoot): void {
  const { path } = root;
  app.get(path.slice(0, -1), () => answer(apiRoot(root)));
  app.get(`${path}collections`, () => answer(collections(server, root)));
  app.get(`${path}collections/:collection`, (c) =>
    answer(collection(server, root, c.req.param("collection"))),
  );
  const content = (c: Context): ContentRequest => {
    const collectionId = c.req.param("collection") ?? "";
    const query = new URL(c.req.url).searchParams;
    return { server, root, collectionId, query, hungUp: c.req.raw.signal };
  };
  const objectsPath = `${path}collections/:collection/objects`;
  app.get(`${path}collections/:collection/manifest`, (c) => manifest(content(c)));
  app.get(objectsPath, (c) => objects(content(c)));
  app.get(`${objectsPath}/:object`, (c) => object(content(c), c.req.param("object")));
  app.get(`${objectsPath}/:object/versions`, (c) => versions(content(c), c.req.param("object")));
}

function answer(resource: object): Response {
  return new Response(JSON.stringify(resource), { headers: { "content-type": taxiiContentType } });
}
