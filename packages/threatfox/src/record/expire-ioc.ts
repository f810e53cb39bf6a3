const lifetimeMonths = 6;
/** Not every reader of a database knows later dates: Python ends here. */
const lastYear = 9999;

/**
 * When ThreatFox forgets an IOC: six calendar months after it was seen last, at the same time of day in UTC, or on the
 * last day of a shorter month. "Since 2025-05-01, we are expiring IOCs that are older than 6 months"
 * (https://threatfox.abuse.ch/export/).
 *
 * @returns null where it is not known when the IOC was seen, and after the year 9999
 */
export function expireIoc(firstSeen: Date | null, lastSeen: Date | null): Date | null {
  const seen =
    firstSeen !== null && lastSeen !== null && firstSeen > lastSeen ? firstSeen : (lastSeen ?? firstSeen);
  if (seen === null) {
    return null;
  }
  const expiry = new Date(seen);
  expiry.setUTCMonth(seen.getUTCMonth() + lifetimeMonths);
  if (expiry.getUTCDate() !== seen.getUTCDate()) {
    expiry.setUTCDate(0);
  }
  return expiry.getUTCFullYear() > lastYear ? null : expiry;
}
