import { notSupported } from "../errors/command-error.js";
import { calendarDay, dayNumber } from "./calendar.js";

const DATE = /^(?<year>\d{4})-(?<month>\d\d?)-(?<day>\d\d?)/;
const TIME = /(?:[Tt]| +)(?<hour>\d\d?):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<fraction>\d+))?)?/;
const ZONE = / *(?:Z|z|UTC|GMT|(?:GMT)?(?<sign>[+-])(?<hours>\d\d)(?::?(?<minutes>\d\d))?)/;
const ISO_8601 = new RegExp(`${DATE.source}(?:${TIME.source}(?:${ZONE.source})?)?$`);

/**
 * Parses a date in ISO 8601, also with spaces in place of the `T`. Without an offset it is in UTC. MongoDB accepts other
 * forms too ("July 4th, 2017").
 *
 * @returns milliseconds since 1970
 * @throws CommandError ConversionFailure
 */
export function parseInstant(text: string): bigint {
  const parts = ISO_8601.exec(text)?.groups;
  const numberOf = (name: string) => Number(parts?.[name] ?? 0);
  const [year, month, day] = [numberOf("year"), numberOf("month"), numberOf("day")];
  const [hour, minute, second] = [numberOf("hour"), numberOf("minute"), numberOf("second")];
  const [hours, minutes] = [numberOf("hours"), numberOf("minutes")];
  const days = dayNumber(year, month, day);
  const exists = month > 0 && month < 13 && calendarDay(days).day === day;
  if (
    parts === undefined ||
    !exists ||
    hour > 23 ||
    minute > 59 ||
    second > 59 ||
    hours > 24 ||
    minutes > 59
  ) {
    throw notSupported(`Error parsing date string '${text}': any form but ISO 8601`, "ConversionFailure");
  }
  const offset = (hours * 3600 + minutes * 60) * (parts.sign === "-" ? -1 : 1);
  const seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset;
  const microseconds = Number((parts.fraction ?? "").slice(0, 6).padEnd(6, "0"));
  return (BigInt(seconds) * 1_000_000n + BigInt(microseconds)) / 1000n;
}
