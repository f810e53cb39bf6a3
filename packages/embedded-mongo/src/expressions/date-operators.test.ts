import { Decimal128, Double, Int32, Long, ObjectId, Timestamp } from "bson";
import { describe, expect, test } from "vitest";
import { encode, encodeValue, wholeDocument } from "../bson/raw-value.js";
import { decodeValue } from "../testing/decode-value.js";
import { describeExpressions, evaluate } from "../testing/tables/expression-table.js";
import { compileExpression } from "./compile-expression.js";

const int = (value: number) => new Int32(value);
const document = {
  date: new Date("2024-02-29T23:01:02.003Z"),
  early: new Date("1969-12-31T23:59:59.999Z"),
  bc: new Date("-000001-03-01T00:00:00Z"),
  late: new Date(253_402_300_800_000),
  stamp: new Timestamp({ t: 4_000_000_000, i: 7 }),
  id: new ObjectId("507c7f79bcf86cd7994f6c0e"),
  null: null,
  text: "2024-02-29",
  n: int(5),
  zone: "Asia/Kolkata",
  object: { date: new Date(0) },
};

describeExpressions("parts of dates", document, [
  ["$year", { $year: "$date" }, int(2024)],
  ["$month", { $month: "$date" }, int(2)],
  ["$dayOfMonth", { $dayOfMonth: "$date" }, int(29)],
  ["$dayOfWeek: 1 is Sunday", { $dayOfWeek: "$date" }, int(5)],
  ["$hour", { $hour: "$date" }, int(23)],
  ["$minute", { $minute: "$date" }, int(1)],
  ["in an array", { $year: ["$date"] }, int(2024)],
  ["an expression", { $year: { $ifNull: ["$none", "$date"] } }, int(2024)],
  ["date alone", { $hour: { date: "$date" } }, int(23)],
  ["before 1970", { $minute: "$early" }, int(59)],
  ["before 1970: year", { $year: "$early" }, int(1969)],
  ["before the year 0", { $year: "$bc" }, int(-1)],
  ["before the year 0: day of the week", { $dayOfWeek: "$bc" }, int(2)],
  ["a timestamp beyond 2^31 seconds", { $year: "$stamp" }, int(2096)],
  ["an ObjectId", { $hour: "$id" }, int(21)],
  ["null", { $year: "$null" }, null],
  ["missing", { $month: "$none" }, null],
  ["a missing date in an object", { $hour: { date: "$none", timezone: "$n" } }, null],
  ["a text", { $year: "$text" }, { refused: 16006 }],
  ["a number", { $dayOfWeek: "$n" }, { refused: 16006 }],
  ["a document", { $year: "$object" }, { refused: 16006 }],
  ["an object in an array is a value", { $year: [{ date: "$date" }] }, { refused: 16006 }],
  ["two operands", { $year: ["$date", "$date"] }, { refused: 40536 }],
  ["no operands", { $year: [] }, { refused: 40536 }],
  ["no date", { $year: { timezone: "UTC" } }, { refused: 40539 }],
  ["an unknown field", { $year: { date: "$date", zone: "UTC" } }, { refused: 40535 }],
]);

describeExpressions(
  "parts of the manual's date, and of a value that is not a date",
  {
    date: new Date("2014-01-01T08:15:39.736Z"),
    null: null,
    text: "x",
    long: Long.ONE,
    decimal: new Decimal128("1"),
  },
  (
    [
      ["$year", 2014],
      ["$month", 1],
      ["$dayOfMonth", 1],
      ["$dayOfWeek", 4],
      ["$hour", 8],
      ["$minute", 15],
    ] as const
  ).flatMap(([operator, part]) => [
    [`${operator} of the date`, { [operator]: "$date" }, int(part)],
    [`${operator} of null`, { [operator]: "$null" }, null],
    [`${operator} of a missing field`, { [operator]: "$none" }, null],
    [`${operator} of a text`, { [operator]: "$text" }, { refused: 16006 }],
    [`${operator} of a long`, { [operator]: "$long" }, { refused: 16006 }],
    [`${operator} of a decimal`, { [operator]: "$decimal" }, { refused: 16006 }],
    [`${operator} of a double`, { [operator]: 1.5 }, { refused: 16006 }],
  ]),
);

const hour = (timezone: unknown) => ({ $hour: { date: "$date", timezone } });

describeExpressions("time zones", document, [
  ["a city", hour("America/New_York"), int(18)],
  ["of a field", hour("$zone"), int(4)],
  ["UTC", hour("UTC"), int(23)],
  ["GMT", hour("GMT"), int(23)],
  ["Etc/GMT+3 is west of UTC", hour("Etc/GMT+3"), int(20)],
  ["an old name", hour("US/Eastern"), int(18)],
  ["EST", hour("EST"), int(18)],
  ["+HH:MM", hour("+05:30"), int(4)],
  ["-HHMM", hour("-0530"), int(17)],
  ["+HH", hour("+03"), int(2)],
  ["null", hour(null), null],
  ["missing", hour("$none"), null],
  ["a number", hour("$n"), { refused: 40517 }],
  ["a constant number", hour(5), { refused: 40517 }],
  ["an unknown name", hour("Europe/Nowhere"), { refused: 40485 }],
  ["an unknown name of a field", hour("$text"), { refused: 40485 }],
  ["an unknown name, whatever the date", { $hour: { date: null, timezone: "Nowhere" } }, { refused: 40485 }],
  ["a name in other letters", hour("europe/paris"), { refused: 40485 }],
  ["an old name in other letters", hour("US/eastern"), { refused: 40485 }],
  ["an abbreviation that only ICU knows", hour("PST"), { refused: 40485 }],
  ["Z", hour("Z"), { refused: 40485 }],
  ["an empty text", hour(""), { refused: 40485 }],
  ["+H", hour("+5"), { refused: 40485 }],
  ["GMT+5", hour("GMT+5"), { refused: 40485 }],
]);

const format = (text: unknown, more: object = {}) => ({
  $dateToString: { date: "$date", format: text, ...more },
});

describeExpressions("$dateToString", document, [
  ["no format", { $dateToString: { date: "$date" } }, "2024-02-29T23:01:02.003Z"],
  ["no format, UTC", { $dateToString: { date: "$date", timezone: "UTC" } }, "2024-02-29T23:01:02.003Z"],
  ["no format, +00:00", { $dateToString: { date: "$date", timezone: "+00:00" } }, "2024-02-29T23:01:02.003Z"],
  ["no format, a zone", { $dateToString: { date: "$date", timezone: "+03" } }, "2024-03-01T02:01:02.003"],
  ["numbers", format("%Y/%m/%d %H.%M.%S,%L"), "2024/02/29 23.01.02,003"],
  ["names of months", format("%b %B"), "Feb February"],
  ["days and weeks", format("%j|%w|%U|%u|%V|%G"), "060|5|08|4|09|2024"],
  ["offsets", format("%z %Z", { timezone: "America/Caracas" }), "-0400 -240"],
  ["a percent sign", format("100%%"), "100%"],
  ["plain text, also of several lines", format("é\n😀"), "é\n😀"],
  ["an empty format", format(""), ""],
  [
    "a week of the year before",
    { $dateToString: { date: new Date("2017-01-01"), format: "%U %G-%V" } },
    "01 2016-52",
  ],
  [
    "the days before the first Sunday",
    { $dateToString: { date: new Date("2024-01-06"), format: "%U %w" } },
    "00 7",
  ],
  ["a timestamp", { $dateToString: { date: "$stamp", format: "%Y" } }, "2096"],
  ["an ObjectId", { $dateToString: { date: "$id" } }, "2012-10-15T21:26:17.000Z"],
  ["null", format("%Y", { date: "$null" }), null],
  ["missing", format("%Y", { date: "$none" }), null],
  ["onNull", format("%Y", { date: "$none", onNull: "$n" }), int(5)],
  ["onNull that is missing", format("%Y", { date: "$none", onNull: "$none" }), undefined],
  ["onNull is not evaluated without need", format("%Y", { onNull: { $year: "$text" } }), "2024"],
  ["a format that is null", format("$null"), null],
  ["a format that is missing", format("$none", { onNull: "x" }), null],
  ["a time zone that is null", format("%Y", { timezone: null, onNull: "x" }), null],
  ["the year 10000", { $dateToString: { date: "$late" } }, { refused: 18537 }],
  ["a year before 0", { $dateToString: { date: "$bc", format: "%Y" } }, { refused: 18537 }],
  ["the rest of a year before 0", { $dateToString: { date: "$bc", format: "%m" } }, "03"],
  ["a format that is a number", format("$n"), { refused: 18533 }],
  ["% at the end", format("%Y%"), { refused: 18535 }],
  ["an unknown letter", format("%Y %q", { date: "$null" }), { refused: 18536 }],
  ["a text as date", format("%Y", { date: "$text" }), { refused: 16006 }],
  ["an unknown zone", format("%Y", { timezone: "x", date: null }), { refused: 40485 }],
  ["no object", { $dateToString: "$date" }, { refused: 18629 }],
  ["no date", { $dateToString: { format: "%Y" } }, { refused: 18628 }],
  ["an unknown field", format("%Y", { x: 1 }), { refused: 18534 }],
]);

const day = (text: string) => new Date(`${text}Z`);
const trunc = (unit: unknown, more: object = {}) => ({ $dateTrunc: { date: "$date", unit, ...more } });

describeExpressions("$dateTrunc", document, [
  ["year", trunc("year"), day("2024-01-01T00:00:00")],
  ["quarter", trunc("quarter"), day("2024-01-01T00:00:00")],
  ["month", trunc("month"), day("2024-02-01T00:00:00")],
  ["week: from Sunday", trunc("week"), day("2024-02-25T00:00:00")],
  ["week: from Monday", trunc("week", { startOfWeek: "Monday" }), day("2024-02-26T00:00:00")],
  ["week: from Friday", trunc("week", { startOfWeek: "FRI" }), day("2024-02-23T00:00:00")],
  ["day", trunc("day"), day("2024-02-29T00:00:00")],
  ["hour", trunc("hour"), day("2024-02-29T23:00:00")],
  ["minute", trunc("minute"), day("2024-02-29T23:01:00")],
  ["second", trunc("second"), day("2024-02-29T23:01:02")],
  ["millisecond", trunc("millisecond"), document.date],
  ["bins of 7 years from 2000", trunc("year", { binSize: 7 }), day("2021-01-01T00:00:00")],
  ["before 2000", trunc("year", { date: "$early", binSize: 7 }), day("1965-01-01T00:00:00")],
  ["of a long", trunc("day", { binSize: Long.fromNumber(2) }), day("2024-02-28T00:00:00")],
  ["of a whole double", trunc("hour", { binSize: new Double(2) }), day("2024-02-29T22:00:00")],
  [
    "of a Decimal128",
    trunc("minute", { binSize: Decimal128.fromString("15.0") }),
    day("2024-02-29T23:00:00"),
  ],
  ["in a time zone", trunc("day", { timezone: "$zone" }), day("2024-02-29T18:30:00")],
  ["a week in a time zone", trunc("week", { timezone: "America/New_York" }), day("2024-02-25T05:00:00")],
  ["an ObjectId", trunc("minute", { date: "$id", binSize: 10 }), day("2012-10-15T21:20:00")],
  ["a timestamp", trunc("year", { date: "$stamp" }), day("2096-01-01T00:00:00")],
  ["startOfWeek is ignored for other units", trunc("month", { startOfWeek: 5 }), day("2024-02-01T00:00:00")],
  ["null", trunc("H", { date: "$null", binSize: "x", timezone: "$n" }), null],
  ["missing", trunc("day", { date: "$none" }), null],
  ["a unit that is null", trunc("$null"), null],
  ["a binSize that is missing", trunc("day", { binSize: "$none" }), null],
  ["a startOfWeek that is null", trunc("week", { startOfWeek: null }), null],
  ["a time zone that is missing", trunc("day", { timezone: "$none" }), null],
  ["a text", trunc("day", { date: "$text" }), { refused: 5166307 }],
  ["an unknown unit", trunc("century"), { refused: 9 }],
  ["a unit in capitals", trunc("DAY"), { refused: 9 }],
  ["a unit that is a number", trunc("$n"), { refused: 5439013 }],
  ["an unknown day", trunc("week", { startOfWeek: "fridie" }), { refused: 5439016 }],
  ["a day that is a number", trunc("week", { startOfWeek: "$n" }), { refused: 5439015 }],
  ["a fraction", trunc("day", { binSize: 2.5 }), { refused: 5439017 }],
  ["a text as binSize", trunc("day", { binSize: "$text" }), { refused: 5439017 }],
  ["0", trunc("day", { binSize: 0 }), { refused: 5439018 }],
  ["a bin beyond a long", trunc("hour", { binSize: Long.MAX_VALUE }), { refused: 5439002 }],
  ["too many days", trunc("day", { binSize: Long.fromNumber(1e12) }), { refused: 5439006 }],
  ["a start beyond a long", trunc("year", { date: "$early", binSize: 2e9 }), { refused: 5166406 }],
  ["an unknown zone", trunc("day", { timezone: "x" }), { refused: 40485 }],
  ["no object", { $dateTrunc: "$date" }, { refused: 5439007 }],
  ["an unknown field", trunc("day", { x: 1 }), { refused: 5439008 }],
  ["no date", { $dateTrunc: { unit: "day" } }, { refused: 5439009 }],
  ["no unit", { $dateTrunc: { date: "$date" } }, { refused: 5439010 }],
]);

/** `$dateToString` with `%Y-%m-%dT%H:%M:%S.%L %w %u %U %G %V %z %Z`, and `$dateTrunc`. */
const WITH_PYTHON: readonly (readonly [
  date: string,
  zone: string,
  text: string,
  bin: string,
  start: string,
])[] = [
  [
    "2024-11-04T12:00:00.000Z",
    "America/New_York",
    "2024-11-04T07:00:00.000 2 1 44 2024 45 -0500 -300",
    "1 day sunday",
    "2024-11-04T05:00:00.000Z",
  ],
  [
    "2024-03-11T12:00:00.000Z",
    "America/New_York",
    "2024-03-11T08:00:00.000 2 1 10 2024 11 -0400 -240",
    "1 day sunday",
    "2024-03-11T04:00:00.000Z",
  ],
  [
    "2024-03-10T06:59:59.999Z",
    "America/New_York",
    "2024-03-10T01:59:59.999 1 7 10 2024 10 -0500 -300",
    "1 day sunday",
    "2024-03-10T05:00:00.000Z",
  ],
  [
    "2024-03-10T07:00:00.000Z",
    "America/New_York",
    "2024-03-10T03:00:00.000 1 7 10 2024 10 -0400 -240",
    "1 hour sunday",
    "2024-03-10T07:00:00.000Z",
  ],
  [
    "2024-11-03T05:30:00.000Z",
    "America/New_York",
    "2024-11-03T01:30:00.000 1 7 44 2024 44 -0400 -240",
    "2 hour sunday",
    "2024-11-03T05:00:00.000Z",
  ],
  [
    "2024-11-03T06:30:00.000Z",
    "America/New_York",
    "2024-11-03T01:30:00.000 1 7 44 2024 44 -0500 -300",
    "1 day sunday",
    "2024-11-03T04:00:00.000Z",
  ],
  [
    "2024-03-31T00:30:00.000Z",
    "Europe/London",
    "2024-03-31T00:30:00.000 1 7 13 2024 13 +0000 0",
    "1 week monday",
    "2024-03-25T00:00:00.000Z",
  ],
  [
    "2024-03-31T01:00:00.000Z",
    "Europe/Berlin",
    "2024-03-31T03:00:00.000 1 7 13 2024 13 +0200 120",
    "1 week monday",
    "2024-03-24T23:00:00.000Z",
  ],
  [
    "2024-10-27T01:30:00.000Z",
    "Europe/Berlin",
    "2024-10-27T02:30:00.000 1 7 43 2024 43 +0100 60",
    "3 hour monday",
    "2024-10-26T23:00:00.000Z",
  ],
  [
    "2024-04-06T15:15:00.000Z",
    "Australia/Lord_Howe",
    "2024-04-07T01:45:00.000 1 7 14 2024 14 +1030 630",
    "1 day sunday",
    "2024-04-06T13:00:00.000Z",
  ],
  [
    "2017-10-15T12:00:00.000Z",
    "America/Sao_Paulo",
    "2017-10-15T10:00:00.000 1 7 42 2017 41 -0200 -120",
    "1 day sunday",
    "2017-10-15T03:00:00.000Z",
  ],
  [
    "2017-10-15T12:00:00.000Z",
    "America/Sao_Paulo",
    "2017-10-15T10:00:00.000 1 7 42 2017 41 -0200 -120",
    "1 week sunday",
    "2017-10-15T03:00:00.000Z",
  ],
  [
    "2023-11-05T04:30:00.000Z",
    "America/Havana",
    "2023-11-05T00:30:00.000 1 7 45 2023 44 -0400 -240",
    "1 day sunday",
    "2023-11-05T04:00:00.000Z",
  ],
  [
    "2023-11-05T05:30:00.000Z",
    "America/Havana",
    "2023-11-05T00:30:00.000 1 7 45 2023 44 -0500 -300",
    "1 day sunday",
    "2023-11-05T04:00:00.000Z",
  ],
  [
    "2011-12-31T00:00:00.000Z",
    "Pacific/Apia",
    "2011-12-31T14:00:00.000 7 6 52 2011 52 +1400 840",
    "1 week friday",
    "2011-12-30T10:00:00.000Z",
  ],
  [
    "1986-01-01T00:00:00.000Z",
    "Asia/Kathmandu",
    "1986-01-01T05:45:00.000 4 3 00 1986 01 +0545 345",
    "1 year sunday",
    "1985-12-31T18:30:00.000Z",
  ],
  [
    "1883-11-18T17:00:00.000Z",
    "America/New_York",
    "1883-11-18T12:00:00.000 1 7 46 1883 46 -0500 -300",
    "1 month sunday",
    "1883-11-01T04:56:02.000Z",
  ],
  [
    "1850-06-01T12:00:00.000Z",
    "Europe/Paris",
    "1850-06-01T12:09:21.000 7 6 21 1850 22 +0009 9",
    "1 year sunday",
    "1849-12-31T23:50:39.000Z",
  ],
  [
    "1940-07-01T00:00:00.000Z",
    "Europe/London",
    "1940-07-01T01:00:00.000 2 1 26 1940 27 +0100 60",
    "1 quarter sunday",
    "1940-06-30T23:00:00.000Z",
  ],
  [
    "1969-12-31T23:59:59.999Z",
    "Etc/UTC",
    "1969-12-31T23:59:59.999 4 3 52 1970 01 +0000 0",
    "1 second sunday",
    "1969-12-31T23:59:59.000Z",
  ],
  [
    "1600-02-29T23:59:59.001Z",
    "GMT",
    "1600-02-29T23:59:59.001 3 2 09 1600 09 +0000 0",
    "7 month sunday",
    "1599-11-01T00:00:00.000Z",
  ],
  [
    "2032-03-14T12:49:46.863Z",
    "America/Puerto_Rico",
    "2032-03-14T08:49:46.863 1 7 11 2032 11 -0400 -240",
    "10 year monday",
    "2030-01-01T04:00:00.000Z",
  ],
  [
    "2013-04-09T07:38:00.298Z",
    "America/Panama",
    "2013-04-09T02:38:00.298 3 2 14 2013 15 -0500 -300",
    "1 quarter sunday",
    "2013-04-01T05:00:00.000Z",
  ],
  [
    "2037-06-03T02:55:36.132Z",
    "Europe/Vatican",
    "2037-06-03T04:55:36.132 4 3 22 2037 23 +0200 120",
    "7 week tuesday",
    "2037-04-20T22:00:00.000Z",
  ],
  [
    "2011-03-24T19:30:00.000Z",
    "America/Goose_Bay",
    "2011-03-24T16:30:00.000 5 4 12 2011 12 -0300 -180",
    "7 day wednesday",
    "2011-03-19T03:00:00.000Z",
  ],
  [
    "2035-09-14T20:11:38.350Z",
    "America/Moncton",
    "2035-09-14T17:11:38.350 6 5 36 2035 37 -0300 -180",
    "1 quarter monday",
    "2035-07-01T03:00:00.000Z",
  ],
  [
    "2003-09-11T21:02:17.465Z",
    "America/Yakutat",
    "2003-09-11T13:02:17.465 5 4 36 2003 37 -0800 -480",
    "1 month saturday",
    "2003-09-01T08:00:00.000Z",
  ],
  [
    "2007-09-12T02:30:00.000Z",
    "Europe/Madrid",
    "2007-09-12T04:30:00.000 4 3 36 2007 37 +0200 120",
    "5 week thursday",
    "2007-09-05T22:00:00.000Z",
  ],
  [
    "2001-10-05T21:08:28.750Z",
    "America/Sitka",
    "2001-10-05T13:08:28.750 6 5 39 2001 40 -0800 -480",
    "13 day saturday",
    "2001-09-29T08:00:00.000Z",
  ],
  [
    "2017-11-05T00:30:00.000Z",
    "Africa/Douala",
    "2017-11-05T01:30:00.000 1 7 45 2017 44 +0100 60",
    "1 minute wednesday",
    "2017-11-05T00:30:00.000Z",
  ],
  [
    "2032-06-01T08:07:18.105Z",
    "Europe/Samara",
    "2032-06-01T12:07:18.105 3 2 22 2032 23 +0400 240",
    "3 second thursday",
    "2032-06-01T08:07:18.000Z",
  ],
  [
    "2014-03-18T06:19:12.905Z",
    "Australia/Brisbane",
    "2014-03-18T16:19:12.905 3 2 11 2014 12 +1000 600",
    "13 year friday",
    "2012-12-31T14:00:00.000Z",
  ],
  [
    "2012-02-20T10:01:38.884Z",
    "Pacific/Wake",
    "2012-02-20T22:01:38.884 2 1 08 2012 08 +1200 720",
    "1 week friday",
    "2012-02-16T12:00:00.000Z",
  ],
  [
    "2013-08-06T01:59:00.000Z",
    "Asia/Tomsk",
    "2013-08-06T08:59:00.000 3 2 31 2013 32 +0700 420",
    "2 day sunday",
    "2013-08-05T17:00:00.000Z",
  ],
  [
    "2003-12-16T17:34:11.271Z",
    "Africa/Ceuta",
    "2003-12-16T18:34:11.271 3 2 50 2003 51 +0100 60",
    "3 second wednesday",
    "2003-12-16T17:34:09.000Z",
  ],
  [
    "2001-12-02T04:01:40.133Z",
    "America/Bogota",
    "2001-12-01T23:01:40.133 7 6 47 2001 48 -0500 -300",
    "7 quarter wednesday",
    "2001-10-01T05:00:00.000Z",
  ],
  [
    "9342-09-15T07:30:00.000Z",
    "Etc/GMT-1",
    "9342-09-15T08:30:00.000 7 6 36 9342 37 +0100 60",
    "13 year sunday",
    "9331-12-31T23:00:00.000Z",
  ],
  [
    "2873-11-05T12:59:00.000Z",
    "Australia/Darwin",
    "2873-11-05T22:29:00.000 1 7 45 2873 44 +0930 570",
    "1 quarter monday",
    "2873-09-30T14:30:00.000Z",
  ],
  [
    "7509-04-01T03:12:12.784Z",
    "Indian/Mauritius",
    "7509-04-01T07:12:12.784 5 4 13 7509 13 +0400 240",
    "5 month saturday",
    "7509-02-28T20:00:00.000Z",
  ],
  [
    "9271-07-23T21:25:25.952Z",
    "Europe/Vienna",
    "9271-07-23T23:25:25.952 5 4 29 9271 30 +0200 120",
    "5 week sunday",
    "9271-07-11T22:00:00.000Z",
  ],
  [
    "6593-09-20T23:58:56.303Z",
    "Pacific/Palau",
    "6593-09-21T08:58:56.303 7 6 37 6593 38 +0900 540",
    "1 day thursday",
    "6593-09-20T15:00:00.000Z",
  ],
  [
    "9853-06-05T01:27:41.909Z",
    "America/St_Lucia",
    "9853-06-04T21:27:41.909 7 6 22 9853 22 -0400 -240",
    "10 hour sunday",
    "9853-06-04T18:00:00.000Z",
  ],
  [
    "0002-01-01T00:00:00.000Z",
    "Etc/GMT-14",
    "0002-01-01T14:00:00.000 3 2 00 0002 01 +1400 840",
    "1 month sunday",
    "0001-12-31T10:00:00.000Z",
  ],
  [
    "2037-11-01T06:30:00.000Z",
    "US/Eastern",
    "2037-11-01T01:30:00.000 1 7 44 2037 44 -0500 -300",
    "1 day sunday",
    "2037-11-01T04:00:00.000Z",
  ],
  [
    "2500-07-01T00:00:00.000Z",
    "Europe/Rome",
    "2500-07-01T02:00:00.000 5 4 26 2500 26 +0200 120",
    "1 week thursday",
    "2500-06-30T22:00:00.000Z",
  ],
];

describe("dates agree with Python's zoneinfo", () => {
  test.each(WITH_PYTHON)("%s %s: %s; %s: %s", (date, timezone, text, bin, start) => {
    const [size, unit, startOfWeek] = bin.split(" ");
    const operand = { date: new Date(date), timezone };
    expect(
      evaluate({ $dateToString: { ...operand, format: "%Y-%m-%dT%H:%M:%S.%L %w %u %U %G %V %z %Z" } }),
    ).toBe(text);
    expect(evaluate({ $dateTrunc: { ...operand, unit, binSize: Number(size), startOfWeek } })).toStrictEqual(
      new Date(start),
    );
  });
});

/** `Date` of JavaScript ends in the year 275760; a date of BSON is a long. */
describe("dates far in the past and future", () => {
  const far: readonly [operator: string, milliseconds: bigint, timezone: string, answer: number][] = [
    ["$year", 2n ** 63n - 1n, "UTC", 292_278_994],
    ["$month", 2n ** 63n - 1n, "UTC", 8],
    ["$dayOfMonth", 2n ** 63n - 1n, "UTC", 17],
    ["$hour", 2n ** 63n - 1n, "UTC", 7],
    ["$hour", 2n ** 63n - 1n, "Europe/Berlin", 9],
    ["$year", -(2n ** 63n), "UTC", -292_275_055],
    ["$dayOfMonth", -(2n ** 63n), "UTC", 16],
    ["$minute", -(2n ** 63n), "America/New_York", 51],
  ];

  test.each(far)("%s of %d in %s is %d", (operator, milliseconds, timezone, answer) => {
    const bytes = Buffer.from(encode({ date: new Date(0) }));
    bytes.writeBigInt64LE(milliseconds, bytes.length - 9);
    const expression = compileExpression(encodeValue({ [operator]: { date: "$date", timezone } }));
    expect(decodeValue(expression({ root: wholeDocument(bytes), variables: undefined }))).toStrictEqual(
      int(answer),
    );
  });
});
