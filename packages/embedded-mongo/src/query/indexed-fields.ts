import { endOfName, endOfValue, isNameAt } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { elementValues, fieldOf, isIdentical, MISSING, type RawValue } from "../bson/raw-value.js";
import { isArrayIndex } from "../bson/values-at-path.js";

/** What a document has at a path of an index. */
export interface IndexedField {
  /** What is left of the path where it stands at an array whose elements are still to be visited. */
  readonly parts: readonly string[];
  /** That array, or the value at the path's end. */
  readonly value: RawValue;
}

const NO_PARTS: readonly string[] = [];
const MISSING_FIELD: IndexedField = { parts: NO_PARTS, value: MISSING };

/** Whether an array has still to be visited. */
export function isOpen({ value }: IndexedField): boolean {
  return value.type === BsonType.array;
}

/** Whether two documents have the same at the paths of an index, and so the same keys. */
export function hasSameFields(a: readonly IndexedField[], b: readonly IndexedField[]): boolean {
  return a.every(({ parts, value }, i) => {
    const other = b[i] ?? MISSING_FIELD;
    return parts.length === other.parts.length && isIdentical(value, other.value);
  });
}

/** Follows a path until it ends or meets an array that it has to pass. */
export function advance(start: RawValue, parts: readonly string[]): IndexedField {
  let value = start;
  for (const [i, part] of parts.entries()) {
    if (value.type === BsonType.array) {
      const element = isArrayIndex(part) ? elementValues(value)[Number(part)] : undefined;
      if (element === undefined) {
        return { parts: parts.slice(i), value };
      }
      value = element;
    } else {
      value = fieldOf(value, part);
    }
  }
  return { parts: NO_PARTS, value };
}

/** A name in the paths. */
interface PathNode {
  readonly name: string;
  /** The paths through here: their positions, and what follows of them. */
  readonly paths: { readonly position: number; readonly rest: readonly string[] }[];
  readonly children: PathNode[];
}

/**
 * Follows the paths of several indexes in one pass over a document.
 *
 * @param pathsOfIndexes the paths of each
 * @returns a function: what the document has at the paths of each
 */
export function compileFieldReader(
  pathsOfIndexes: readonly (readonly string[])[],
): (document: Buffer) => readonly (readonly IndexedField[])[] {
  const paths = [...new Set(pathsOfIndexes.flat())];
  const positions = pathsOfIndexes.map((own) => own.map((path) => paths.indexOf(path)));
  const roots: PathNode[] = [];
  for (const [position, path] of paths.entries()) {
    addPath(roots, position, path.split("."));
  }
  return (document) => {
    const found = paths.map(() => MISSING_FIELD);
    readFields(document, 0, roots, found);
    return positions.map((own) => own.map((position) => found[position] ?? MISSING_FIELD));
  };
}

function addPath(nodes: PathNode[], position: number, [name = "", ...rest]: readonly string[]): void {
  let node = nodes.find((one) => one.name === name);
  if (node === undefined) {
    node = { name, paths: [], children: [] };
    nodes.push(node);
  }
  node.paths.push({ position, rest });
  if (rest.length > 0) {
    addPath(node.children, position, rest);
  }
}

/** @param at where the document that has these names starts */
function readFields(bytes: Buffer, at: number, nodes: readonly PathNode[], found: IndexedField[]): void {
  const wanted = nodes.slice();
  let start = at + 4;
  while (wanted.length > 0) {
    const type = bytes[start];
    if (type === undefined || type === 0) {
      return;
    }
    const nameEnd = endOfName(bytes, start + 1);
    const end = endOfValue(bytes, type, nameEnd + 1);
    for (let i = 0; i < wanted.length; i++) {
      const node = wanted[i];
      if (node !== undefined && isNameAt(bytes, start + 1, nameEnd, node.name)) {
        // Of several fields with one name, the first counts.
        wanted.splice(i, 1);
        readValue({ bytes, type, at: nameEnd + 1, end }, node, found);
        break;
      }
    }
    start = end;
  }
}

function readValue(value: RawValue, { paths, children }: PathNode, found: IndexedField[]): void {
  for (const { position, rest } of paths) {
    if (rest.length === 0) {
      found[position] = { parts: NO_PARTS, value };
    } else if (value.type === BsonType.array) {
      found[position] = advance(value, rest);
    }
  }
  if (value.type === BsonType.document && children.length > 0) {
    readFields(value.bytes, value.at, children, found);
  }
}
