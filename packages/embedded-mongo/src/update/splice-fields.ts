import { elementsOf, joinElements } from "../bson/bson-elements.js";
import type { FieldUpdate } from "./parse-update.js";

/**
 * Whether an update only sets and removes whole top-level fields other than `_id`: that is done on the bytes, without
 * decoding the document. What a bulk upsert of whole records does is of this kind.
 */
export function isSplice(fields: readonly FieldUpdate[]): boolean {
  return fields.every(
    ({ operator, path }) =>
      (operator === "$set" || operator === "$setOnInsert" || operator === "$unset") &&
      path !== "_id" &&
      !path.includes("."),
  );
}

/** @returns the document with the fields set and removed; the same buffer where nothing changed */
export function spliceFields(document: Buffer, fields: readonly FieldUpdate[], inserting: boolean): Buffer {
  const updates = new Map<string, FieldUpdate>();
  for (const field of fields) {
    if (field.operator !== "$setOnInsert" || inserting) {
      updates.set(field.path, field);
    }
  }
  const parts: Buffer[] = [];
  let changed = false;
  for (const { name, start, end } of elementsOf(document)) {
    const before = document.subarray(start, end);
    const update = updates.get(name);
    if (update === undefined) {
      parts.push(before);
      continue;
    }
    updates.delete(name);
    if (update.operator === "$unset") {
      changed = true;
    } else if (before.equals(update.element)) {
      parts.push(before);
    } else {
      parts.push(update.element);
      changed = true;
    }
  }
  for (const update of updates.values()) {
    if (update.operator !== "$unset") {
      parts.push(update.element);
      changed = true;
    }
  }
  return changed ? joinElements(parts) : document;
}
