/**
 * A STIX timestamp with milliseconds (STIX 2.1, section 2.16).
 *
 * @returns undefined for a year that RFC 3339 cannot write or that calendars do not have: before 1, after 9999
 */
export function formatStixTime(date: Date | null): string | undefined {
  const text = date?.toISOString();
  return text !== undefined && /^\d{4}-/u.test(text) && !text.startsWith("0000-") ? text : undefined;
}

/** The later one of two STIX timestamps with milliseconds. */
export function laterStixTime(one: string, other: string): string {
  const isEarlier = one < other;
  return isEarlier ? other : one;
}
