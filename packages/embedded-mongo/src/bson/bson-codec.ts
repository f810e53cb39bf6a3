import { DBRef, type DeserializeOptions, type Document, deserialize, serialize } from "bson";
import { elementsOf, joinElements, type RawElement } from "./bson-elements.js";
import { BsonType } from "./bson-type.js";
import { documentOf, inFieldOrder, noteFieldOrder } from "./field-order.js";

const TEXT = { validation: { utf8: false } } as const;

const TYPED = { ...TEXT, promoteValues: false, promoteLongs: false, bsonRegExp: true } as const;

/** Numbers, dates and regular expressions as JavaScript has them: for commands, expressions and aggregation. */
export function decodePlain(bytes: Buffer): Document {
  return decode(bytes, TEXT);
}

/** Every value in a form that encodes to the same bytes again: for updates. */
export function decodeTyped(bytes: Buffer): Document {
  return decode(bytes, TYPED);
}

const DBREF_FIELD = Buffer.from("$id\0");

function decode(bytes: Buffer, options: DeserializeOptions): Document {
  const decoded = deserialize(bytes, options);
  const document = bytes.includes(DBREF_FIELD) ? withoutDBRefs(bytes, 0, decoded, options) : decoded;
  noteFieldOrder(bytes, document);
  return document;
}

/** `bson` makes a DBRef of a document with `$ref` and `$id`: that has an order of its own, and a database before a dot in `$ref`. */
function withoutDBRefs(bytes: Buffer, at: number, decoded: Document, options: DeserializeOptions): Document {
  const elements = elementsOf(bytes, at);
  if (decoded instanceof DBRef) {
    return documentOf(
      elements.map(({ start, end, name }) => [
        name,
        decode(joinElements([bytes.subarray(start, end)]), options)[name],
      ]),
    );
  }
  for (const [index, { type, name, value }] of elements.entries()) {
    if (type === BsonType.document || type === BsonType.array) {
      const key = Array.isArray(decoded) ? index : name;
      decoded[key] = withoutDBRefs(bytes, value, decoded[key], options);
    }
  }
  return decoded;
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
