import { randomUUID } from "node:crypto";
import { taxiiContentType } from "./media-type.js";

export interface TaxiiErrorMessage {
  /** The HTTP status. */
  readonly status: number;
  readonly title: string;
  readonly description: string;
  /** Default: the message has none. */
  readonly errorCode?: string;
  /** Further headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why a request is refused. The client reads all of it. */
export class TaxiiRefusal extends Error {
  override readonly name = "TaxiiRefusal";
  readonly answer: TaxiiErrorMessage;

  constructor(answer: TaxiiErrorMessage) {
    super(answer.description);
    this.answer = answer;
  }
}

/** 400: the request cannot be understood. */
export function badRequest(description: string): TaxiiRefusal {
  return new TaxiiRefusal({ status: 400, title: "Bad Request", description, errorCode: "bad-request" });
}

/** 403: nobody may do that. */
export function forbidden(description: string): TaxiiRefusal {
  return new TaxiiRefusal({ status: 403, title: "Forbidden", description, errorCode: "forbidden" });
}

/** 404: there is no such thing. */
export function notFound(description: string): TaxiiRefusal {
  return new TaxiiRefusal({ status: 404, title: "Not Found", description, errorCode: "not-found" });
}

/** An error message (TAXII 2.1 §3.6.1) with an `error_id` of its own. */
export function toErrorResponse({ answer }: TaxiiRefusal): Response {
  const { status, title, description, errorCode, headers } = answer;
  const message = {
    title,
    description,
    error_id: randomUUID(),
    error_code: errorCode,
    http_status: String(status),
    external_details: "https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html",
  };
  return new Response(JSON.stringify(message), {
    status,
    headers: { "content-type": taxiiContentType, ...headers },
  });
}
