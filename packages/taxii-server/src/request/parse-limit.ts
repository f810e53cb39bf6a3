import { badRequest } from "../protocol/taxii-refusal.js";
import { readParameter } from "./read-parameter.js";

/** How long pages are. `Infinity`: as long as the client wants. */
export interface PageSizes {
  /** Without `limit`. */
  readonly default: number;
  /** With any `limit`. */
  readonly max: number;
}

/**
 * How many objects the page of a request has at most.
 *
 * @throws TaxiiRefusal 400 where `limit` is not a positive integer
 */
export function parseLimit(query: URLSearchParams, sizes: PageSizes): number {
  const text = readParameter(query, "limit");
  if (text !== undefined && !/^\d*[1-9]\d*$/.test(text)) {
    throw badRequest(`limit is not a positive integer: "${text}"`);
  }
  return Math.min(text === undefined ? sizes.default : Number(text), sizes.max);
}
