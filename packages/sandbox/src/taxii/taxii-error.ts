import { randomUUID } from "node:crypto";

export const taxiiContentType = "application/taxii+json;version=2.1";

export interface TaxiiErrorMessage {
  readonly status: number;
  readonly title: string;
  readonly description: string;
  readonly errorCode?: string;
}

/** Thrown by an endpoint that cannot answer. */
export class TaxiiRefusal extends Error {
  readonly answer: TaxiiErrorMessage;

  constructor(answer: TaxiiErrorMessage) {
    super(answer.description);
    this.answer = answer;
  }
}

/** A 400 with a TAXII error message. */
export function badRequest(description: string): TaxiiRefusal {
  return new TaxiiRefusal({ status: 400, title: "Bad Request", description, errorCode: "bad-request" });
}

/** A 404 with a TAXII error message. */
export function notFound(description: string): TaxiiRefusal {
  return new TaxiiRefusal({ status: 404, title: "Not Found", description, errorCode: "not-found" });
}

/** An error message (TAXII 2.1 §3.6.1). */
export function taxiiErrorResponse(
  { status, title, description, errorCode }: TaxiiErrorMessage,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = {
    title,
    description,
    error_id: randomUUID(),
    error_code: errorCode,
    http_status: String(status),
    external_details: "https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html",
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": taxiiContentType, ...headers },
  });
}
