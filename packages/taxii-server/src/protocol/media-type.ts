import { type Accept, parseAccept } from "hono/utils/accept";

/** Of all answers. */
export const taxiiContentType = "application/taxii+json;version=2.1";

/** Of STIX objects, where nothing else is said. */
export const stixMediaType = "application/stix+json;version=2.1";

/**
 * Whether an `Accept` header takes TAXII 2.1 (RFC 9110 §12.5.1): of the ranges that cover it, the most precise decides. TAXII without a
 * version is the newest that the server speaks.
 */
export function acceptsTaxii(header: string): boolean {
  const ranges = parseAccept(header.toLowerCase());
  const precision = Math.max(...ranges.map(precisionOf));
  return ranges.some((range) => precisionOf(range) === precision && precision > 0 && range.q > 0);
}

/** Whether a `Content-Type` header says TAXII 2.1. */
export function isTaxii(header: string): boolean {
  const [type, ...more] = parseAccept(header.toLowerCase());
  return type !== undefined && more.length === 0 && precisionOf(type) >= 3;
}

/** 0: the range does not cover TAXII 2.1. */
function precisionOf({ type, params }: Accept): number {
  switch (type) {
    case "*/*":
      return 1;
    case "application/*":
      return 2;
    case "application/taxii+json":
      return params.version === undefined ? 3 : params.version === "2.1" ? 4 : 0;
    default:
      return 0;
  }
}
