import { TaxiiError } from "./taxii-error.js";

/** Whether the server itself says that there is no such resource, or none any more. A web page is a gateway's word. */
export function isGone(error: unknown): boolean {
  if (!(error instanceof TaxiiError) || error.answeredHtml) {
    return false;
  }
  return error.httpStatus === 404 || error.httpStatus === 410;
}
