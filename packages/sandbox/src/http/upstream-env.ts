import type { HttpBindings } from "@hono/node-server";
import type { LoggedRequest } from "./log-requests.js";

/** What every route of both upstreams finds in Hono's context. */
export interface UpstreamEnv {
  Bindings: HttpBindings;
  Variables: {
    /** The log entry of this request, so that a handler can complete it. */
    logged: { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] };
  };
}
