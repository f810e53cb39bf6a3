import { errorTextOf, type HttpClient, type JsonObject } from "@cti-connectors/core";
import { z } from "zod";
import { getResource } from "./get-resource.js";
import { isJsonObject } from "./stix-object.js";
import { TaxiiError } from "./taxii-error.js";

/** What a server says of itself (TAXII 2.1, section 4.1). */
export interface Discovery {
  readonly kind: "discovery";
  /** Where it was found. */
  readonly url: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly contact: string | undefined;
  /** Absolute URL, ending in a slash: the root a client should use; where the server names none, the first one. */
  readonly defaultRoot: string;
  /** Absolute URLs, ending in a slash. */
  readonly apiRoots: readonly string[];
  readonly received: JsonObject;
}

/** What an API root says of itself (TAXII 2.1, section 4.2). */
export interface ApiRootInformation {
  readonly kind: "api-root";
  /** Absolute, ending in a slash. */
  readonly url: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** Media types that it speaks. */
  readonly versions: readonly string[];
  readonly received: JsonObject;
}

const text = z.string().optional().catch(undefined);
const texts = z.array(z.string()).optional();

/** Both spellings of older ATT&CK deployments are read. */
const landing = z.object({
  received: z.custom<JsonObject>(isJsonObject, "expected a JSON object"),
  fields: z.looseObject({
    title: text,
    description: text,
    contact: text,
    default: text,
    api_roots: texts,
    apiRoots: texts,
    versions: texts,
  }),
});

const landingOf = z.preprocess((received) => ({ received, fields: received }), landing);

/**
 * Asks a URL for what it is: the discovery resource or an API root. One request.
 *
 * @throws TaxiiError where it is neither
 */
export async function discover(
  http: HttpClient,
  address: string | URL,
): Promise<Discovery | ApiRootInformation> {
  const url = withTrailingSlash(new URL(address));
  const request = "discovery";
  const { value } = await getResource({ http, url, request, schema: landingOf });
  const { received, fields } = value;
  const { title, description, contact } = fields;
  const listed = fields.api_roots ?? fields.apiRoots ?? [];
  const first = fields.default ?? listed[0];
  if (first !== undefined) {
    const apiRoots = listed.map((root) => resolveRoot(root, url, request));
    const defaultRoot = resolveRoot(first, url, request);
    return {
      kind: "discovery",
      url: url.href,
      title,
      description,
      contact,
      defaultRoot,
      apiRoots: apiRoots.includes(defaultRoot) ? apiRoots : [defaultRoot, ...apiRoots],
      received,
    };
  }
  if (fields.versions !== undefined || "max_content_length" in received || "maxContentLength" in received) {
    return {
      kind: "api-root",
      url: url.href,
      title,
      description,
      versions: fields.versions ?? [],
      received,
    };
  }
  const said = errorTextOf(received);
  throw new TaxiiError({
    request,
    url: url.href,
    title: "neither a discovery resource with API roots nor an API root",
    description: `${said === undefined ? "" : `the server says "${said}"; `}the answer holds ${Object.keys(received).join(", ") || "nothing"}. Check MITRE_TAXII_URL`,
  });
}

/** The same URL with a path that ends in a slash, as all of TAXII's paths do. */
export function withTrailingSlash(url: URL): URL {
  const result = new URL(url);
  if (!result.pathname.endsWith("/")) result.pathname += "/";
  result.hash = "";
  return result;
}

/** Servers list API roots as URLs or as paths. */
function resolveRoot(root: string, base: URL, request: string): string {
  try {
    return withTrailingSlash(new URL(root, base)).href;
  } catch (cause) {
    throw new TaxiiError({
      request,
      url: base.href,
      title: `the API root "${root}" is neither a URL nor a path`,
      cause,
    });
  }
}
