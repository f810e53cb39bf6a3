import { type Document, deserialize } from "bson";
import { documentBytes, documentValue, type RawValue } from "../bson/raw-value.js";

/** Decodes a document, with the types of `bson`. */
export function decodeTyped(bytes: Buffer): Document {
  return deserialize(bytes, { promoteValues: false, promoteLongs: false, bsonRegExp: true });
}

/** Decodes a value; undefined if it is missing. */
export function decodeValue(raw: RawValue): unknown {
  return decodeTyped(documentBytes(documentValue([["v", raw]]))).v;
}
