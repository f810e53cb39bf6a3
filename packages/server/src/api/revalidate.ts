import { readDataStamp } from "@cti-connectors/core/host";
import { makeEtag } from "@cti-connectors/taxii-server";
import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./api-route.js";

/** What these answer does not depend on stored data alone. */
const alwaysNew = /\/(?:status|rejected|openapi\.json)$/;
/** Apart from `since`, what is known of ATT&CK does not depend on the clock. */
const timeless = /\/attack\/(?!.*\/layers\/iocs$)/;
const minuteMs = 60_000;

/**
 * Gives answers an ETag that changes with the stored data and the program, and answers 304 to clients whose copy is still valid. It costs one
 * small read. While a run changes the data there is none. An address has ETags of its own, so that only a client that got an answer from it
 * has one.
 *
 * @param version of the program
 */
export function revalidate(version: string): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const { method, path, url } = context.req;
    const { store, now } = context.var;
    const isReading = method === "GET" || method === "HEAD";
    const stamp = isReading && !alwaysNew.test(path) ? await readDataStamp(store) : undefined;
    if (stamp === undefined) {
      await next();
      context.header("cache-control", "no-store");
      return;
    }
    const minute = timeless.test(path) ? "" : Math.floor(now.getTime() / minuteMs).toString(36);
    const etag = makeEtag(version, stamp, minute, url);
    const headers = { etag, "cache-control": "private, no-cache" };
    const known = context.req.header("if-none-match");
    if (isKnown(etag, known)) {
      return context.body(null, 304, headers);
    }
    await next();
    if (context.res.status !== 200) {
      return;
    }
    if (known?.trim() === "*") {
      context.res = context.body(null, 304, headers);
      return;
    }
    context.header("etag", headers.etag);
    context.header("cache-control", headers["cache-control"]);
  };
}

/** Weak comparison (RFC 9110, section 13.1.2). */
function isKnown(etag: string, known = ""): boolean {
  const opaque = (text: string) => text.trim().replace(/^W\//, "");
  return known.split(",").some((one) => opaque(one) === opaque(etag));
}
