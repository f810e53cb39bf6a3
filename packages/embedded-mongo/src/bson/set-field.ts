import { elementHead, findElement, joinElements } from "./bson-elements.js";
import { BsonType } from "./bson-type.js";
import { type RawValue, wholeDocument } from "./raw-value.js";

const EMPTY = joinElements([]);

/**
 * Sets the field at a path: in its place if it exists, else after the other fields. A value on the way that is not a
 * document is replaced by one. A missing value removes the field.
 */
export function setFieldAt(document: Buffer, path: readonly string[], value: RawValue): Buffer {
  const [name = "", ...rest] = path;
  const old = findElement(document, name);
  const start = old?.start ?? document.length - 1;
  const end = old?.end ?? start;
  const before = document.subarray(4, start);
  const after = document.subarray(end, -1);
  if (rest.length > 0) {
    const inner = old?.type === BsonType.document ? document.subarray(old.value, old.end) : EMPTY;
    return setFieldAt(document, [name], wholeDocument(setFieldAt(inner, rest, value)));
  }
  if (value.type === BsonType.missing) {
    return old === undefined ? document : joinElements([before, after]);
  }
  const { type, bytes, at, end: valueEnd } = value;
  return joinElements([before, elementHead(type, name), bytes.subarray(at, valueEnd), after]);
}
