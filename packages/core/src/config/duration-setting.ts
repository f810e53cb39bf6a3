import { z } from "zod";

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const longestDays = 3650;
const expected = "must be a duration such as 90s, 15m, 1h, 1h30m or 2d";

/**
 * Reads a duration as people write it: `90s`, `15m`, `1h30m`, `2d`. Returns milliseconds.
 *
 * @throws TypeError if the text is not a duration, or is zero or longer than ten years; the message says what it must be
 */
export function parseDuration(text: string): number {
  const match = /^(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/.exec(
    text.trim().toLowerCase().replaceAll(" ", ""),
  );
  const [days, hours, minutes, seconds] = (match ?? []).slice(1).map((digits) => Number(digits ?? 0));
  const durationMs =
    (days ?? 0) * units.d + (hours ?? 0) * units.h + (minutes ?? 0) * units.m + (seconds ?? 0) * units.s;
  if (durationMs === 0) {
    throw new TypeError(expected);
  }
  if (durationMs > longestDays * units.d) {
    throw new TypeError(`must be at most ten years (${longestDays}d)`);
  }
  return durationMs;
}

/** A setting that holds a duration, in milliseconds; give its default with `.prefault("1h")`. */
export function durationSetting() {
  return z.string({ error: expected }).transform((text, context) => {
    try {
      return parseDuration(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : expected });
      return z.NEVER;
    }
  });
}
