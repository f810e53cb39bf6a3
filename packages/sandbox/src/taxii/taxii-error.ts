import { randomUUID } from "node:crypto";

export const taxiiMediaType = "application/taxii+json;version=2.1";

export interface TaxiiErrorDetails {
  readonly status: number;
  readonly title: string;
  readonly description: string;
  readonly errorCode?: string;
  readonly details?: Readonly<Record<string, string>>;
}

/** Thrown by an endpoint that cannot answer. */
export class TaxiiError extends Error {
  readonly answer: TaxiiErrorDetails;

  constructor(answer: TaxiiErrorDetails) {
    super(answer.description);
    this.answer = answer;
  }
}

/** A 400 with a TAXII error message. */
export function badRequest(description: string): TaxiiError {
  return new TaxiiError({ status: 400, title: "Bad Request", description, errorCode: "bad-request" });
}

/** An error message (TAXII 2.1 §3.6.1). */
export function taxiiErrorResponse(
  { status, title, description, errorCode, details }: TaxiiErrorDetails,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = {
    title,
    description,
    error_id: randomUUID(),
    error_code: errorCode,
    http_status: String(status),
    external_details: "https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html",
    details,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": taxiiMediaType, ...headers },
  });
}
