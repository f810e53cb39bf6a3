const delay = /^\d{1,12}(?:\.\d{1,9})?$/;
/** IMF-fixdate and the obsolete RFC 850 form: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`. */
const datedInGmt = /^[A-Z][a-z]{2,8}, \d{2}[ -][A-Z][a-z]{2}[ -]\d{2}(?:\d{2})? \d{2}:\d{2}:\d{2} GMT$/;
/** `Sun Nov  6 08:49:37 1994` */
const asctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * Reads the header `Retry-After` (RFC 9110, sections 10.2.3 and 5.6.7): seconds, or an HTTP date in any of its three
 * forms.
 *
 * @returns milliseconds from `now`, 0 for a date that has passed; undefined where there is no header or it makes no sense
 */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  const value = header?.trim() ?? "";
  if (delay.test(value)) {
    return Math.ceil(Number(value) * 1000);
  }
  if (!datedInGmt.test(value) && !asctime.test(value)) {
    return undefined;
  }
  const date = Date.parse(value.endsWith("GMT") ? value : `${value} GMT`);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}
