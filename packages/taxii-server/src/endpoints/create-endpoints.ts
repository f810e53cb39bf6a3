import { type Context, Hono } from "hono";
import { acceptsTaxii, isTaxii, taxiiContentType } from "../protocol/media-type.js";
import { forbidden, notFound, TaxiiRefusal, toErrorResponse } from "../protocol/taxii-refusal.js";
import { answerPage } from "./answer-page.js";
import { answerResource } from "./answer-resource.js";
import {
  describeCollection,
  describeCollections,
  describeRoot,
  describeServer,
  findCollection,
} from "./describe-server.js";
import { servedRoot, type TaxiiEnv, type TaxiiServer } from "./taxii-env.js";

type Endpoint = (c: Context<TaxiiEnv>) => Promise<Response>;

/** The endpoints of TAXII 2.1 §4 and §5, by what `findRoute` makes of their paths. */
export function createEndpoints(server: TaxiiServer): Hono<TaxiiEnv> {
  const app = new Hono<TaxiiEnv>({ getPath: (_, options) => options?.env?.route ?? "/" });
  app.notFound(answerNotFound);
  app.use((c, next) => {
    checkRequest(c, server);
    return c.env.limit.run(next);
  });
  const serve = (path: string, endpoints: Readonly<Record<string, Endpoint>>) => {
    for (const [method, endpoint] of Object.entries(endpoints)) {
      app.on(method, path, endpoint);
    }
    app.all(path, (c) => refuseMethod(c, ["HEAD", ...Object.keys(endpoints)]));
  };
  serve("/taxii2", { GET: async (c) => answerResource(c, await describeServer(server)) });
  serve("/root", { GET: async (c) => answerResource(c, describeRoot(server, servedRoot(c))) });
  serve("/root/status/:status", { GET: refuseStatus });
  serve("/root/collections", {
    GET: async (c) => answerResource(c, await describeCollections(servedRoot(c))),
  });
  const collection = "/root/collections/:collection";
  serve(collection, { GET: async (c) => answerResource(c, describeCollection(await findCollection(c))) });
  serve(`${collection}/manifest`, { GET: (c) => answerPage(c, server, "manifest") });
  serve(`${collection}/objects`, {
    GET: (c) => answerPage(c, server, "objects"),
    POST: refuseObjects,
  });
  serve(`${collection}/objects/:object`, {
    GET: (c) => answerPage(c, server, "objects"),
    DELETE: refuseToWrite,
  });
  serve(`${collection}/objects/:object/versions`, { GET: (c) => answerPage(c, server, "versions") });
  return app;
}

/** @throws TaxiiRefusal 406, 414 */
function checkRequest({ req }: Context<TaxiiEnv>, { maxQueryLength }: TaxiiServer): void {
  const { length } = new URL(req.url).search;
  if (length > maxQueryLength) {
    throw new TaxiiRefusal({
      status: 414,
      title: "URI Too Long",
      description: `The query has ${length} characters, and may have ${maxQueryLength}: ask for less at a time.`,
      errorCode: "query-too-long",
    });
  }
  const header = req.header("accept") ?? "";
  if (!acceptsTaxii(header)) {
    throw new TaxiiRefusal({
      status: 406,
      title: header === "" ? "Missing Accept header" : "Unsupported Media Type",
      description: `Send Accept: ${taxiiContentType}.`,
      errorCode: "not-acceptable",
    });
  }
}

/** For a path that is none of the standard's. */
export function answerNotFound({ req }: Context): Response {
  return toErrorResponse(notFound(`There is nothing at ${new URL(req.url).pathname}.`));
}

/** A status says what became of objects that were sent (TAXII 2.1 §4.3), and this server takes none. */
async function refuseStatus(): Promise<Response> {
  throw notFound("This server is read only: it has no status resource.");
}

async function refuseObjects(c: Context<TaxiiEnv>): Promise<Response> {
  if (!isTaxii(c.req.header("content-type") ?? "")) {
    throw new TaxiiRefusal({
      status: 415,
      title: "Unsupported Media Type",
      description: `Send Content-Type: ${taxiiContentType}.`,
      errorCode: "unsupported-media-type",
    });
  }
  return refuseToWrite(c);
}

async function refuseToWrite(c: Context<TaxiiEnv>): Promise<Response> {
  const { id } = await findCollection(c);
  throw forbidden(`Collection ${id} is read only.`);
}

function refuseMethod({ req }: Context<TaxiiEnv>, allowed: readonly string[]): never {
  const methods = allowed.join(", ");
  throw new TaxiiRefusal({
    status: 405,
    title: "Method Not Allowed",
    description: `${req.method} is not possible here: ${methods} are.`,
    errorCode: "method-not-allowed",
    headers: { allow: methods },
  });
}
