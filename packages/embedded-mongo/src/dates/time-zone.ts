import { CommandError } from "../errors/command-error.js";
import { type CalendarDay, calendarDay } from "./calendar.js";

/** How far local time is ahead of UTC at an instant. Both are milliseconds; instants count from 1970, UTC. */
export type TimeZone = (instant: bigint) => bigint;

export const UTC: TimeZone = () => 0n;

/** By name in lower case, so that clients cannot fill it with different spellings of a name. */
const NAMED = new Map([["utc", { name: "UTC", zone: UTC }]]);

/** Names that only ICU accepts, not the IANA database: `SystemV/…`, abbreviations (`PST`), lower-case initials. */
const ONLY_ICU = /^SystemV\/|(?:^|\/)[a-z]|^(?!EST|GMT|HST|MST|PRC|ROC|ROK|UCT|UTC|[CEMW]ET)[A-Z]{3}$/;

/**
 * A time zone of the IANA database, or an offset: `+05:30`, `-0530`, `+03`.
 *
 * @throws CommandError 40485
 */
export function timeZone(name: string): TimeZone {
  const [, sign, hours, minutes = "0"] = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(name) ?? [];
  if (sign !== undefined) {
    const offset = BigInt(Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000);
    return offset === 0n ? UTC : () => offset;
  }
  const known = NAMED.get(name.toLowerCase());
  if (known?.name === name) {
    return known.zone;
  }
  const zone = namedZone(name);
  NAMED.set(name.toLowerCase(), { name, zone });
  return zone;
}

/** The range of JavaScript's `Date`. */
const LAST = 8_640_000_000_000_000n;
/** 400 years, after which the calendar, and with it daylight saving time, repeats. */
const CYCLE = 146_097n * 86_400_000n;

function namedZone(name: string): TimeZone {
  const format = offsetFormat(name);
  return (instant) => {
    const near =
      instant > LAST ? LAST - CYCLE + ((instant - LAST) % CYCLE) : instant < -LAST ? -LAST : instant;
    const [, sign, hours, minutes, seconds = "0"] =
      /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(format.format(Number(near))) ?? [];
    return sign === undefined
      ? 0n
      : BigInt(Number(`${sign}1000`) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)));
  };
}

function offsetFormat(name: string): Intl.DateTimeFormat {
  const format = ONLY_ICU.test(name) ? undefined : formatIn(name);
  const known = format?.resolvedOptions().timeZone;
  if (format === undefined || (known !== name && known?.toLowerCase() === name.toLowerCase())) {
    throw new CommandError("Location40485", `unrecognized time zone identifier: "${name}"`);
  }
  return format;
}

function formatIn(name: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset", year: "numeric" });
  } catch {
    return undefined;
  }
}

const DAY = 86_400_000n;

/** An instant as shown by a calendar and a clock. */
export interface LocalTime extends CalendarDay {
  /** Since 1970-01-01. */
  readonly days: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** Milliseconds ahead of UTC. */
  readonly offset: number;
}

/** @param instant in milliseconds since 1970, UTC */
export function localTime(instant: bigint, zone: TimeZone): LocalTime {
  const offset = zone(instant);
  const local = instant + offset;
  const time = Number(((local % DAY) + DAY) % DAY);
  const days = Number((local - BigInt(time)) / DAY);
  const { year, month, day } = calendarDay(days);
  return {
    year,
    month,
    day,
    days,
    hour: Math.floor(time / 3_600_000),
    minute: Math.floor(time / 60_000) % 60,
    second: Math.floor(time / 1000) % 60,
    millisecond: time % 1000,
    offset: Number(offset),
  };
}

/**
 * The instant when a day begins: the earlier one if midnight occurs twice, and the moment of the change if clocks are
 * put forward at midnight.
 */
export function startOfDay(days: number, zone: TimeZone): bigint {
  const local = BigInt(days) * DAY;
  const before = zone(local - DAY);
  const after = zone(local + DAY);
  const early = local - before;
  const late = local - after;
  return zone(early) === before || zone(late) !== after ? early : late;
}
