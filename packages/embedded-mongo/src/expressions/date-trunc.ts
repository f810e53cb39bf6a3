import { wholePart } from "../bson/number-value.js";
import { dateValue, intValue, isNullish, NULL, type RawValue, textValue } from "../bson/raw-value.js";
import { isUnit, truncateDate } from "../dates/truncate-date.js";
import { CommandError } from "../errors/command-error.js";
import { dateOf, zoneArgument } from "./date-arguments.js";
import { namedArguments, type Operator, optionalText } from "./expression.js";

const DAYS_OF_WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const SUNDAY = 7;

/** 1 (Monday) to 7, or undefined for null. A name may be abbreviated to three letters. */
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

/** An argument is evaluated only if none before it is null, and `startOfWeek` only for weeks. */
export const dateTrunc: Operator = (argument, compile) => {
  const part = namedArguments("$dateTrunc", argument, {
    notObject: "Location5439007",
    unknown: "Location5439008",
    required: { date: "Location5439009", unit: "Location5439010" },
    optional: ["binSize", "timezone", "startOfWeek"],
  });
  const date = compile(part("date"));
  const binSize = compile(part("binSize", intValue(1)));
  const unitName = compile(part("unit"));
  const firstDay = compile(part("startOfWeek", textValue("sunday")));
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
