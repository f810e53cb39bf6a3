import { CommandError } from "../errors/command-error.js";
import { dayNumber, modulo } from "./calendar.js";
import { localTime, startOfDay, type TimeZone } from "./time-zone.js";

/** Units of a fixed length, in milliseconds. */
const FIXED: ReadonlyMap<string, bigint> = new Map([
  ["millisecond", 1n],
  ["second", 1000n],
  ["minute", 60_000n],
  ["hour", 3_600_000n],
]);

/** Units made of months, with their number. */
const MONTHS: ReadonlyMap<string, number> = new Map([
  ["month", 1],
  ["quarter", 3],
  ["year", 12],
]);

const DAYS: ReadonlyMap<string, number> = new Map([
  ["day", 1],
  ["week", 7],
]);

export function isUnit(name: string): boolean {
  return FIXED.has(name) || MONTHS.has(name) || DAYS.has(name);
}

export interface Bin {
  /** Accepted by `isUnit`. */
  readonly unit: string;
  /** Units per bin. */
  readonly size: bigint;
  readonly zone: TimeZone;
  /** 1 (Monday) to 7 (Sunday). */
  readonly startOfWeek: number;
}

/** A Saturday: weeks are counted from the first start of a week on or after it. */
const REFERENCE_DAY = dayNumber(2000, 1, 1);
const SATURDAY = 6;

/**
 * The start of the bin that contains an instant. Bins count from 2000-01-01 of the time zone (manual: "$dateTrunc").
 *
 * @throws CommandError 5439000 to 5439006, 5166406
 */
export function truncateDate(instant: bigint, { unit, size, zone, startOfWeek }: Bin): bigint {
  const length = FIXED.get(unit);
  if (length !== undefined) {
    const bin = inRange(size * length, "Location5439002");
    const reference = startOfDay(REFERENCE_DAY, zone);
    const distance = inRange(instant - reference, "Location5439000");
    return inRange(instant - (((distance % bin) + bin) % bin), "Location5439001");
  }
  if (size > 100_000_000_000n) {
    throw new CommandError("Location5439006", "dateTrunc unsupported binSize value");
  }
  const { year, month, days } = localTime(instant, zone);
  const months = MONTHS.get(unit);
  if (months !== undefined) {
    const first = lowerBound((year - 2000) * 12 + month - 1, months * Number(size));
    const start = dayNumber(2000 + Math.floor(first / 12), modulo(first, 12) + 1, 1);
    return inRange(startOfDay(start, zone), "Location5166406");
  }
  const origin = REFERENCE_DAY + (unit === "week" ? modulo(startOfWeek - SATURDAY, 7) : 0);
  const start = origin + lowerBound(days - origin, (DAYS.get(unit) ?? 1) * Number(size));
  return inRange(startOfDay(start, zone), "Location5166406");
}

function lowerBound(distance: number, bin: number): number {
  return distance - modulo(distance, bin);
}

function inRange(value: bigint, code: `Location${number}`): bigint {
  if (BigInt.asIntN(64, value) !== value) {
    throw new CommandError(code, "dateTrunc overflowed");
  }
  return value;
}
