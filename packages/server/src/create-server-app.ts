import type { Logger, StoreReader } from "@cti-connectors/core";
import { createTaxiiApp } from "@cti-connectors/taxii-server";
import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { answerProblem } from "./answers/problem.js";
import { answerError } from "./api/answer-error.js";
import type { ApiCollections } from "./api/api-route.js";
import { createApi } from "./api/create-api.js";
import type { StatusSource } from "./api/status-routes.js";
import { servePage } from "./page/serve-page.js";
import { type ProtectionOptions, protect } from "./protection/protect.js";
import { createAttackSource } from "./taxii/create-attack-source.js";
import { createThreatfoxSource } from "./taxii/create-threatfox-source.js";

export interface ServerOptions extends StatusSource, Pick<ProtectionOptions, "token" | "rate"> {
  readonly store: StoreReader;
  /** What the collections are called that settings can name. */
  readonly collections: ApiCollections;
  /** The folder of the page's files; ends in `/`. Absent: there is no page. */
  readonly page?: URL;
  /** Answers `/health`, what is below it, and `/metrics`. Absent: nothing does. */
  readonly health?: Hono;
  /** How long an answer is worked on, in milliseconds: then it is 504. Waiting for a slow client does not count. Default 30,000. */
  readonly timeoutMs?: number;
  readonly log: Logger;
  /** Of the program. Default `0.0.0`. */
  readonly version?: string;
  /** Default: the clock. */
  readonly now?: () => Date;
}

/** Serves the API below `/api/v1`, TAXII 2.1 from `/taxii2/` on, and the page. Protects the port: see `ProtectionOptions`. */
export function createServerApp({
  token,
  rate,
  page,
  health,
  log,
  now = () => new Date(),
  version = "0.0.0",
  timeoutMs = 30_000,
  ...sources
}: ServerOptions): Hono {
  const app = new Hono();
  protect(app, {
    ...{ log, now },
    ...(token !== undefined && { token }),
    ...(rate !== undefined && { rate }),
  });
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (context, methods) => {
        const allow = methods.join(", ");
        return answerProblem(context, 405, `${context.req.path} answers ${allow}.`, { allow });
      },
    }),
  );
  if (health !== undefined) {
    for (const path of ["/health", "/health/*", "/metrics"]) {
      app.get(path, (context) => health.fetch(context.req.raw, context.env));
    }
  }
  app.route("/api/v1", createApi({ log, now, version, timeoutMs, ...sources }));
  app.route("/", createTaxii({ log, now, timeoutMs, ...sources }));
  app.use("/api/*", async (context) =>
    answerProblem(context, 404, `There is no ${context.req.path}: /api/v1/openapi.json says what there is.`),
  );
  if (page !== undefined) {
    servePage(app, page);
  }
  app.notFound((context) => answerProblem(context, 404, `There is no ${context.req.path}.`));
  app.onError((error, context) => answerError(error, context, log));
  return app;
}

type TaxiiOptions = Pick<ServerOptions, "store" | "collections" | "log"> &
  Required<Pick<ServerOptions, "now" | "timeoutMs">>;

function createTaxii({ store, collections: { iocs }, log, now, timeoutMs }: TaxiiOptions): Hono {
  const sources = [createAttackSource({ store, now }), createThreatfoxSource({ store, iocs, now })];
  return createTaxiiApp(sources, {
    title: "cti-connectors",
    description: "MITRE ATT&CK and abuse.ch ThreatFox, as they are stored here. No quota.",
    timeoutMs,
    onFault: (err) => log.error({ err }, "a TAXII request failed"),
  });
}
