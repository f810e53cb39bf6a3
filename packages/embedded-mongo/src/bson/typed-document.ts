import { decodePlain, decodeTyped } from "./bson-codec.js";
import type { PlainDocument } from "./bson-document.js";

/*
 * Stages and expressions compute with plain documents, whose numbers are JavaScript's: they do not tell int, long and
 * whole double apart. Beside a plain document stands the same one with its types, for what passes a field on.
 */
const typedDocuments = new WeakMap<object, () => PlainDocument>();

/** A document as `decodePlain` has it, that knows its types. */
export function decodeWithTypes(bytes: Buffer): PlainDocument {
  return withTypes(decodePlain(bytes), () => decodeTyped(bytes));
}

/**
 * @param typed makes the same document as `decodeTyped` has it; called when it is asked for, if ever
 * @returns the plain document
 */
export function withTypes(plain: PlainDocument, typed: () => PlainDocument): PlainDocument {
  typedDocuments.set(plain, typed);
  return plain;
}

/** The same document with its types; itself where they are not known. */
export function typedOf(plain: PlainDocument): PlainDocument {
  return typedDocuments.get(plain)?.() ?? plain;
}
