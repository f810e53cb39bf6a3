import { z } from "zod";

const since = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/** Reads a date, which begins at midnight UTC, or an RFC 3339 time. */
export function parseSince(text: string): Date | undefined {
  const { data } = since.safeParse(text.trim());
  return data === undefined ? undefined : new Date(data);
}
