import { type Document, deserialize } from "bson";
import { documentBytes, documentValue, type RawValue } from "../bson/raw-value.js";

/** A document with types as `bson` has them. */
export function decodeTyped(bytes: Buffer): Document {
  return deserialize(bytes, { promoteValues: false, promoteLongs: false, bsonRegExp: true });
}

/** The same of a value; undefined where it is missing. */
export function decodeValue(raw: RawValue): unknown {
  return decodeTyped(documentBytes(documentValue([["v", raw]]))).v;
}
