import { encode } from "./bson-codec.js";
import { isDocument, type PlainDocument } from "./bson-document.js";
import { inheritFieldOrder } from "./field-order.js";

/**
 * Expressions compute with JavaScript's numbers. What they passed on unchanged gets its BSON type back.
 *
 * @param after the result
 * @param plain the document it was made from, as `decodePlain` has it
 * @param typed the same document, as `decodeTyped` has it
 */
export function restoreTypes(
  after: PlainDocument,
  plain: PlainDocument,
  typed: PlainDocument,
): PlainDocument {
  const result: PlainDocument = {};
  inheritFieldOrder(result, typed);
  for (const [name, value] of Object.entries(after)) {
    if (value !== undefined) {
      const restored = Object.hasOwn(plain, name) ? restore(value, plain[name], typed[name]) : value;
      Object.defineProperty(result, name, {
        value: restored,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
  }
  return result;
}

function restore(value: unknown, plain: unknown, typed: unknown): unknown {
  if (value === plain) {
    return typed;
  }
  if (isDocument(value) && isDocument(plain) && isDocument(typed)) {
    return restoreTypes(value, plain, typed);
  }
  if (Array.isArray(value) && Array.isArray(plain) && Array.isArray(typed)) {
    return value.map((item: unknown, i) => (i < plain.length ? restore(item, plain[i], typed[i]) : item));
  }
  return sameValue(value, plain) ? typed : value;
}

/** Dates, regular expressions, ObjectIds, … are objects that are made anew. */
function sameValue(a: unknown, b: unknown): boolean {
  return typeof a === "object" && typeof b === "object" && encode({ a }).equals(encode({ a: b }));
}
