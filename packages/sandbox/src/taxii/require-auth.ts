import { TaxiiRefusal, toErrorResponse } from "@cti-connectors/taxii-server";
import type { MiddlewareHandler } from "hono";
import type { UpstreamEnv } from "../http/upstream-env.js";
import type { TaxiiAuth, TaxiiBehavior } from "./taxii-behavior.js";

/**
 * Refuses requests without the right credentials with 401 (TAXII 2.1 §1.6.9 leaves the scheme open), or shows them the login page.
 *
 * @param auth absent: no credentials are right
 */
export function requireAuth(
  auth: TaxiiAuth | undefined,
  login: TaxiiBehavior["loginPage"],
): MiddlewareHandler<UpstreamEnv> {
  const { header, value, challenge } = auth === undefined ? noCredentials : expectation(auth);
  return async (c, next) => {
    if (value !== undefined && c.req.header(header) === value) {
      return next();
    }
    if (login === "page") {
      return loginPage();
    }
    if (login === "redirect") {
      return c.redirect("/login", 302);
    }
    return toErrorResponse(
      new TaxiiRefusal({
        status: 401,
        title: "Unauthorized",
        description: `This server needs credentials in the ${header} header.`,
        errorCode: "unauthorized",
        ...(challenge !== undefined && { headers: { "www-authenticate": challenge } }),
      }),
    );
  };
}

interface Expectation {
  readonly header: string;
  readonly value?: string;
  readonly challenge?: string;
}

const noCredentials: Expectation = { header: "authorization" };

function expectation(auth: TaxiiAuth): Expectation {
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

/** What a product with a web page sends to users who have not signed in. */
export function loginPage(): Response {
  return new Response(
    `<!DOCTYPE html>
<html><head><title>Sign in</title></head>
<body><form method="post" action="/login">
<input name="username"><input name="password" type="password"><button>Sign in</button>
</form></body></html>
`,
    { headers: { "content-type": "text/html; charset=utf-8" } },
  );
}
