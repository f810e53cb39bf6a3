import type { Logger } from "@cti-connectors/core";
import type { ConfiguredConnector, Store } from "@cti-connectors/core/host";
import type { Hono } from "hono";
import { readProgramVersion } from "../process/program-version.js";
import { type ListenAddress, type ServedApp, serveApp } from "../process/serve-app.js";
import { findCollections } from "../settings/find-collections.js";

/** Where `serve` listens, and a demo. */
export const servedPort = 8421;

/** Where a server listens, and who may ask it. */
export interface ServerAddress extends ListenAddress {
  /** Absent: everybody who reaches the port. */
  readonly token?: string | undefined;
}

export interface OpenServerOptions {
  readonly address: ServerAddress;
  /** What is served. It stays open longer than the server. */
  readonly store: Store;
  readonly connectors: readonly ConfiguredConnector[];
  /** Answers `/health` and `/metrics`. Absent: nothing does. */
  readonly health?: Hono;
  readonly log: Logger;
}

/**
 * Serves the page, the API and TAXII from a database. Their code is loaded here: most commands need none.
 *
 * @throws PortTakenError, UsageError as `serveApp`
 */
export async function openServer({
  address,
  store,
  connectors,
  health,
  log,
}: OpenServerOptions): Promise<ServedApp> {
  const { pageFolder } = await import("@cti-connectors/explorer");
  const { createServerApp, createStatusSource } = await import("@cti-connectors/server");
  const { host, port, token } = address;
  const app = createServerApp({
    store: store.reader,
    collections: findCollections(connectors),
    ...createStatusSource(store, connectors),
    page: pageFolder,
    version: readProgramVersion(),
    log,
    ...(health !== undefined && { health }),
    ...(token !== undefined && { token }),
  });
  const texts = { subject: "The page", portFlag: "--port", hostFlag: "--host" };
  return serveApp(app, { host, port }, texts);
}
