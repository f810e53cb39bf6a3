import { Decimal128, Double, Int32, Long, ObjectId, Timestamp } from "bson";
import { describeExpressions } from "../testing/tables/expression-table.js";

const document = {
  date: new Date("2024-02-29T23:01:02.003Z"),
  early: new Date("1969-12-31T23:59:59.999Z"),
  stamp: new Timestamp({ t: 4_000_000_000, i: 7 }),
  id: new ObjectId("507c7f79bcf86cd7994f6c0e"),
  null: null,
  n: new Int32(5),
};
const day = (text: string) => new Date(`${text}Z`);
const toDate = (value: unknown) => ({ $toDate: { $literal: value } });
const refused = { refused: 241 };

describeExpressions("$toDate", document, [
  ["a date", { $toDate: "$date" }, document.date],
  ["a long", toDate(Long.fromString("1709247662003")), document.date],
  ["a negative long", toDate(Long.fromNumber(-1)), document.early],
  ["a double, without its fraction", toDate(new Double(-1.9)), document.early],
  ["a Decimal128, without its fraction", toDate(Decimal128.fromString("1709247662003.9")), document.date],
  ["a Decimal128 with an exponent", toDate(Decimal128.fromString("-1E+3")), day("1969-12-31T23:59:59")],
  ["a Decimal128 below 1", toDate(Decimal128.fromString("0.001")), new Date(0)],
  ["an ObjectId", { $toDate: "$id" }, day("2012-10-15T21:26:17")],
  ["a timestamp", { $toDate: ["$stamp"] }, day("2096-10-02T07:06:40")],
  ["null", { $toDate: "$null" }, null],
  ["missing", { $toDate: "$none" }, null],
  ["an int", { $toDate: "$n" }, refused],
  ["a boolean", toDate(true), refused],
  ["an array", toDate([new Date(0)]), refused],
  ["NaN", toDate(new Double(Number.NaN)), refused],
  ["a double beyond a long", toDate(new Double(2 ** 63)), refused],
  ["a Decimal128 beyond a long", toDate(Decimal128.fromString("1E+19")), refused],
  ["an infinite Decimal128", toDate(Decimal128.fromString("Infinity")), refused],
  ["two operands", { $toDate: ["$date", "$date"] }, { refused: 50723 }],
]);

describeExpressions("$toDate of a text", document, [
  ["a day", toDate("2018-03-03"), day("2018-03-03T00:00:00")],
  ["one digit", toDate("2018-3-3"), day("2018-03-03T00:00:00")],
  ["a time", toDate("2018-03-03T12:34"), day("2018-03-03T12:34:00")],
  ["seconds", toDate("2018-03-03T12:34:56Z"), day("2018-03-03T12:34:56")],
  ["a space", toDate("2018-03-20 11:00:06 +0500"), day("2018-03-20T06:00:06")],
  ["a fraction of one digit", toDate("2018-03-03T12:34:56.7Z"), day("2018-03-03T12:34:56.700")],
  ["a fraction of nine digits", toDate("2018-03-03T12:34:56.789999999Z"), day("2018-03-03T12:34:56.789")],
  ["an offset", toDate("2018-03-20T12:00:00-03:30"), day("2018-03-20T15:30:00")],
  ["an offset of hours", toDate("2018-03-20T01:00:00+03"), day("2018-03-19T22:00:00")],
  ["GMT", toDate("2018-03-20T12:00:00 GMT+02:00"), day("2018-03-20T10:00:00")],
  ["UTC", toDate("2018-03-20T12:00:00 UTC"), day("2018-03-20T12:00:00")],
  ["before 1970", toDate("1900-02-28 23:59:59.5"), day("1900-02-28T23:59:59.500")],
  ["microseconds before 1970, towards 1970", toDate("1969-12-31T23:59:59.9999Z"), new Date(0)],
  ["the year 0", toDate("0000-02-29"), new Date("0000-02-29T00:00:00Z")],
  ["a day that does not exist", toDate("2019-02-29"), refused],
  ["a month that does not exist", toDate("2019-13-01"), refused],
  ["day 0", toDate("2019-01-00"), refused],
  ["hour 24", toDate("2019-01-01T24:00:00Z"), refused],
  ["minute 60", toDate("2019-01-01T23:60:00Z"), refused],
  ["second 60", toDate("2016-12-31T23:59:60Z"), refused],
  ["a zone by name", toDate("2017-07-04T00:00:00 Europe/Paris"), refused],
  ["a form that is not supported", toDate("July 4th, 2017"), refused],
  ["nonsense", toDate("Friday"), refused],
  ["something after a date", toDate("2018-03-03x"), refused],
  ["an empty text", toDate(""), refused],
]);
