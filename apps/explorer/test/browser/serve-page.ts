import { readFile } from "node:fs/promises";
import { createLogger, openStore, type Store } from "@cti-connectors/core/host";
import { type LoopbackServer, serveOnLoopback } from "@cti-connectors/sandbox";
import { createServerApp } from "@cti-connectors/server";

interface PageOptions {
  readonly uri: string;
  readonly db: string;
  readonly page: URL;
  load(store: Store): Promise<void>;
}

/** Fills a database, and serves it with the page. */
export async function servePage({ uri, db, page, load }: PageOptions): Promise<LoopbackServer> {
  const store = await openStore({ uri, db, kind: "mongodb" });
  await load(store);
  const app = createServerApp({
    store: store.reader,
    collections: { iocs: "threatfox_raw", vulnerabilities: "kev" },
    log: createLogger({ level: "error" }),
  });
  app.get("*", ({ req }) => answerFile(page, req.path));
  const server = await serveOnLoopback((request) => app.fetch(request));
  return {
    url: server.url,
    async close() {
      await server.close();
      await store.close();
    },
  };
}

const mediaTypes: Readonly<Record<string, string>> = {
  css: "text/css",
  html: "text/html",
  js: "text/javascript",
  svg: "image/svg+xml",
};
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'self'; require-trusted-types-for 'script'";

/** A file of the page, or the page itself for the path of a view. */
async function answerFile(page: URL, path: string): Promise<Response> {
  const [, file = "index.html"] = /^\/(assets\/[\w.-]+)$/.exec(path) ?? [];
  const type = mediaTypes[file.split(".").at(-1) ?? ""] ?? "text/plain";
  const headers = { "content-type": type, "content-security-policy": policy };
  return new Response(await readFile(new URL(file, page)), { headers });
}
