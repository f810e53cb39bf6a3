import {
  configureConnector,
  createLogger,
  openStore,
  parseConfig,
  type Store,
} from "@cti-connectors/core/host";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { malwareLinks } from "@cti-connectors/pivot";
import { type LoopbackServer, serveOnLoopback } from "@cti-connectors/sandbox";
import { createServerApp, createStatusSource } from "@cti-connectors/server";
import { threatfox } from "@cti-connectors/threatfox";

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
  const connectors = [
    configureConnector(mitreTaxii, parseConfig(mitreTaxii.config, {})),
    configureConnector(threatfox, parseConfig(threatfox.config, {})),
    configureConnector(malwareLinks, parseConfig(malwareLinks.config, {})),
  ];
  const app = createServerApp({
    store: store.reader,
    collections: { iocs: "threatfox_raw", vulnerabilities: "kev" },
    ...createStatusSource(store, connectors),
    log: createLogger({ level: "error" }),
    page,
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
