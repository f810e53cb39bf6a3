import type { PlainDocument } from "../bson/bson-codec.js";
import { isDocument } from "../bson/bson-document.js";
import { noteNewField } from "../bson/field-order.js";
import { CommandError } from "../errors/command-error.js";
import { shellText } from "../errors/shell-text.js";

/** A document or an array that holds the field to be updated. */
export type Container = PlainDocument | unknown[];
/** @returns whether it changed something */
export type FieldVisitor = (container: Container, key: string) => boolean;

export interface WalkOptions {
  /** Whether documents that are missing on the way are created. */
  readonly create: boolean;
  /** Index that the positional operator `$` stands for. */
  readonly position: () => number;
  /** The test behind `$[identifier]`. */
  readonly arrayFilter: (identifier: string, path: string) => (element: unknown) => boolean;
}

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

/** Visits every field that an update path leads to: several through `$[]` and `$[identifier]`. */
export function walkPath(
  root: PlainDocument,
  path: string,
  options: WalkOptions,
  visit: FieldVisitor,
): boolean {
  const parts = path.split(".");
  return step(root, 0);

  function step(container: Container, index: number): boolean {
    const part = parts[index] ?? "";
    const last = index === parts.length - 1;
    if (part.startsWith("$[")) {
      return everyElement(container, part, index, last);
    }
    const key = part === "$" ? String(options.position()) : part;
    if (Array.isArray(container) && !/^\d+$/.test(key)) {
      return cannotCreate(key, index);
    }
    if (last) {
      return visit(container, key);
    }
    let child = getField(container, key);
    if (!hasField(container, key)) {
      if (!options.create || parts.slice(index + 1).some((next) => next.startsWith("$["))) {
        return missing(index);
      }
      child = {};
      setField(container, key, child);
    }
    if (!isDocument(child) && !Array.isArray(child)) {
      return cannotCreate(parts[index + 1] ?? "", index + 1, key, child);
    }
    return step(child, index + 1);
  }

  function missing(index: number): boolean {
    const array = parts.findIndex((next, i) => i > index && next.startsWith("$["));
    if (array >= 0) {
      const prefix = parts.slice(0, array).join(".");
      throw new CommandError(
        "BadValue",
        `The path '${prefix}' must exist in the document in order to apply array updates.`,
      );
    }
    return false;
  }

  function cannotCreate(
    field: string,
    index: number,
    key = parts[index - 1] ?? "",
    value?: unknown,
  ): boolean {
    if (!options.create) {
      return false;
    }
    const element = value === undefined ? getByPath(root, parts.slice(0, index)) : value;
    throw new CommandError(
      "PathNotViable",
      `Cannot create field '${field}' in element {${key}: ${shellText(element)}}`,
    );
  }

  function everyElement(container: Container, part: string, index: number, last: boolean): boolean {
    const prefix = parts.slice(0, index).join(".");
    if (!Array.isArray(container)) {
      throw new CommandError(
        "BadValue",
        `Cannot apply array updates to non-array element ${parts[index - 1] ?? ""}: ${shellText(container)}`,
      );
    }
    const test = part === "$[]" ? () => true : options.arrayFilter(part.slice(2, -1), path);
    let changed = false;
    for (const [i, element] of container.entries()) {
      if (!test(element)) {
        continue;
      }
      if (last) {
        changed = visit(container, String(i)) || changed;
      } else if (isDocument(element) || Array.isArray(element)) {
        changed = step(element, index + 1) || changed;
      } else if (options.create) {
        throw new CommandError(
          "PathNotViable",
          `Cannot create field '${parts[index + 1] ?? ""}' in element {${i}: ${shellText(element)}} of '${prefix}'`,
        );
      }
    }
    return changed;
  }
}

function getByPath(root: PlainDocument, parts: readonly string[]): unknown {
  let value: unknown = root;
  for (const part of parts) {
    value = isDocument(value) || Array.isArray(value) ? getField(value, part) : undefined;
  }
  return value;
}
