import { BSON, type Document, Long } from "mongodb";
import { expect, test } from "vitest";
import { BsonType } from "../bson/bson-type.js";
import { encodeValue } from "../bson/raw-value.js";
import { commandVariables } from "../expressions/command-variables.js";
import { compileUpdate } from "./compile-update.js";

/** A document with dates that JavaScript's Date cannot hold. */
function withFarDates(fields: Document): Buffer {
  const bytes = Buffer.from(
    BSON.serialize({ _id: 1, first: Long.MAX_VALUE, ...fields, last: { date: Long.MIN_VALUE } }),
  );
  for (const name of ["first", "date"]) {
    bytes[bytes.indexOf(`${name}\0`) - 1] = BsonType.date;
  }
  return bytes;
}

test.each<[update: Document, after: Document]>([
  [{ $inc: { n: 1 } }, { list: [1], n: 2 }],
  [{ $push: { list: 2 }, $unset: { n: "" } }, { list: [1, 2] }],
  [
    { $pop: { list: 1 }, $min: { n: 0 } },
    { list: [], n: 0 },
  ],
  [{ $inc: { n: 0 } }, { list: [1], n: 1 }],
])("%j leaves the bytes of other fields as they are", (update, after) => {
  const apply = compileUpdate(encodeValue(update), commandVariables(), false);
  expect(apply(withFarDates({ list: [1], n: 1 }), false)).toEqual(withFarDates(after));
});
