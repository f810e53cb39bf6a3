import type { Logger, StoreReader } from "@cti-connectors/core";
import { Hono } from "hono";
import type { ApiCollections } from "./api/api-route.js";
import { createApi } from "./api/create-api.js";

export interface ServerOptions {
  readonly store: StoreReader;
  /** What the collections are called that settings can name. */
  readonly collections: ApiCollections;
  readonly log: Logger;
  /** Default: the clock. */
  readonly now?: () => Date;
}

/** Serves the API below `/api/v1`. */
export function createServerApp({ store, collections, log, now = () => new Date() }: ServerOptions): Hono {
  const app = new Hono();
  app.route("/api/v1", createApi({ store, collections, log, now }));
  return app;
}
