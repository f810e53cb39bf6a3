import type { MiddlewareHandler } from "hono";
import type { UpstreamEnv } from "../http/upstream-env.js";
import type { TaxiiAuth } from "./taxii-behavior.js";
import { taxiiErrorResponse } from "./taxii-error.js";

/** Refuses requests without the right credentials with 401 (TAXII 2.1 §1.6.9 leaves the scheme open). */
export function requireAuth(auth: TaxiiAuth): MiddlewareHandler<UpstreamEnv> {
  const { header, value, challenge } = expectation(auth);
  return async (c, next) => {
    if (c.req.header(header) === value) return next();
    return taxiiErrorResponse(
      {
        status: 401,
        title: "Unauthorized",
        description: `This server needs credentials in the ${header} header.`,
        errorCode: "unauthorized",
      },
      challenge === undefined ? {} : { "www-authenticate": challenge },
    );
  };
}

function expectation(auth: TaxiiAuth): { header: string; value: string; challenge?: string } {
  switch (auth.kind) {
    case "basic": {
      const credentials = Buffer.from(`${auth.username}:${auth.password}`).toString("base64");
      return { header: "authorization", value: `Basic ${credentials}`, challenge: 'Basic realm="taxii"' };
    }
    case "bearer":
      return { header: "authorization", value: `Bearer ${auth.token}`, challenge: "Bearer" };
    case "api-key":
      return { header: auth.header.toLowerCase(), value: auth.key };
  }
}
