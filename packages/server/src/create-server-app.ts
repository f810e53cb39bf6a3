import type { Logger, StoreReader } from "@cti-connectors/core";
import { createTaxiiApp } from "@cti-connectors/taxii-server";
import { Hono } from "hono";
import type { ApiCollections } from "./api/api-route.js";
import { createApi } from "./api/create-api.js";
import { createAttackSource } from "./taxii/create-attack-source.js";
import { createThreatfoxSource } from "./taxii/create-threatfox-source.js";
import type { StatusSource } from "./api/status-routes.js";

export interface ServerOptions extends StatusSource {
  readonly store: StoreReader;
  /** What the collections are called that settings can name. */
  readonly collections: ApiCollections;
  readonly log: Logger;
  /** Of the program. Default `0.0.0`. */
  readonly version?: string;
  /** Default: the clock. */
  readonly now?: () => Date;
}

/** Serves the API below `/api/v1`, and TAXII 2.1 from `/taxii2/` on. */
export function createServerApp({
  store,
  collections,
  log,
  now = () => new Date(),
  version = "0.0.0",
  ...source
}: ServerOptions): Hono {
  const app = new Hono();
  app.route("/api/v1", createApi({ store, collections, log, now, version, ...source }));
  const sources = [
    createAttackSource({ store, now }),
    createThreatfoxSource({ store, iocs: collections.iocs, now }),
  ];
  app.route(
    "/",
    createTaxiiApp(sources, {
      title: "cti-connectors",
      description: "MITRE ATT&CK and abuse.ch ThreatFox, as they are stored here. No quota.",
      onFault: (err) => log.error({ err }, "a TAXII request failed"),
    }),
  );
  return app;
}
