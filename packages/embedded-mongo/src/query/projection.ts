import { allElements, elementsOf, joinElements } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import {
  arrayValue,
  documentBytes,
  documentValue,
  EMPTY_DOCUMENT,
  elementValues,
  MISSING,
  type RawValue,
  wholeDocument,
} from "../bson/raw-value.js";
import { expressionContext } from "../expressions/compile-expression.js";
import type { ExpressionContext, Scope, Variable } from "../expressions/expression.js";
import {
  type FieldsNode,
  type ProjectionKind,
  type ProjectionNode,
  parseProjection,
} from "./parse-projection.js";

/** The bytes of a document's projection; `variables` are for expressions. */
export type Projection = (document: Buffer, variables?: Variable) => Buffer;

/** What is the same for all fields of a document. */
interface Pass {
  /** Fields that are not named are left out. */
  readonly inclusive: boolean;
  /** `$slice` does not reach into an array within an array. */
  readonly slices: boolean;
  readonly scope: Scope;
}

/**
 * A projection as a function over a document's bytes: fields that stay keep their bytes; a computed field
 * replaces one of that name (in `$addFields`), or follows the other fields.
 *
 * @throws CommandError if the projection is not valid
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
    projectDocument(wholeDocument(document), tree, {
      inclusive: tree.inclusive,
      slices: true,
      scope: { root: wholeDocument(document), variables },
    });
}

function projectDocument({ bytes, at, end }: RawValue, node: FieldsNode, pass: Pass): Buffer {
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
    const value = projectValue(
      { bytes, type: element.type, at: element.value, end: element.end },
      child,
      pass,
    );
    // MongoDB adds what $elemMatch found behind the other fields.
    (child.kind === "element" ? late : kept).push(elementOf(element.name, value));
  }
  kept.push(bytes.subarray(start, end - 1));
  for (const [name, child] of node.computes ? node.children : []) {
    if (!met.has(name)) {
      late.push(elementOf(name, computedValue(child, pass)));
    }
  }
  return joinElements([...kept, ...late]);
}

/** The bytes of a field; none if its value is missing. */
function elementOf(name: string, value: RawValue): Buffer {
  return allElements(documentBytes(documentValue([[name, value]])));
}

/** The value of a field that is computed, or has computed fields within; missing if there is none. */
function computedValue(node: ProjectionNode, pass: Pass): RawValue {
  if (node.kind === "computed") {
    return node.expression(pass.scope);
  }
  return node.kind === "fields" && node.computes
    ? wholeDocument(projectDocument(EMPTY_DOCUMENT, node, pass))
    : MISSING;
}

/** @returns missing if the field is left out */
function projectValue(
  value: RawValue,
  node: Exclude<ProjectionNode, { kind: "include" }>,
  pass: Pass,
): RawValue {
  const isArray = value.type === BsonType.array;
  switch (node.kind) {
    case "exclude":
      return MISSING;
    case "computed":
      return computedValue(node, pass);
    case "slice":
      return isArray && pass.slices ? arrayValue(slice(elementValues(value), node.skip, node.limit)) : value;
    case "element": {
      const item = isArray ? elementValues(value).find(node.matches) : undefined;
      return item === undefined ? MISSING : arrayValue([item]);
    }
    default:
      return projectNested(value, node, pass);
  }
}

function projectNested(value: RawValue, node: FieldsNode, pass: Pass): RawValue {
  if (value.type === BsonType.document) {
    return wholeDocument(projectDocument(value, node, pass));
  }
  if (value.type === BsonType.array) {
    const items = elementValues(value).map((item) =>
      projectNested(item, node, item.type === BsonType.array ? { ...pass, slices: false } : pass),
    );
    return arrayValue(items.filter(({ type }) => type !== BsonType.missing));
  }
  if (node.computes) {
    return computedValue(node, pass);
  }
  return pass.inclusive ? MISSING : value;
}

function slice(items: readonly RawValue[], skip: number | undefined, limit: number): readonly RawValue[] {
  if (skip === undefined) {
    return limit < 0 ? items.slice(limit) : items.slice(0, limit);
  }
  const start = skip < 0 ? Math.max(0, items.length + skip) : skip;
  return items.slice(start, start + limit);
}
