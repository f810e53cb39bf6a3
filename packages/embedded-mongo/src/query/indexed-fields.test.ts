import fc from "fast-check";
import { expect, test } from "vitest";
import { documentValue, encode, encodeValue, type RawValue, wholeDocument } from "../bson/raw-value.js";
import { advance, compileFieldReader } from "./indexed-fields.js";

const names = fc.constantFrom("a", "b", "ab", "0", "1", "é", "日本");
const paths = fc.array(
  fc.array(names, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(".")),
  {
    minLength: 1,
    maxLength: 8,
  },
);
/** Of several fields with one name, too: a document may have them. */
const { value: values } = fc.letrec<{ value: RawValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.date({ noInvalidDate: true })).map(encodeValue),
    fc.array(tie("value"), { maxLength: 3 }).map(encodeValue),
    fc.array(fc.tuple(names, tie("value")), { maxLength: 5 }).map(documentValue),
  ),
}));
const documents = fc
  .array(fc.tuple(names, values), { maxLength: 6 })
  .map((fields) => documentValue(fields).bytes);

test("one pass over a document finds what following each path finds", () => {
  fc.assert(
    fc.property(documents, fc.array(paths, { maxLength: 4 }), (document, pathsOfIndexes) => {
      const expected = pathsOfIndexes.map((own) =>
        own.map((path) => advance(wholeDocument(document), path.split("."))),
      );
      expect(compileFieldReader(pathsOfIndexes)(document)).toEqual(expected);
    }),
    { seed: 20_261_128, numRuns: 300 },
  );
});

test("a document has nothing behind a value that is no document", () => {
  const document = encode({ a: 1, b: { c: "x" } });
  const [fields = []] = compileFieldReader([["a.b", "b.c", "b.c.d"]])(document);
  expect(fields.map(({ value: { type } }) => type)).toEqual([0, 2, 0]);
});
