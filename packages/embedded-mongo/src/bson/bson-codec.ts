import { type Document, deserialize, serialize } from "bson";
import { elementsOf, joinElements, type RawElement } from "./bson-elements.js";
import { inFieldOrder, noteFieldOrder } from "./field-order.js";

const TEXT = { validation: { utf8: false } } as const;

const TYPED = { ...TEXT, promoteValues: false, promoteLongs: false, bsonRegExp: true } as const;

/** Numbers, dates and regular expressions as JavaScript has them: for commands, expressions and aggregation. */
export function decodePlain(bytes: Buffer): Document {
  const document = deserialize(bytes, TEXT);
  noteFieldOrder(bytes, document);
  return document;
}

/** Every value in a form that encodes to the same bytes again: for updates. */
export function decodeTyped(bytes: Buffer): Document {
  const document = deserialize(bytes, TYPED);
  noteFieldOrder(bytes, document);
  return document;
}

/** Leaves out what is undefined, as a computed field without a value is left out. */
export function encode(document: Document): Buffer {
  return Buffer.from(serialize(inFieldOrder(document), { ignoreUndefined: true }));
}

/** Only some top-level fields of a document, in their order. */
export function pickElements(bytes: Buffer, names: ReadonlySet<string>): Buffer {
  return joinElements(
    elementsOf(bytes)
      .filter((element) => names.has(element.name))
      .map((element) => bytes.subarray(element.start, element.end)),
  );
}

/** The value of one element, as `decodePlain` has it. */
export function decodePlainElement(bytes: Buffer, element: RawElement): unknown {
  return decodePlain(joinElements([bytes.subarray(element.start, element.end)]))[element.name];
}

/** The value of one element, as `decodeTyped` has it. */
export function decodeTypedElement(bytes: Buffer, element: RawElement): unknown {
  return decodeTyped(joinElements([bytes.subarray(element.start, element.end)]))[element.name];
}
