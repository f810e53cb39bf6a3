import { z } from "zod";

/** At most `requests` in any `windowMs`. */
export interface RequestQuota {
  readonly requests: number;
  readonly windowMs: number;
}

const expected = "must be requests/seconds, such as 50/600 for 50 requests in ten minutes, or off";
/** Every one is remembered with its time. */
const mostRequests = 100_000;
const longestWindowSeconds = 7 * 24 * 60 * 60;

/**
 * Reads a quota as it is written in settings: `50/600` is 50 requests in any 600 seconds; `off` and `none` are no quota.
 *
 * @throws TypeError if the text is neither; the message says what it must be
 */
export function parseQuota(text: string): RequestQuota | undefined {
  const value = text.trim().toLowerCase();
  if (value === "off" || value === "none") {
    return undefined;
  }
  const match = /^(\d{1,9})\s*\/\s*(\d{1,9}(?:\.\d{1,3})?)$/.exec(value);
  const requests = Number(match?.[1]);
  const seconds = Number(match?.[2]);
  if (!(requests >= 1 && seconds > 0)) {
    throw new TypeError(expected);
  }
  if (requests > mostRequests) {
    throw new TypeError(`must not allow more than ${mostRequests} requests: write off for no limit`);
  }
  if (seconds > longestWindowSeconds) {
    throw new TypeError(`must have a window of at most a week (${longestWindowSeconds} seconds)`);
  }
  return { requests, windowMs: Math.round(seconds * 1000) };
}

/** A setting that holds a quota; give its default with `.prefault("50/600")`. */
export const quotaSetting = z.string({ error: expected }).transform((text, context) => {
  try {
    return parseQuota(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : expected });
    return z.NEVER;
  }
});
