import {
  type Conditions,
  errorTextOf,
  HttpStatusError,
  type NotModified,
  type Validators,
} from "@cti-connectors/core";
import { z } from "zod";
import { explainErrorMessage, explainRefusal, taxiiMediaType } from "./explain-refusal.js";
import { clientOptions, type TaxiiConnection } from "./taxii-connection.js";
import { TaxiiError } from "./taxii-error.js";
import type { PageCursor } from "./taxii-page.js";

export interface ResourceRequest<Schema extends z.ZodType> {
  readonly connection: TaxiiConnection;
  readonly url: URL;
  /** Names what is requested, in error messages. */
  readonly request: string;
  readonly schema: Schema;
  /** Fields of which a resource has one, if it is not empty: what has words of an error instead is no resource. */
  readonly holds?: readonly string[];
  /** False: a time-out, a 502 or a 504 is an error at once. Default true. */
  readonly retryTimeouts?: boolean | undefined;
  /** Where the page that is asked for begins, where that is not the first one; for errors. */
  readonly page?: PageCursor | undefined;
  /** True where no API root has answered yet: errors doubt the address. */
  readonly isEntrance?: boolean;
  readonly unless?: never;
}

/** Asks for a resource only if it has changed. */
export interface ConditionalResourceRequest<Schema extends z.ZodType>
  extends Omit<ResourceRequest<Schema>, "unless"> {
  readonly unless: Conditions;
}

export interface Resource<Value> {
  readonly notModified: false;
  readonly value: Value;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly validators: Validators;
  /** How many requests it took. */
  readonly attempts: number;
}

/** Tells an error message from a resource, which has a title as well. */
const onlyInErrors = ["http_status", "error_code", "error_id", "error", "errors"];

/**
 * Asks for one TAXII resource and validates it.
 *
 * @throws TaxiiError where the server refuses or the answer is not what TAXII says
 */
export async function getResource<Schema extends z.ZodType>(
  request: ResourceRequest<Schema>,
): Promise<Resource<z.output<Schema>>>;
export async function getResource<Schema extends z.ZodType>(
  request: ConditionalResourceRequest<Schema>,
): Promise<Resource<z.output<Schema>> | NotModified>;
export async function getResource<Schema extends z.ZodType>({
  connection,
  url,
  request,
  schema,
  holds,
  unless,
  retryTimeouts,
  page,
  isEntrance = false,
}: ResourceRequest<Schema> | ConditionalResourceRequest<Schema>) {
  const { http, settingNames = clientOptions } = connection;
  const where = { request, url: url.href, page, isEntrance, settingNames };
  // A server may send its error message with a status of success, so that the schema comes after it.
  const answer = await http
    .json(url, z.unknown(), {
      headers: { accept: taxiiMediaType },
      ...unless,
      ...(retryTimeouts !== undefined && { retryTimeouts }),
    })
    .catch((error: unknown) => {
      throw error instanceof HttpStatusError ? explainRefusal(where, error) : error;
    });
  if (answer.notModified) {
    return answer;
  }
  const { status: httpStatus, body: json, headers, validators, attempts } = answer;
  const said = errorTextOf(json);
  if (said !== undefined && isErrorMessage(json, holds)) {
    throw explainErrorMessage(where, httpStatus, json, said);
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
  return { notModified: false, value: parsed.data, headers, validators, attempts };
}

function isErrorMessage(json: unknown, holds?: readonly string[]): boolean {
  if (typeof json !== "object" || json === null) {
    return false;
  }
  return onlyInErrors.some((field) => field in json) || holds?.some((field) => field in json) === false;
}
