import {
  elementHead,
  elementsOf,
  joinElements,
  type RawElement,
  renameElement,
} from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { type RawValue, wholeDocument } from "../bson/raw-value.js";
import { expressionContext } from "../expressions/compile-expression.js";
import type { ExpressionContext, Scope, Variable } from "../expressions/expression.js";
import type { ValueTest } from "./match-value.js";
import {
  type FieldsNode,
  type ProjectionKind,
  type ProjectionNode,
  parseProjection,
} from "./parse-projection.js";

/** A document's bytes with the fields that were asked for; `variables` are for expressions. */
export type Projection = (document: Buffer, variables?: Variable) => Buffer;

/** What stays the same in a document. */
interface Pass {
  /** Fields that are not named are left out. */
  readonly inclusive: boolean;
  /** `$slice` does not reach into an array within an array. */
  readonly slices: boolean;
  readonly scope: Scope;
}

const EMPTY = joinElements([]);

/**
 * A projection as a function over a document's bytes: what stays keeps its bytes, what is computed is put in its place
 * where it stood in the document (in `$addFields`), else behind the other fields.
 *
 * @throws CommandError where the projection is not valid
 */
export function compileProjection(
  spec: RawValue,
  kind: ProjectionKind,
  context: ExpressionContext = expressionContext(),
): Projection {
  const tree = parseProjection(spec, kind, context);
  if (tree.children.size === 0) {
    return (document) => document;
  }
  return (document, variables) =>
    projectDocument(document, 0, tree, {
      inclusive: tree.inclusive,
      slices: true,
      scope: { root: wholeDocument(document), variables },
    });
}

function projectDocument(bytes: Buffer, at: number, node: FieldsNode, pass: Pass): Buffer {
  const kept: Buffer[] = [];
  const late: Buffer[] = [];
  const met = new Set<string>();
  /** The elements from here on stay as they are. */
  let start = at + 4;
  for (const element of elementsOf(bytes, at)) {
    const child = node.children.get(element.name);
    if (child?.kind === "include" || (child === undefined && !pass.inclusive)) {
      continue;
    }
    kept.push(bytes.subarray(start, element.start));
    start = element.end;
    if (child === undefined || (child.kind === "computed" && pass.inclusive)) {
      continue;
    }
    met.add(element.name);
    const part = projectElement(bytes, element, child, pass);
    if (part !== undefined) {
      // MongoDB adds what $elemMatch found behind the other fields.
      (child.kind === "element" ? late : kept).push(part);
    }
  }
  kept.push(bytes.subarray(start, at + bytes.readInt32LE(at) - 1));
  if (node.computes) {
    for (const [name, child] of node.children) {
      const part = met.has(name) ? undefined : computedElement(name, child, pass);
      if (part !== undefined) {
        late.push(part);
      }
    }
  }
  return joinElements([...kept, ...late]);
}

/** The element of a field that is computed, or has computed fields within; undefined where there is none. */
function computedElement(name: string, node: ProjectionNode, pass: Pass): Buffer | undefined {
  if (node.kind === "computed") {
    const { type, bytes, at, end } = node.expression(pass.scope);
    return type === BsonType.missing
      ? undefined
      : Buffer.concat([elementHead(type, name), bytes.subarray(at, end)]);
  }
  return node.kind === "fields" && node.computes
    ? Buffer.concat([elementHead(BsonType.document, name), projectDocument(EMPTY, 0, node, pass)])
    : undefined;
}

function projectElement(
  bytes: Buffer,
  element: RawElement,
  node: Exclude<ProjectionNode, { kind: "include" }>,
  pass: Pass,
): Buffer | undefined {
  switch (node.kind) {
    case "exclude":
      return undefined;
    case "computed":
      return computedElement(element.name, node, pass);
    case "slice":
      return element.type === BsonType.array && pass.slices
        ? slice(bytes, element, node.skip, node.limit)
        : bytes.subarray(element.start, element.end);
    case "element":
      return element.type === BsonType.array ? firstMatch(bytes, element, node.matches) : undefined;
    default:
      return projectNested(bytes, element, node, pass);
  }
}

function projectNested(bytes: Buffer, element: RawElement, node: FieldsNode, pass: Pass): Buffer | undefined {
  if (element.type === BsonType.document) {
    return wrap(element, projectDocument(bytes, element.value, node, pass));
  }
  if (element.type === BsonType.array) {
    return wrap(element, projectArray(bytes, element.value, node, pass));
  }
  if (node.computes) {
    return computedElement(element.name, node, pass);
  }
  return pass.inclusive ? undefined : bytes.subarray(element.start, element.end);
}

function projectArray(bytes: Buffer, at: number, node: FieldsNode, pass: Pass): Buffer {
  const items: Buffer[] = [];
  for (const item of elementsOf(bytes, at)) {
    const inner = item.type === BsonType.array ? { ...pass, slices: false } : pass;
    const part = projectNested(bytes, item, node, inner);
    if (part !== undefined) {
      items.push(renameWhole(part, item.name.length, String(items.length)));
    }
  }
  return joinElements(items);
}

/** An element under another name, where only the name's length is known. */
function renameWhole(element: Buffer, nameLength: number, name: string): Buffer {
  return Buffer.concat([element.subarray(0, 1), Buffer.from(`${name}\0`), element.subarray(nameLength + 2)]);
}

function wrap(element: RawElement, value: Buffer): Buffer {
  return Buffer.concat([elementHead(element.type, element.name), value]);
}

function rebuildArray(bytes: Buffer, element: RawElement, items: readonly RawElement[]): Buffer {
  return wrap(element, joinElements(items.map((item, i) => renameElement(bytes, item, String(i)))));
}

function slice(bytes: Buffer, element: RawElement, skip: number | undefined, limit: number): Buffer {
  const items = elementsOf(bytes, element.value);
  if (skip === undefined) {
    return rebuildArray(bytes, element, limit < 0 ? items.slice(limit) : items.slice(0, limit));
  }
  const start = skip < 0 ? Math.max(0, items.length + skip) : skip;
  return rebuildArray(bytes, element, items.slice(start, start + limit));
}

function firstMatch(bytes: Buffer, element: RawElement, matches: ValueTest): Buffer | undefined {
  const item = elementsOf(bytes, element.value).find(({ type, value, end }) =>
    matches({ bytes, type, at: value, end }),
  );
  return item === undefined ? undefined : rebuildArray(bytes, element, [item]);
}
