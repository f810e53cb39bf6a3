import { fileURLToPath } from "node:url";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Hono } from "hono";

/** The names of these files change with their content. */
const hashed = /^\/assets\//;
const forever = "public, max-age=31536000, immutable";

/**
 * Serves the files of the page. A path that looks like no file is the page's own: it gets `index.html`.
 *
 * @param folder ends in `/`
 */
export function servePage(app: Hono, folder: URL): void {
  const root = fileURLToPath(folder);
  const files = serveStatic({ root });
  const index = serveStatic({ root, path: "index.html" });
  app.use(async (context, next) => {
    const { path } = context.req;
    const isFile = path === "/" || path.includes(".");
    const answer = await (isFile ? files(context, next) : index(context, next));
    if (answer instanceof Response) {
      answer.headers.set("cache-control", hashed.test(path) ? forever : "no-cache");
    }
    return answer;
  });
}
