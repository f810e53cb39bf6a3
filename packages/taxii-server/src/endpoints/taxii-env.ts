import type { Context } from "hono";
import type { PageSizes } from "../request/parse-limit.js";
import type { ApiRoot, TaxiiSource } from "../source/taxii-source.js";
import type { WorkLimit } from "./limit-work.js";

/** What the endpoints answer from. */
export interface TaxiiServer {
  readonly title: string;
  readonly description?: string;
  readonly contact?: string;
  readonly sources: readonly TaxiiSource[];
  readonly pageSizes: PageSizes;
  readonly maxContentLength: number;
  readonly maxQueryLength: number;
  /** Told of what is no fault of the client. */
  readonly onFault: (error: unknown) => void;
}

/** An API root, and the source that has its content. */
export interface ServedRoot {
  readonly source: TaxiiSource;
  readonly root: ApiRoot;
}

/** What an endpoint finds in Hono's context. */
export interface TaxiiEnv {
  Bindings: {
    /** What is routed: `/taxii2`, or `/root` and what follows the API root's own path. Without a slash at the end. */
    readonly route: string;
    /** Absent for discovery. */
    readonly served?: ServedRoot;
    readonly limit: WorkLimit;
  };
}

/** The API root that a request is for. */
export function servedRoot({ env }: Context<TaxiiEnv>): ServedRoot {
  if (env.served === undefined) {
    throw new Error("the route does not lie in an API root");
  }
  return env.served;
}
