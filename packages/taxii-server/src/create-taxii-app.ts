import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { answerNotFound, createEndpoints } from "./endpoints/create-endpoints.js";
import { findRoute } from "./endpoints/find-route.js";
import { limitWork } from "./endpoints/limit-work.js";
import { TaxiiRefusal, toErrorResponse } from "./protocol/taxii-refusal.js";
import type { TaxiiSource } from "./source/taxii-source.js";

export interface TaxiiAppOptions {
  /** The server's name, in discovery. */
  readonly title: string;
  readonly description?: string;
  /** Whom to ask about the server. */
  readonly contact?: string;
  /** Objects per page without `limit`. `Infinity`: all at once. Default 1000. */
  readonly defaultPageSize?: number;
  /** Objects per page at most, whatever `limit` says. Default 2000. */
  readonly maxPageSize?: number;
  /** What API roots give as `max_content_length`, in bytes. Nothing can be sent to this server, but the standard wants it. Default 104,857,600. */
  readonly maxContentLength?: number;
  /** Longer queries are refused with 414, in characters. Default 8192. */
  readonly maxQueryLength?: number;
  /** How long the server works on an answer, in milliseconds: then it answers 504. Waiting for a slow client does not count. Default 30,000. */
  readonly timeoutMs?: number;
  /** Told of what became a 500 or cut a page: the client does not learn why. */
  readonly onFault?: (error: unknown) => void;
}

/**
 * A TAXII 2.1 server that can be read only, as an app of its own, or below another one: `other.route("/", app)`. It answers
 * `/taxii2/` and the API roots of its sources, and passes other paths on.
 *
 * @param sources where two have an API root with the same path, the earlier one is asked
 */
export function createTaxiiApp(sources: readonly TaxiiSource[], options: TaxiiAppOptions): Hono {
  const { defaultPageSize = 1000, maxPageSize = 2000 } = options;
  const { maxContentLength = 104_857_600, maxQueryLength = 8192, timeoutMs = 30_000 } = options;
  const { onFault = () => {} } = options;
  const endpoints = createEndpoints({
    title: options.title,
    ...(options.description !== undefined && { description: options.description }),
    ...(options.contact !== undefined && { contact: options.contact }),
    sources,
    pageSizes: { default: defaultPageSize, max: maxPageSize },
    maxContentLength,
    maxQueryLength,
    onFault,
  });
  const app = new Hono();
  app.use(async (c, next) => {
    const limit = limitWork(c.req.raw.signal, timeoutMs);
    const found = await limit.run(() => findRoute(sources, new URL(c.req.url).pathname));
    return found === undefined ? next() : endpoints.fetch(c.req.raw, { ...found, limit });
  });
  app.notFound(answerNotFound);
  const answerError = (error: Error, { req }: Context) => {
    if (error instanceof TaxiiRefusal) {
      return toErrorResponse(error);
    }
    if (error instanceof HTTPException) {
      return error.getResponse();
    }
    if (!req.raw.signal.aborted) {
      onFault(error);
    }
    if (error.name === "TimeoutError") {
      return toErrorResponse(
        new TaxiiRefusal({
          status: 504,
          title: "Gateway Timeout",
          description: "The answer takes too long: ask for less with limit, or try again later.",
          errorCode: "timeout",
        }),
      );
    }
    return toErrorResponse(
      new TaxiiRefusal({
        status: 500,
        title: "Internal Server Error",
        description: "The server could not answer. Try again later.",
        errorCode: "internal-error",
      }),
    );
  };
  app.onError(answerError);
  endpoints.onError(answerError);
  return app;
}
