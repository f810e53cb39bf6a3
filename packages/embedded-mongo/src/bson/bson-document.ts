/** A document, as opposed to a date, an ObjectId, an array, … */
export type PlainDocument = Record<string, unknown>;

/** A document as `bson` decodes it, as opposed to a date, an ObjectId, an array, … */
export function isDocument(value: unknown): value is PlainDocument {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
