import {
  errorTextOf,
  type HttpClient,
  HttpStatusError,
  type JsonAnswer,
  requestJson,
} from "@cti-connectors/core";
import { z } from "zod";
import { isLoginAddress, isLoginPage } from "./is-login-page.js";
import { TaxiiError, type TaxiiErrorDetails } from "./taxii-error.js";
import type { PageCursor } from "./taxii-page.js";

/** The media type of TAXII 2.1; the ATT&CK server answers 406 to any other. */
export const taxiiMediaType = "application/taxii+json;version=2.1";

export interface ResourceRequest<Schema extends z.ZodType> {
  readonly http: HttpClient;
  readonly url: URL;
  /** What is asked for, for error messages. */
  readonly request: string;
  readonly schema: Schema;
  /** Fields of which a resource has one, if it is not empty: what has words of an error instead is no resource. */
  readonly holds?: readonly string[];
  /** Beside `Accept`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** False: a time-out, a 502 or a 504 is an error at once. Default true. */
  readonly retryTimeouts?: boolean | undefined;
  /** Where the page that is asked for begins, where that is not the first one; for errors. */
  readonly page?: PageCursor | undefined;
  /** True where no API root has answered yet: errors doubt the address. */
  readonly isEntrance?: boolean;
}

export interface Resource<Value> {
  readonly value: Value;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** How often it was asked for. */
  readonly attempts: number;
}

/** What every error tells. */
type Where = Pick<TaxiiErrorDetails, "request" | "url" | "page"> & { readonly isEntrance: boolean };

/** TAXII 2.1, section 3.6.1. */
const errorMessage = z.looseObject({
  title: z.string(),
  description: z.string().optional().catch(undefined),
  error_id: z.coerce.string().optional().catch(undefined),
  error_code: z.coerce.string().optional().catch(undefined),
  http_status: z.coerce.number().optional().catch(undefined),
});

/** Tells an error message from a resource, which has a title as well. */
const onlyInErrors = ["http_status", "error_code", "error_id", "error", "errors"];

/**
 * Asks for one TAXII resource and validates it.
 *
 * @throws TaxiiError where the server refuses or the answer is not what TAXII says
 */
export async function getResource<Schema extends z.ZodType>({
  http,
  url,
  request,
  schema,
  holds,
  headers,
  retryTimeouts,
  page,
  isEntrance = false,
}: ResourceRequest<Schema>): Promise<Resource<z.output<Schema>>> {
  const where = { request, url: url.href, page, isEntrance };
  let response: JsonAnswer;
  try {
    response = await requestJson(http, url, {
      headers: { ...headers, accept: taxiiMediaType },
      ...(retryTimeouts !== undefined && { retryTimeouts }),
    });
  } catch (error) {
    throw error instanceof HttpStatusError ? refusal(where, error) : error;
  }
  const { status: httpStatus, json } = response;
  const said = errorTextOf(json);
  if (said !== undefined && isErrorMessage(json, holds)) {
    throw messageError(where, httpStatus, json, said);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const found = z.prettifyError(parsed.error);
    throw new TaxiiError({
      ...where,
      httpStatus,
      title: "the response does not follow TAXII 2.1",
      description: said === undefined ? found : `the server says "${said}"; ${found}`,
      cause: parsed.error,
    });
  }
  return { value: parsed.data, headers: response.headers, attempts: response.attempts ?? 1 };
}

function refusal(where: Where, error: HttpStatusError): TaxiiError {
  const httpStatus = error.status;
  if (error.redirectsTo !== undefined) {
    return new TaxiiError({
      ...where,
      httpStatus,
      title: error.advice ?? `it redirects to ${error.redirectsTo}`,
      description: isLoginAddress(error.redirectsTo)
        ? `it seems to lead to a login page: ${credentialAdvice}`
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
        `expected a TAXII 2.1 resource; try again later${where.isEntrance ? ", or check MITRE_TAXII_URL" : ""}`,
        error.advice,
      ),
      cause: error,
    });
  }
  return messageError(where, httpStatus, jsonOrUndefined(error.body), error.said, error);
}

function describeFault(body: string, fault: string): string {
  if (body.trim() === "") {
    return "an empty body";
  }
  return fault.startsWith("malformed JSON") ? "something that is not JSON" : fault;
}

/** @param json a TAXII error message, or whatever else the server sent */
function messageError(
  where: Where,
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

function htmlAnswer(where: Where, error: HttpStatusError): TaxiiError {
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
      isLogin ? credentialAdvice : adviceOnHtml(error.status, error.body, where),
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

function isErrorMessage(json: unknown, holds?: readonly string[]): boolean {
  if (typeof json !== "object" || json === null) {
    return false;
  }
  return onlyInErrors.some((field) => field in json) || holds?.some((field) => field in json) === false;
}

function adviceOnHtml(httpStatus: number, body: string, where: Where): string | undefined {
  if (httpStatus >= 500 || httpStatus === 429) {
    return "a gateway in front of the server speaks: try again later";
  }
  // nginx: "No required SSL certificate was sent", and "The SSL certificate error".
  if (httpStatus === 400 && /ssl certificate/i.test(body)) {
    return "the server wants another client certificate, or one at all: set or check MITRE_CLIENT_CERT_FILE";
  }
  if (httpStatus === 401 || httpStatus === 403) {
    return adviceOn(httpStatus, where);
  }
  return where.isEntrance ? addressAdvice : "a gateway or another site answered in place of the server";
}

/** What the server says comes first. It cannot know where its credentials are set. */
function withAdvice(said: string | undefined, httpStatus: number, where: Where): string | undefined {
  const advice = adviceOn(httpStatus, where);
  return said !== undefined && httpStatus === 401 ? `${said} (${advice})` : (said ?? advice);
}

const addressAdvice = "is this the discovery URL or an API root? Check MITRE_TAXII_URL";
const credentialAdvice =
  "the server requires credentials, or other ones: set or check MITRE_USERNAME and MITRE_PASSWORD, MITRE_TOKEN or MITRE_API_KEY";

function adviceOn(httpStatus: number, { isEntrance }: Where): string | undefined {
  switch (httpStatus) {
    case 304:
      return "it says that nothing has changed since an answer that we do not have: check the cache in front of it";
    case 401:
      return credentialAdvice;
    case 403:
      return "these credentials may not read this, or nobody may";
    case 404:
      return `there is no such resource${isEntrance ? `: ${addressAdvice}` : ""}`;
    case 406:
      return `the server does not speak ${taxiiMediaType}: is it a TAXII 2.1 server?`;
    case 429:
      return "the server's quota is used up: lower MITRE_REQUEST_BUDGET to what it allows";
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
