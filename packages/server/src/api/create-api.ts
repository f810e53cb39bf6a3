import type { Logger, StoreReader } from "@cti-connectors/core";
import { limitWork } from "@cti-connectors/taxii-server";
import { OpenAPIHono } from "@hono/zod-openapi";
import { answerProblem } from "../answers/problem.js";
import { readUntil } from "../reading/read-until.js";
import { rememberDays } from "../reading/remember-days.js";
import { answerError } from "./answer-error.js";
import type { Api, ApiCollections, ApiEnv } from "./api-route.js";
import { addAttackRoutes } from "./attack-routes.js";
import { addBatchRoute } from "./batch-route.js";
import { addIocRoutes } from "./ioc-routes.js";
import { addLayerRoutes } from "./layer-routes.js";
import { addLookupRoutes } from "./lookup-routes.js";
import { addObjectRoutes } from "./object-routes.js";
import { refuseInvalid } from "./refuse-invalid.js";
import { revalidate } from "./revalidate.js";
import { addStatusRoutes, type StatusSource } from "./status-routes.js";

export interface ApiOptions extends StatusSource {
  readonly store: StoreReader;
  readonly collections: ApiCollections;
  readonly log: Logger;
  readonly now: () => Date;
  /** Of the program. */
  readonly version: string;
  /** How long an answer is worked on. */
  readonly timeoutMs: number;
}

const describeApi = {
  openapi: "3.1.0",
  info: {
    title: "cti-connectors",
    version: "1",
    description: "What is stored of MITRE ATT&CK and ThreatFox. Times are RFC 3339, in UTC.",
    license: { name: "MIT", identifier: "MIT" },
  },
  servers: [{ url: "/api/v1" }],
};

/** The API below `/api/v1`. */
export function createApi(options: ApiOptions): Api {
  const { store, collections, log, now, version, timeoutMs } = options;
  const api = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid });
  api.use(async (context, next) => {
    const limit = limitWork(context.req.raw.signal, timeoutMs);
    context.set("limit", limit);
    context.set("store", readUntil(limit.signal, store));
    context.set("now", now());
    await limit.run(next);
  });
  api.use(revalidate(version));
  addLookupRoutes(api, collections, options);
  addBatchRoute(api, { ...collections, log });
  addAttackRoutes(api);
  addObjectRoutes(api);
  const days = rememberDays({ store, iocs: collections.iocs, now });
  addLayerRoutes(api, collections, days);
  addIocRoutes(api, collections, days);
  addStatusRoutes(api, options);
  api.doc31("/openapi.json", describeApi);
  api.onError((error, context) => answerError(error, context, log));
  api.all("*", (context) =>
    answerProblem(context, 404, `There is no ${context.req.path}: /api/v1/openapi.json says what there is.`),
  );
  return api;
}
