import fc from "fast-check";
import { type Document, Int32, MaxKey, ObjectId } from "mongodb";
import { dateValue, decimalValue, numberValue, textValue } from "./random-expressions.js";

const scalar = fc.oneof(
  numberValue,
  decimalValue,
  textValue,
  dateValue,
  fc.constantFrom<unknown>(null, true, false, new ObjectId("507f1f77bcf86cd799439011"), new MaxKey()),
);

const numberOrNull = fc.oneof(
  { weight: 5, arbitrary: numberValue },
  { weight: 1, arbitrary: fc.constant(null) },
);
const textOrNull = fc.oneof({ weight: 5, arbitrary: textValue }, { weight: 1, arbitrary: fc.constant(null) });

const decimalOrNull = fc.oneof(
  { weight: 5, arbitrary: decimalValue },
  { weight: 1, arbitrary: fc.constant(null) },
);

const inner = fc.record<Document>(
  {
    s: textOrNull,
    n: numberOrNull,
    e: decimalOrNull,
    "1": numberOrNull,
    o: fc.record<Document>({ n: numberOrNull }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const items = { maxLength: 3 };

const content = fc.record<Document>(
  {
    x: fc.oneof(scalar, fc.array(scalar, items), inner),
    "10": scalar,
    e: decimalOrNull,
    n: numberOrNull,
    s: textOrNull,
    "1": numberOrNull,
    m: numberValue,
    t: textValue,
    d: fc.oneof(dateValue, fc.constant(null)),
    l: fc.array(numberOrNull, items),
    p: fc.array(textOrNull, items),
    g: fc.constantFrom(true, false, null),
    o: inner,
    q: fc.array(inner, items),
    y: fc.array(fc.oneof(scalar, inner, fc.array(fc.oneof(scalar, inner), { maxLength: 2 })), items),
  },
  { requiredKeys: [] },
);

/**
 * Documents with `_id` 0, 1, 2, …, whose fields have a type each, or null, or are missing; `x` and `y` have any. The fields
 * "1" and "10" come last, which no JavaScript object can have.
 */
export const valueDocuments: fc.Arbitrary<ReadonlyMap<string, unknown>[]> = fc
  .array(content, { minLength: 1, maxLength: 6, size: "max" })
  .map((contents) =>
    contents.map((rest, _id) => new Map([["_id", new Int32(_id)], ...Object.entries(rest).reverse()])),
  );
