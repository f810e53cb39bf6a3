import {
  type ConfiguredConnector,
  type DataState,
  listRejected,
  type RejectedList,
  readDataState,
  readStatus,
  type Status,
  type Store,
} from "@cti-connectors/core/host";
import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { rejectedJson, statusJson } from "../answers/status-json.js";
import { type Api, answersWith } from "./api-route.js";
import { limitOf } from "./queries.js";

/** What is known of runs. The connectors are known where the server is started. */
export interface StatusSource {
  /** `readDataState` of `@cti-connectors/core/host` for each connector: how old the data is, and what it may lack. */
  readonly searched: () => Promise<readonly DataState[]>;
  /** `readStatus` of `@cti-connectors/core/host`. */
  readonly status: () => Promise<Status>;
  /** `listRejected` of `@cti-connectors/core/host`. */
  readonly rejected: (options: {
    readonly connectors?: readonly string[];
    readonly limit: number;
  }) => Promise<RejectedList>;
}

/** What a database knows of these connectors. */
export function createStatusSource(store: Store, connectors: readonly ConfiguredConnector[]): StatusSource {
  return {
    searched: () => Promise.all(connectors.map((connector) => readDataState(store, connector))),
    status: () => readStatus({ store, connectors }),
    rejected: (options) => listRejected({ store, ...options }),
  };
}

const statusRoute = createRoute({
  method: "get",
  path: "/status",
  summary: "How the last runs went, how old the data is, and what is stored",
  responses: answersWith(statusJson, "the state of connectors and collections"),
});

const rejectedRoute = createRoute({
  method: "get",
  path: "/rejected",
  summary: "Records that could not be stored, and why",
  request: {
    query: z.strictObject({ connector: z.string().min(1).max(100).optional(), limit: limitOf(1_000, 50) }),
  },
  responses: answersWith(rejectedJson, "the latest first"),
});

export function addStatusRoutes(api: Api, { status, rejected }: StatusSource): void {
  api.openapi(statusRoute, async (context) => context.json(await status(), 200));
  api.openapi(rejectedRoute, async (context) => {
    const { connector, limit } = context.req.valid("query");
    const connectors = connector === undefined ? {} : { connectors: [connector] };
    return context.json(await rejected({ ...connectors, limit }), 200);
  });
}
