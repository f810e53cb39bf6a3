import { isDocument, type PlainDocument } from "../bson/bson-document.js";
import { noteNewField } from "../bson/field-order.js";
import { isArrayIndex } from "../bson/values-at-path.js";
import { CommandError } from "../errors/command-error.js";
import { shellText } from "../errors/shell-text.js";

/** A document or an array that holds the field to be updated. */
export type Container = PlainDocument | unknown[];
/** @returns whether it changed something */
export type FieldVisitor = (container: Container, key: string) => boolean;

const MAX_PADDING = 1_500_000;

export function getField(container: Container, key: string): unknown {
  if (Array.isArray(container)) {
    return container[Number(key)];
  }
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

export function hasField(container: Container, key: string): boolean {
  return Array.isArray(container) ? Number(key) < container.length : Object.hasOwn(container, key);
}

export function setField(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) {
    noteNewField(container, key);
    Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
    return;
  }
  const index = Number(key);
  if (index - container.length > MAX_PADDING) {
    throw new CommandError(
      "CannotBackfillArray",
      `Attempting to backfill array with more elements than allowed: ${index - container.length}`,
    );
  }
  while (container.length < index) {
    container.push(null);
  }
  container[index] = value;
}

/**
 * Visits the field that an update path leads to.
 *
 * @param create whether documents that are missing on the way are created
 * @returns whether the visit changed something
 */
export function visitPath(root: PlainDocument, path: string, create: boolean, visit: FieldVisitor): boolean {
  const parts = path.split(".");
  const last = parts.pop() ?? "";
  let container: Container = root;
  let name = "";
  for (const [index, key] of parts.entries()) {
    if (!isFieldOf(container, key)) {
      return cannotCreate(key, name, container, create);
    }
    if (!hasField(container, key)) {
      if (!create) {
        return false;
      }
      setField(container, key, {});
    }
    const child = getField(container, key);
    if (!isDocument(child) && !Array.isArray(child)) {
      return cannotCreate(parts[index + 1] ?? last, key, child, create);
    }
    container = child;
    name = key;
  }
  return isFieldOf(container, last) ? visit(container, last) : cannotCreate(last, name, container, create);
}

function isFieldOf(container: Container, key: string): boolean {
  return !Array.isArray(container) || isArrayIndex(key);
}

function cannotCreate(field: string, parent: string, value: unknown, create: boolean): false {
  if (create) {
    throw new CommandError(
      "PathNotViable",
      `Cannot create field '${field}' in element {${parent}: ${shellText(value)}}`,
    );
  }
  return false;
}
