import { createLogger, listRejected, openStore, readStatus, type Store } from "@cti-connectors/core/host";
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
    searched: async () => [],
    status: () => readStatus({ store, connectors: [] }),
    rejected: (options) => listRejected({ store, ...options }),
    page,
    log: createLogger({ level: "error" }),
  });
  const server = await serveOnLoopback((request) => app.fetch(request));
  return {
    url: server.url,
    async close() {
      await server.close();
      await store.close();
    },
  };
}
