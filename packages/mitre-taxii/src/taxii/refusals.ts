import type { TaxiiError } from "./taxii-error.js";

/** 414 and 431: the list of ids is too long for this server. */
const statuses: ReadonlySet<number | undefined> = new Set([400, 405, 414, 422, 431, 501]);

/** Whether this is what a server answers that does not know a filter. */
export function notUnderstood({ httpStatus, answeredHtml }: TaxiiError): boolean {
  return statuses.has(httpStatus) && (!answeredHtml || httpStatus === 414 || httpStatus === 431);
}
