import type { HttpBindings } from "@hono/node-server";

export interface LoggedRequest {
  readonly upstream: "taxii" | "threatfox";
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body of a query of the ThreatFox API. */
  readonly body?: string;
  /** 0 while the answer is under way, and where the connection was cut before one. */
  readonly status: number;
  /** Length of the request's body. */
  readonly requestBytes: number;
  /** Length of the answer's body as it was sent; 0 as long as `status` is. */
  readonly responseBytes: number;
}

/** What every route of both upstreams finds in Hono's context. */
export interface UpstreamEnv {
  Bindings: HttpBindings;
  Variables: {
    /** The log entry of this request, so that a handler can complete it. */
    logged: { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] };
  };
}
