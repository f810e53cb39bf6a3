import { fileURLToPath } from "node:url";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Hono } from "hono";
import { compress } from "hono/compress";

/** The names of these files change with their content. */
const hashed = /^\/assets\//;
const forever = "public, max-age=31536000, immutable";

/**
 * Serves the files of the page. The page itself, `index.html`, answers each path that is no file, for a browser that shows it: there are views
 * with a dot in their path, such as `/attack/T1059.001`. They are compressed for clients that accept it.
 *
 * @param folder ends in `/`
 */
export function servePage(app: Hono, folder: URL): void {
  const root = fileURLToPath(folder);
  const files = serveStatic({ root });
  const index = serveStatic({ root, path: "index.html" });
  app.use(compress(), async (context, next) => {
    const { path } = context.req;
    const file = await files(context, async () => {});
    const isView = !path.includes(".") || context.req.header("accept")?.includes("text/html") === true;
    const answer = file ?? (isView ? await index(context, next) : await next());
    if (answer instanceof Response) {
      answer.headers.set("cache-control", hashed.test(path) ? forever : "no-cache");
    }
    return answer;
  });
}
