import { BsonType } from "../bson/bson-type.js";
import { wholePart } from "../bson/number-value.js";
import { dateValue, intValue, isNullish, NULL, type RawValue, textValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { dayNumber, modulo } from "./calendar.js";
import { dateOf, zoneArgument } from "./date-arguments.js";
import { namedArguments, type Operator, optionalText } from "./expression.js";
import { localTime, startOfDay, type TimeZone } from "./time-zone.js";

/** Units of a fixed length, in milliseconds. */
const FIXED: ReadonlyMap<string, bigint> = new Map([
  ["millisecond", 1n],
  ["second", 1000n],
  ["minute", 60_000n],
  ["hour", 3_600_000n],
]);

/** Units of months, by their number. */
const MONTHS: ReadonlyMap<string, number> = new Map([
  ["month", 1],
  ["quarter", 3],
  ["year", 12],
]);

const DAYS: ReadonlyMap<string, number> = new Map([
  ["day", 1],
  ["week", 7],
]);

function isUnit(name: string): boolean {
  return FIXED.has(name) || MONTHS.has(name) || DAYS.has(name);
}

interface Bin {
  /** One that `isUnit` knows. */
  readonly unit: string;
  /** Units per bin. */
  readonly size: bigint;
  readonly zone: TimeZone;
  /** 1 (Monday) to 7 (Sunday). */
  readonly startOfWeek: number;
}

/** A Saturday: weeks count from the first day of a week that is not before it. */
const REFERENCE_DAY = dayNumber(2000, 1, 1);
const SATURDAY = 6;

/**
 * The start of the bin that an instant is in. Bins count from 2000-01-01 of the time zone (manual: "$dateTrunc").
 *
 * @throws CommandError 5439000 to 5439006, 5166406
 */
function truncateDate(instant: bigint, { unit, size, zone, startOfWeek }: Bin): bigint {
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

const DAYS_OF_WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const SUNDAY = 7;

/** 1 (Monday) to 7, or undefined for null. A name may be cut to three letters. */
function startOfWeekOf(value: RawValue): number | undefined {
  const name = optionalText(value, "Location5439015", "$dateTrunc requires 'startOfWeek' to be");
  const lower = name?.toLowerCase();
  const index = DAYS_OF_WEEK.findIndex((day) => day === lower || day.slice(0, 3) === lower);
  if (name !== undefined && index < 0) {
    throw new CommandError(
      "Location5439016",
      `$dateTrunc parameter 'startOfWeek' value cannot be recognized as a day of a week: ${name}`,
    );
  }
  return name === undefined ? undefined : index + 1;
}

/** @returns undefined for null */
function sizeOf(value: RawValue): bigint | undefined {
  if (isNullish(value)) {
    return undefined;
  }
  const size = wholePart(value);
  if (size?.exact !== true) {
    throw new CommandError("Location5439017", "$dateTrunc requires 'binSize' to be a 64-bit integer");
  }
  if (size.whole <= 0n) {
    throw new CommandError(
      "Location5439018",
      `$dateTrunc requires 'binSize' to be greater than 0, but got value ${size.whole}`,
    );
  }
  return size.whole;
}

/** @returns undefined for null */
function unitOf(value: RawValue): string | undefined {
  const unit = optionalText(value, "Location5439013", "$dateTrunc requires 'unit' to be");
  if (unit !== undefined && !isUnit(unit)) {
    throw new CommandError("FailedToParse", `$dateTrunc: unknown time unit value: ${unit}`);
  }
  return unit;
}

/** An argument is looked at only where none before it is null, and `startOfWeek` for weeks alone. */
export const dateTrunc: Operator = (argument, compile) => {
  const part = namedArguments("$dateTrunc", argument, {
    notObject: "Location5439007",
    unknown: "Location5439008",
    required: [
      ["date", "Location5439009"],
      ["unit", "Location5439010"],
    ],
    optional: ["binSize", "timezone", "startOfWeek"],
  });
  const orElse = (name: string, otherwise: RawValue) =>
    compile(part(name).type === BsonType.missing ? otherwise : part(name));
  const date = compile(part("date"));
  const binSize = orElse("binSize", intValue(1));
  const unitName = compile(part("unit"));
  const firstDay = orElse("startOfWeek", textValue("sunday"));
  const zoneOf = zoneArgument(part("timezone"), compile);
  return (scope) => {
    const value = date(scope);
    const size = isNullish(value) ? undefined : sizeOf(binSize(scope));
    const unit = size === undefined ? undefined : unitOf(unitName(scope));
    const startOfWeek = unit === "week" ? startOfWeekOf(firstDay(scope)) : SUNDAY;
    if (size === undefined || unit === undefined || startOfWeek === undefined) {
      return NULL;
    }
    const zone = zoneOf(scope);
    return zone === undefined
      ? NULL
      : dateValue(truncateDate(dateOf(value, "Location5166307"), { unit, size, zone, startOfWeek }));
  };
};
