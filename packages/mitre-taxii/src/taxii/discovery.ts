import { errorTextOf, isJsonObject, type JsonObject } from "@cti-connectors/core";
import { z } from "zod";
import { getResource } from "./get-resource.js";
import { clientOptions, type TaxiiConnection } from "./taxii-connection.js";
import { TaxiiError } from "./taxii-error.js";

/** A server's discovery resource (TAXII 2.1, section 4.1). */
export interface Discovery {
  readonly kind: "discovery";
  /** Where it was found. */
  readonly url: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly contact: string | undefined;
  /** Absolute URL, ending in a slash: the root a client should use; where the server names none, the first one. */
  readonly defaultRoot: string;
  /** False where that is an address of which the list of API roots knows nothing. */
  readonly isDefaultListed: boolean;
  /** Absolute URLs, ending in a slash. */
  readonly apiRoots: readonly string[];
  readonly received: JsonObject;
}

/** Information about an API root (TAXII 2.1, section 4.2). */
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
/** One text stands for a list of it; what is no text is left out. */
const texts = z
  .preprocess((value) => (typeof value === "string" ? [value] : value), z.array(z.unknown()))
  .transform((values) => values.filter((value) => typeof value === "string" && value.trim() !== ""))
  .pipe(z.array(z.string()))
  .optional()
  .catch(undefined);

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
  connection: TaxiiConnection,
  address: string | URL,
): Promise<Discovery | ApiRootInformation> {
  const url = withTrailingSlash(new URL(address));
  const request = "discovery";
  const { value } = await getResource({ connection, url, request, schema: landingOf, isEntrance: true });
  const { received, fields } = value;
  const { title, description, contact } = fields;
  const listed = fields.api_roots ?? fields.apiRoots ?? [];
  const apiRoots = listed.map((root) => resolveRoot(root, url, request));
  const named = fields.default?.trim() ? resolveRoot(fields.default, url, request) : undefined;
  const defaultRoot = chooseRoot(named, apiRoots);
  if (defaultRoot !== undefined) {
    const isDefaultListed = apiRoots.includes(defaultRoot);
    return {
      kind: "discovery",
      url: url.href,
      title,
      description,
      contact,
      defaultRoot,
      isDefaultListed,
      apiRoots: isDefaultListed ? apiRoots : [defaultRoot, ...apiRoots],
      received,
    };
  }
  if (isApiRoot(received)) {
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
    description: `${said === undefined ? "" : `the server says "${said}"; `}the answer has ${Object.keys(received).join(", ") || "nothing"}. Check ${(connection.settingNames ?? clientOptions).url}`,
  });
}

/**
 * Servers behind a proxy know their default root by another path, or at another address, than they list it: the listed one is meant for
 * clients.
 */
function chooseRoot(named: string | undefined, listed: readonly string[]): string | undefined {
  if (named === undefined) {
    return listed[0];
  }
  if (listed.includes(named)) {
    return named;
  }
  const { pathname } = new URL(named);
  const isNamed = (root: string) => pathname !== "/" && new URL(root).pathname.endsWith(pathname);
  return listed.find(isNamed) ?? named;
}

/** Some leave out what an API root must say of itself (TAXII 2.1, section 4.2.1), but for its title. */
function isApiRoot(received: JsonObject): boolean {
  if ("api_roots" in received || "apiRoots" in received) {
    return false;
  }
  return ["title", "versions", "max_content_length", "maxContentLength"].some((field) => field in received);
}

/** The same URL with a path that ends in a slash, as all of TAXII's paths do. */
export function withTrailingSlash(url: URL): URL {
  const result = new URL(url);
  if (!result.pathname.endsWith("/")) {
    result.pathname += "/";
  }
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
