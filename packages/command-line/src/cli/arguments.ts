import { parseDuration, parseQuota } from "@cti-connectors/core/host";
import { InvalidArgumentError } from "commander";
import { z } from "zod";
import type { SandboxCommandOptions } from "../commands/sandbox-command.js";

const since = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/** For an option that may be given more than once. */
export function append(value: string, values: readonly string[] = []): readonly string[] {
  return [...values, value];
}

/** A whole number of a range, which `message` names. */
function wholeNumber(from: number, to: number, message: string): (text: string) => number {
  const digits = new RegExp(`^\\d{1,${String(to).length}}$`);
  return (text) => {
    const number = digits.test(text) ? Number(text) : Number.NaN;
    if (!(number >= from && number <= to)) {
      throw new InvalidArgumentError(message);
    }
    return number;
  };
}

export const asConfidence = wholeNumber(0, 100, "It must be a whole number from 0 to 100.");
export const asCount = wholeNumber(1, 999_999_999, "It must be a whole number from 1.");
export const asPort = wholeNumber(0, 65_535, "It must be a port, 0 to 65535.");

export function asLogin(text: string): SandboxCommandOptions["login"] {
  if (text !== "page" && text !== "redirect") {
    throw new InvalidArgumentError("It must be page or redirect.");
  }
  return text;
}

/** A date, which begins at midnight UTC, or an RFC 3339 time. */
export function asSince(text: string): Date {
  const { data } = since.safeParse(text.trim());
  if (data === undefined) {
    throw new InvalidArgumentError(
      "It must be a date such as 2026-11-01, or a time such as 2026-11-01T12:00:00Z.",
    );
  }
  return new Date(data);
}

/** A date or time, or how long ago it was: `30d`. */
export function asSinceOrAge(text: string): Date {
  if (!/^[\d\s]*[a-z]/i.test(text)) {
    return asSince(text);
  }
  return new Date(Date.now() - asDuration(text));
}

/** A duration such as `1h30m`, in milliseconds. */
export function asDuration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `It ${error.message}.` : "");
  }
}

/** A duration, or 0 for none. */
export function asJitter(text: string): number {
  return /^0[smhd]?$/.test(text.trim()) ? 0 : asDuration(text);
}

/** Commander would make an empty text of `null`. */
export function asQuota(text: string): SandboxCommandOptions["quota"] {
  try {
    return parseQuota(text) ?? "none";
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `It ${error.message}.` : "");
  }
}
