import { BsonType } from "../bson/bson-type.js";
import {
  elementValues,
  fieldsOf,
  intValue,
  isNullish,
  NULL,
  type RawValue,
  textValue,
} from "../bson/raw-value.js";
import { dateFormat, dayOfWeek, isoFormat } from "../dates/date-format.js";
import { type LocalTime, localTime, UTC } from "../dates/time-zone.js";
import { CommandError } from "../errors/command-error.js";
import { dateOf, type ZoneExpression, zoneArgument } from "./date-arguments.js";
import { dateTrunc } from "./date-trunc.js";
import { type Compile, type Expression, namedArguments, type Operator, optionalText } from "./expression.js";

/** `date`, `[date]`, or `{ date, timezone }`. */
function dateArgument(name: string, argument: RawValue, compile: Compile): [Expression, ZoneExpression] {
  if (argument.type === BsonType.array) {
    const [only, ...more] = elementValues(argument);
    if (only === undefined || more.length > 0) {
      throw new CommandError("Location40536", `${name} accepts exactly one argument if given an array`);
    }
    return [compile(only), () => UTC];
  }
  if (argument.type !== BsonType.document || fieldsOf(argument)[0]?.[0].startsWith("$") === true) {
    return [compile(argument), () => UTC];
  }
  const part = namedArguments(name, argument, {
    notObject: "Location40539",
    unknown: "Location40535",
    required: { date: "Location40539" },
    optional: ["timezone"],
  });
  return [compile(part("date")), zoneArgument(part("timezone"), compile)];
}

function datePart(name: string, partOf: (local: LocalTime) => number): Operator {
  return (argument, compile) => {
    const [date, zoneOf] = dateArgument(name, argument, compile);
    return (scope) => {
      const value = date(scope);
      if (isNullish(value)) {
        return NULL;
      }
      const instant = dateOf(value);
      const zone = zoneOf(scope);
      return zone === undefined ? NULL : intValue(partOf(localTime(instant, zone)));
    };
  };
}

const dateToString: Operator = (argument, compile) => {
  const part = namedArguments("$dateToString", argument, {
    notObject: "Location18629",
    unknown: "Location18534",
    required: { date: "Location18628" },
    optional: ["format", "timezone", "onNull"],
  });
  const date = compile(part("date"));
  const zoneOf = zoneArgument(part("timezone"), compile);
  const format = part("format").type === BsonType.missing ? undefined : compile(part("format"));
  const onNull = compile(part("onNull", NULL));
  return (scope) => {
    const given =
      format && optionalText(format(scope), "Location18533", "$dateToString requires 'format' to be");
    const formatted = given === undefined ? undefined : dateFormat(given);
    const zone = zoneOf(scope);
    const value = date(scope);
    if (isNullish(value)) {
      return onNull(scope);
    }
    if (zone === undefined || (format !== undefined && formatted === undefined)) {
      return NULL;
    }
    const toText = formatted ?? isoFormat(zone);
    return textValue(toText(localTime(dateOf(value), zone)));
  };
};

export const DATE_OPERATORS: Readonly<Record<string, Operator>> = {
  $year: datePart("$year", ({ year }) => year),
  $month: datePart("$month", ({ month }) => month),
  $dayOfMonth: datePart("$dayOfMonth", ({ day }) => day),
  $dayOfWeek: datePart("$dayOfWeek", dayOfWeek),
  $hour: datePart("$hour", ({ hour }) => hour),
  $minute: datePart("$minute", ({ minute }) => minute),
  $dateToString: dateToString,
  $dateTrunc: dateTrunc,
};
