import type { MiddlewareHandler } from "hono";
import type { UpstreamEnv } from "../http/upstream-env.js";
import { TaxiiRefusal } from "./taxii-error.js";

/**
 * Refuses requests that do not accept TAXII 2.1 with 406. The ATT&CK server (`attack`) reads the whole header as
 * one media type, so it refuses a list and wildcards too; by the standard a list with weights is fine.
 */
export function acceptTaxii(flavor: "attack" | "standard"): MiddlewareHandler<UpstreamEnv> {
  return async (c, next) => {
    const header = c.req.header("accept") ?? "";
    const mediaTypes = flavor === "attack" ? [header] : header.split(",");
    if (!mediaTypes.some((mediaType) => isAcceptable(mediaType, flavor))) {
      throw new TaxiiRefusal({
        status: 406,
        title: header === "" ? "Missing Accept header" : "Unsupported Media Type",
        description: "Send Accept: application/taxii+json;version=2.1.",
        errorCode: "not-acceptable",
      });
    }
    return next();
  };
}

function isAcceptable(mediaType: string, flavor: "attack" | "standard"): boolean {
  const [name, ...parameters] = mediaType.split(";").map((part) => part.trim().toLowerCase());
  const wildcard = name === "*/*" || name === "application/*";
  if (name !== "application/taxii+json" && !(flavor === "standard" && wildcard)) {
    return false;
  }
  if (parameters.includes("q=0")) {
    return false;
  }
  return parameters.every((parameter) => !parameter.startsWith("version=") || parameter === "version=2.1");
}
