import { TaxiiError } from "./taxii-error.js";

/** 414 and 431: the list of ids is too long for this server. */
const statuses: ReadonlySet<number | undefined> = new Set([400, 405, 414, 422, 431, 501]);

/** Whether this is what a server answers that does not know a filter. */
export function notUnderstood({ httpStatus, answeredHtml }: TaxiiError): boolean {
  return statuses.has(httpStatus) && (!answeredHtml || httpStatus === 414 || httpStatus === 431);
}

/**
 * Whether a server refuses just what it was asked for, so that something plainer may be answered. It does not where the credentials are
 * wrong, the quota is used up, or a gateway says that the server is not to be reached.
 */
export function isRefusal(error: TaxiiError): boolean {
  const { httpStatus = 0 } = error;
  return httpStatus >= 400 && !concernsEverything(error) && !isUnreachable(error);
}

/** The credentials are wrong, or the quota is used up: asking for something else is of no use. */
export function concernsEverything({ httpStatus }: TaxiiError): boolean {
  return httpStatus === 401 || httpStatus === 429;
}

function isUnreachable({ httpStatus }: TaxiiError): boolean {
  return httpStatus === 502 || httpStatus === 503 || httpStatus === 504;
}

/** There is no such resource, or nobody may ask for it in this way. */
export function isNoResource({ httpStatus = 0 }: TaxiiError): boolean {
  return noResource.has(httpStatus);
}

const noResource: ReadonlySet<number> = new Set([404, 405, 410, 501]);

/** Whether the server itself says that there is no such resource, or none any more. A web page is a gateway's word. */
export function isGone(error: unknown): boolean {
  if (!(error instanceof TaxiiError) || error.answeredHtml) {
    return false;
  }
  return error.httpStatus === 404 || error.httpStatus === 410;
}
