import type { HttpStatusError } from "@cti-connectors/core";
import { z } from "zod";
import type { TaxiiSettingNames } from "./taxii-connection.js";
import { TaxiiError, type TaxiiErrorDetails } from "./taxii-error.js";

/** The media type of TAXII 2.1; the ATT&CK server answers 406 to any other. */
export const taxiiMediaType = "application/taxii+json;version=2.1";

/** What every error of a request tells. */
export interface RequestPlace extends Pick<TaxiiErrorDetails, "request" | "url" | "page"> {
  /** True where no API root has answered yet: errors doubt the address. */
  readonly isEntrance: boolean;
  readonly settingNames: TaxiiSettingNames;
}

/** TAXII 2.1, section 3.6.1. */
const errorMessage = z.looseObject({
  title: z.string(),
  description: z.string().optional().catch(undefined),
  error_id: z.coerce.string().optional().catch(undefined),
  error_code: z.coerce.string().optional().catch(undefined),
  http_status: z.coerce.number().optional().catch(undefined),
});

/** What an answer without success, or without JSON, means. */
export function explainRefusal(where: RequestPlace, error: HttpStatusError): TaxiiError {
  const httpStatus = error.status;
  if (error.redirectsTo !== undefined) {
    return new TaxiiError({
      ...where,
      httpStatus,
      title: error.advice ?? `it redirects to ${error.redirectsTo}`,
      description: isLoginAddress(error.redirectsTo)
        ? `it seems to lead to a login page: ${credentialAdvice(where)}`
        : undefined,
      cause: error,
    });
  }
  if (isHtml(error.body)) {
    return htmlAnswer(where, error);
  }
  if (error.fault !== undefined) {
    return new TaxiiError({
      ...where,
      httpStatus,
      title: `the server sent ${describeFault(error.body, error.fault)}`,
      description: joined(
        `expected a TAXII 2.1 resource; try again later${where.isEntrance ? `, or check ${where.settingNames.url}` : ""}`,
        error.advice,
      ),
      cause: error,
    });
  }
  return explainErrorMessage(where, httpStatus, jsonOrUndefined(error.body), error.said, error);
}

function describeFault(body: string, fault: string): string {
  if (body.trim() === "") {
    return "an empty body";
  }
  return fault.startsWith("malformed") ? "something that is not JSON" : fault;
}

/**
 * What a server says in place of a resource.
 *
 * @param json a TAXII error message, or whatever else the server sent
 */
export function explainErrorMessage(
  where: RequestPlace,
  httpStatus: number,
  json: unknown,
  said: string | undefined,
  cause?: HttpStatusError,
): TaxiiError {
  const { data: message } = errorMessage.safeParse(json);
  // What came with a status of success is still no answer, such as an empty collection.
  const stated = message?.http_status ?? httpStatus;
  return new TaxiiError({
    ...where,
    httpStatus: cause === undefined ? httpStatus : stated,
    title: message?.title ?? (cause === undefined ? "the server sent an error" : "the server refused"),
    description: joined(
      withAdvice(message === undefined ? said : message.description, stated, where),
      cause?.advice,
    ),
    errorCode: message?.error_code,
    errorId: message?.error_id,
    cause,
  });
}

function htmlAnswer(where: RequestPlace, error: HttpStatusError): TaxiiError {
  const isRedirected = withoutQuery(error.url) !== withoutQuery(where.url);
  const isLogin =
    error.status < 500 && (isLoginPage(error.body) || (isRedirected && isLoginAddress(error.url)));
  const page = isRedirected ? `HTML at ${withoutQuery(error.url)}` : "HTML";
  return new TaxiiError({
    ...where,
    httpStatus: error.status,
    answeredHtml: true,
    title: isLogin ? `the server sent a login page (${page}), not TAXII` : "the server sent HTML, not TAXII",
    description: joined(
      isLogin ? credentialAdvice(where) : adviceOnHtml(error.status, error.body, where),
      error.advice,
    ),
    cause: error,
  });
}

function withoutQuery(address: string): string {
  return address.split(/[?#]/, 1)[0] ?? "";
}

function joined(...parts: readonly (string | undefined)[]): string | undefined {
  const given = parts.filter((part) => part !== undefined);
  return given.length === 0 ? undefined : given.join("; ");
}

function adviceOnHtml(httpStatus: number, body: string, where: RequestPlace): string | undefined {
  if (httpStatus >= 500 || httpStatus === 429) {
    return "the answer comes from a gateway in front of the server: try again later";
  }
  // nginx: "No required SSL certificate was sent", and "The SSL certificate error".
  if (httpStatus === 400 && /ssl certificate/i.test(body)) {
    return `the server requires a client certificate, or a different one: set or check ${where.settingNames.clientCertificate}`;
  }
  if (httpStatus === 401 || httpStatus === 403) {
    return adviceOn(httpStatus, where);
  }
  return where.isEntrance ? addressAdvice(where) : "a gateway or another site answered instead of the server";
}

/** What the server says comes first. It cannot know where its credentials are set. */
function withAdvice(said: string | undefined, httpStatus: number, where: RequestPlace): string | undefined {
  const advice = adviceOn(httpStatus, where);
  return said !== undefined && httpStatus === 401 ? `${said} (${advice})` : (said ?? advice);
}

function addressAdvice({ settingNames }: RequestPlace): string {
  return `is this the discovery URL or an API root? Check ${settingNames.url}`;
}

function credentialAdvice({ settingNames }: RequestPlace): string {
  return `the server requires credentials, or different ones: set or check ${settingNames.credentials}`;
}

function adviceOn(httpStatus: number, where: RequestPlace): string | undefined {
  switch (httpStatus) {
    case 304:
      return "it says that nothing has changed, although the request had no condition: check the cache in front of it";
    case 401:
      return credentialAdvice(where);
    case 403:
      return "these credentials have no access to this resource";
    case 404:
      return `there is no such resource${where.isEntrance ? `: ${addressAdvice(where)}` : ""}`;
    case 406:
      return `the server does not support ${taxiiMediaType}: is it a TAXII 2.1 server?`;
    case 429:
      return `the server's quota is used up: lower ${where.settingNames.requestBudget} to what it allows`;
    default:
      return undefined;
  }
}

function jsonOrUndefined(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isHtml(body: string): boolean {
  return body.slice(0, 512).trimStart().startsWith("<");
}

const passwordField = /<input\b[^>]*\btype\s*=\s*["']?password/i;
const loginTitle = /<title[^>]*>[^<]*\b(?:(?:log|sign)[ -]?[io]n\b|authenticat|single sign)/i;
const loginAddress =
  /(?:^|[/._-])(?:log[-_]?[io]n|sign[-_]?[io]n|sso|saml2?|oauth2?|oidc|openid|auth|authorize|adfs|idp)(?:[/._-]|$)/i;

/** Whether a web page asks for a password, or is the way to where one is asked for. */
export function isLoginPage(body: string): boolean {
  return passwordField.test(body) || loginTitle.test(body);
}

/** Whether a login page is what one expects at an address that a redirect leads to. */
export function isLoginAddress(address: string): boolean {
  if (!URL.canParse(address)) {
    return false;
  }
  const { hostname, pathname } = new URL(address);
  return loginAddress.test(pathname) || loginAddress.test(hostname);
}
