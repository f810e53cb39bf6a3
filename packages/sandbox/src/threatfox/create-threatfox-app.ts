import { Hono, type MiddlewareHandler } from "hono";
import { z } from "zod";
import { gatewayPage } from "../http/gateway-page.js";
import type { UpstreamEnv } from "../http/upstream-env.js";
import { queries } from "./queries.js";
import { serveExports } from "./serve-exports.js";
import type { ThreatfoxFeed } from "./threatfox-feed.js";

const requestSchema = z.looseObject({ query: z.string() });

export interface ThreatfoxServer {
  readonly feed: ThreatfoxFeed;
  readonly authKey: string;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}

/**
 * `POST /api/v1/`, and the exports. Without a key the answer is 401, with a wrong one 403; an invalid query
 * is answered with status 200.
 *
 * @param gateway what every request passes before it gets here
 */
export function createThreatfoxApp(
  server: ThreatfoxServer,
  gateway: readonly MiddlewareHandler<UpstreamEnv>[],
): Hono<UpstreamEnv> {
  const app = new Hono<UpstreamEnv>({ strict: false });
  for (const handler of gateway) {
    app.use(handler);
  }
  app.notFound(() => gatewayPage(404));
  app.onError((error) => {
    if (server.closing.aborted) {
      return gatewayPage(503);
    }
    throw error;
  });
  app.post("/api/v1", async (c) => {
    const key = c.req.header("auth-key");
    if (key === undefined || key === "") {
      return c.json({ query_status: "auth_key_required", data: "Send your key in the Auth-Key header" }, 401);
    }
    if (key !== server.authKey) {
      return c.json({ query_status: "unknown_auth_key" }, 403);
    }

    const request = requestSchema.safeParse(parseJson(await c.req.text()));
    const query = request.success ? queries.get(request.data.query) : undefined;
    if (!request.success || query === undefined) {
      return c.json({ query_status: "illegal_query", data: "Expected a JSON object with a known query" });
    }
    return c.json(query(server.feed, request.data));
  });
  serveExports(app, server.feed, server.authKey);
  return app;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
