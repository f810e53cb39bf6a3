import { isDocument } from "./bson-document.js";
import { elementsOf, endOfValue } from "./bson-elements.js";
import { BsonType } from "./bson-type.js";

/*
 * A JavaScript object has keys such as "1" before all others, whatever their order in the document was. Here stands the
 * order of those objects that have such keys. It goes with the object: a copy has to inherit it.
 */
const orders = new WeakMap<object, readonly string[]>();

const ZERO = 0x30;
const NINE = 0x39;

/** Keeps the order of fields of a value that was decoded from bytes. */
export function noteFieldOrder(bytes: Buffer, decoded: unknown): void {
  if (hasNumeral(bytes, 0, false)) {
    note(bytes, 0, decoded);
  }
}

/** Whether a name within begins with a digit; those of array elements do not count. */
function hasNumeral(bytes: Buffer, at: number, inArray: boolean): boolean {
  let position = at + 4;
  for (;;) {
    const type = bytes[position];
    if (type === undefined || type === 0) {
      return false;
    }
    const first = bytes[position + 1] ?? 0;
    if (!inArray && first >= ZERO && first <= NINE) {
      return true;
    }
    const value = bytes.indexOf(0, position + 1) + 1;
    const isArray = type === BsonType.array;
    if ((isArray || type === BsonType.document) && hasNumeral(bytes, value, isArray)) {
      return true;
    }
    position = endOfValue(bytes, type, value);
  }
}

function note(bytes: Buffer, at: number, decoded: unknown): void {
  const isArray = Array.isArray(decoded);
  if (!isArray && !isDocument(decoded)) {
    return;
  }
  const elements = elementsOf(bytes, at);
  if (!isArray) {
    orders.set(
      decoded,
      elements.map(({ name }) => name),
    );
  }
  for (const [i, { type, name, value }] of elements.entries()) {
    if (type === BsonType.document || type === BsonType.array) {
      note(bytes, value, isArray ? decoded[i] : decoded[name]);
    }
  }
}

/** To be called before a field is added to a document. */
export function noteNewField(document: object, name: string): void {
  const known = orders.get(document);
  if ((known !== undefined || /^\d/.test(name)) && !Object.hasOwn(document, name)) {
    orders.set(document, [...(known ?? Object.keys(document)).filter((one) => one !== name), name]);
  }
}

/** `Object.entries`, in the order that the document had. */
export function entriesInOrder(document: Readonly<Record<string, unknown>>): [string, unknown][] {
  const order = orders.get(document);
  if (order === undefined) {
    return Object.entries(document);
  }
  const names = new Set([...order, ...Object.keys(document)]);
  return [...names].filter((name) => Object.hasOwn(document, name)).map((name) => [name, document[name]]);
}

/** `Object.fromEntries`, keeping the order. */
export function documentOf(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const document: Record<string, unknown> = {};
  for (const [name, value] of entries) {
    noteNewField(document, name);
    document[name] = value;
  }
  return document;
}

/** The same document, with a Map in place of each object where an order differs from what JavaScript has. */
export function inFieldOrder<T extends object>(document: T): T | Map<string, unknown> {
  return isDocument(document) && hasOrder(document) ? toMap(document) : document;
}

function hasOrder(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.some(hasOrder);
  }
  return isDocument(value) && (orders.has(value) || Object.values(value).some(hasOrder));
}

function toMap(document: Readonly<Record<string, unknown>>): Map<string, unknown> {
  return new Map(entriesInOrder(document).map(([name, value]) => [name, ordered(value)]));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(ordered);
  }
  return isDocument(value) ? toMap(value) : value;
}
