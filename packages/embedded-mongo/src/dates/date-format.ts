import { CommandError } from "../errors/command-error.js";
import { calendarDay, dayNumber, isoDayOfWeek, modulo } from "./calendar.js";
import { type LocalTime, localTime, type TimeZone, UTC } from "./time-zone.js";

const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);

/** By the letter after `%` (manual: "$dateToString", "Format Specifiers"). */
const SPECIFIERS = new Map<string, (local: LocalTime) => string>([
  ["%", () => "%"],
  ["b", ({ month }) => (MONTHS[month - 1] ?? "").slice(0, 3)],
  ["B", ({ month }) => MONTHS[month - 1] ?? ""],
  ["d", ({ day }) => padded(day, 2)],
  ["G", ({ days }) => padded(isoWeekYear(days), 4)],
  ["H", ({ hour }) => padded(hour, 2)],
  ["j", (local) => padded(dayOfYear(local), 3)],
  ["L", ({ millisecond }) => padded(millisecond, 3)],
  ["m", ({ month }) => padded(month, 2)],
  ["M", ({ minute }) => padded(minute, 2)],
  ["S", ({ second }) => padded(second, 2)],
  ["u", ({ days }) => String(isoDayOfWeek(days))],
  ["U", (local) => padded(Math.floor((dayOfYear(local) - dayOfWeek(local) + 7) / 7), 2)],
  ["V", ({ days }) => padded(isoWeek(days), 2)],
  ["w", (local) => String(dayOfWeek(local))],
  ["Y", ({ year }) => padded(year, 4)],
  ["z", ({ offset }) => offsetText(offset)],
  ["Z", ({ offset }) => String(Math.trunc(offset / 60_000))],
]);

/**
 * Compiles a format of `$dateToString`. The function throws 18537 if the year is not from 0 to 9999.
 *
 * @throws CommandError 18535, 18536
 */
export function dateFormat(format: string): (local: LocalTime) => string {
  const parts = (format.match(/%.?|[^%]+/gsu) ?? []).map((part) => {
    if (!part.startsWith("%")) {
      return () => part;
    }
    if (part === "%") {
      throw new CommandError("Location18535", "Unmatched '%' at end of format string");
    }
    const specifier = SPECIFIERS.get(part.slice(1));
    if (specifier === undefined) {
      throw new CommandError("Location18536", `Invalid format character '${part}' in format string`);
    }
    return specifier;
  });
  return (local) => parts.map((part) => part(local)).join("");
}

/** The format of ISO 8601; it ends in Z only in UTC. */
export function isoFormat(zone: TimeZone): (local: LocalTime) => string {
  return dateFormat(zone === UTC ? "%Y-%m-%dT%H:%M:%S.%LZ" : "%Y-%m-%dT%H:%M:%S.%L");
}

/** An instant (milliseconds since 1970) in ISO 8601, in UTC. @throws CommandError 18537 */
export function isoText(instant: bigint): string {
  return isoFormat(UTC)(localTime(instant, UTC));
}

function padded(number: number, width: number): string {
  if (number < 0 || number > 9999) {
    throw new CommandError(
      "Location18537",
      `Could not convert date to string: date component was outside the supported range of 0-9999: ${number}`,
    );
  }
  return String(number).padStart(width, "0");
}

/** @returns 1 (Sunday) to 7 (Saturday) */
export function dayOfWeek({ days }: LocalTime): number {
  return modulo(days + 4, 7) + 1;
}

function dayOfYear({ days, year }: LocalTime): number {
  return days - dayNumber(year, 1, 1) + 1;
}

/** A week belongs to the year of its Thursday. */
function thursdayOf(days: number): number {
  return days - isoDayOfWeek(days) + 4;
}

function isoWeekYear(days: number): number {
  return calendarDay(thursdayOf(days)).year;
}

function isoWeek(days: number): number {
  const thursday = thursdayOf(days);
  return Math.floor((thursday - dayNumber(isoWeekYear(days), 1, 1)) / 7) + 1;
}

function offsetText(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60_000);
  return `${offset < 0 ? "-" : "+"}${padded(Math.floor(minutes / 60), 2)}${padded(minutes % 60, 2)}`;
}
