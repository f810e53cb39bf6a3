import { TaxiiError } from "./taxii-error.js";

/** A 400 with a TAXII error message. */
export function badRequest(description: string): TaxiiError {
  return new TaxiiError({ status: 400, title: "Bad Request", description, errorCode: "bad-request" });
}
