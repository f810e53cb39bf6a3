import type { Options } from "mingo/types";
import { decodePlain, decodeTyped, encode } from "../bson/bson-codec.js";
import { isDocument, isOperatorObject, type PlainDocument } from "../bson/bson-document.js";
import {
  elementHead,
  elementsOf,
  joinElements,
  type RawElement,
  renameElement,
} from "../bson/bson-elements.js";
import { numberOf } from "../bson/bson-number.js";
import { BsonType } from "../bson/bson-type.js";
import { decodeWithTypes } from "../bson/typed-document.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { addComputedField, type ComputedFields, setComputedFields } from "../expressions/computed-fields.js";
import { asCommandError, EXPRESSION_NAMES, mingoOptions } from "../expressions/mingo-expressions.js";
import { compileElemMatch } from "./compile-filter.js";

export type Projection = (document: Buffer) => Buffer;

type Leaf =
  | { readonly kind: "include" }
  | { readonly kind: "exclude" }
  | { readonly kind: "slice"; readonly skip: number | undefined; readonly limit: number }
  | { readonly kind: "element"; readonly matches: (value: ElementValue) => boolean };
type ElementValue = {
  readonly bytes: Buffer;
  readonly type: number;
  readonly at: number;
  readonly end: number;
};
type Node = Leaf | { readonly kind: "fields"; readonly children: Map<string, Node> };

/**
 * The `projection` of `find` as a function over a document's bytes: what stays keeps its bytes.
 *
 * @param spec as `decodeTyped` has it
 */
export function compileProjection(spec: PlainDocument, options: Options = mingoOptions()): Projection {
  const root = new Map<string, Node>();
  const computed: ComputedFields = new Map();
  const modes = { include: undefined as string | undefined, exclude: undefined as string | undefined };
  readFields(spec, "", root, computed, modes);
  const inclusive = modes.include !== undefined || (computed.size > 0 && modes.exclude === undefined);
  if (inclusive && !root.has("_id")) {
    root.set("_id", { kind: "include" });
  }
  return (document) => {
    const projected =
      root.size === 0 && !inclusive ? document : projectDocument(document, 0, root, inclusive);
    return computed.size === 0 ? projected : addComputed(document, projected, computed, options);
  };
}

function readFields(
  spec: PlainDocument,
  prefix: string,
  root: Map<string, Node>,
  computed: ComputedFields,
  modes: { include: string | undefined; exclude: string | undefined },
): void {
  for (const [name, value] of Object.entries(spec)) {
    const path = prefix + name;
    if (isOperatorObject({ [name]: value })) {
      throw new CommandError("Location16410", `FieldPath field names may not start with '$': ${path}`);
    }
    if (isDocument(value) && !isOperatorObject(value)) {
      if (Object.keys(value).length === 0) {
        throw new CommandError(
          "Location51270",
          "An empty sub-projection is not a valid value. Found empty object at path",
        );
      }
      readFields(value, `${path}.`, root, computed, modes);
      continue;
    }
    const leaf = leafOf(path, value);
    if (leaf === undefined) {
      checkExpression(value);
      modes.include ??= path;
      addComputedField(computed, path, decodePlain(encode({ v: value })).v);
    } else {
      noteMode(path, leaf, modes);
      addLeaf(root, path, leaf);
    }
  }
}

function checkExpression(value: unknown): void {
  const [operator] = isOperatorObject(value) ? Object.keys(value) : [];
  if (operator !== undefined && !EXPRESSION_NAMES.has(operator)) {
    throw notSupported(`Invalid $project :: caused by :: Unknown expression ${operator}`, "Location31325");
  }
}

function noteMode(
  path: string,
  leaf: Leaf,
  modes: { include: string | undefined; exclude: string | undefined },
): void {
  if (path === "_id" || leaf.kind === "slice") {
    if (path === "_id" && leaf.kind === "include") {
      modes.include ??= modes.exclude === undefined ? "_id" : undefined;
    }
    return;
  }
  if (leaf.kind === "exclude") {
    if (modes.include !== undefined && modes.include !== "_id") {
      throw new CommandError("Location31254", `Cannot do exclusion on field ${path} in inclusion projection`);
    }
    modes.include = undefined;
    modes.exclude ??= path;
    return;
  }
  if (modes.exclude !== undefined) {
    throw new CommandError("Location31253", `Cannot do inclusion on field ${path} in exclusion projection`);
  }
  modes.include = modes.include === undefined || modes.include === "_id" ? path : modes.include;
}

function leafOf(path: string, value: unknown): Leaf | undefined {
  if (path.endsWith(".$")) {
    throw notSupported(`Positional projection '${path}'`, "BadValue");
  }
  const number = numberOf(value);
  if (typeof value === "boolean" || number !== undefined) {
    return value === true || (number !== undefined && number !== 0)
      ? { kind: "include" }
      : { kind: "exclude" };
  }
  if (!isOperatorObject(value)) {
    return undefined;
  }
  if (Object.keys(value).length > 1) {
    const message = `An object representing an expression must have exactly one field: '${path}'`;
    throw new CommandError("Location15983", message);
  }
  if ("$slice" in value) {
    return sliceOf(value.$slice);
  }
  if ("$elemMatch" in value) {
    if (path.includes(".")) {
      throw new CommandError("Location31275", "Cannot use $elemMatch projection on a nested field.");
    }
    return { kind: "element", matches: compileElemMatch(value.$elemMatch) };
  }
  if ("$meta" in value) {
    throw notSupported("$meta");
  }
  return undefined;
}

function sliceOf(argument: unknown): Leaf | undefined {
  const parts = Array.isArray(argument) ? argument.map(numberOf) : [numberOf(argument)];
  const [first, second] = parts;
  if (first === undefined || (parts.length === 2 && second === undefined) || parts.length > 2) {
    return undefined;
  }
  if (second !== undefined && second <= 0) {
    throw new CommandError("Location28724", `First argument to $slice must be an array, but is of type: int`);
  }
  return second === undefined
    ? { kind: "slice", skip: undefined, limit: Math.trunc(first) }
    : { kind: "slice", skip: Math.trunc(first), limit: Math.trunc(second) };
}

function addLeaf(root: Map<string, Node>, path: string, leaf: Leaf): void {
  const parts = path.split(".");
  let children = root;
  for (const [i, part] of parts.entries()) {
    const known = children.get(part);
    if (i === parts.length - 1) {
      if (known !== undefined) {
        throw new CommandError("Location31250", `Path collision at ${path}`);
      }
      children.set(part, leaf);
      return;
    }
    if (known !== undefined && known.kind !== "fields") {
      throw new CommandError(
        "Location31249",
        `Path collision at ${path} remaining portion ${parts.slice(i + 1).join(".")}`,
      );
    }
    const next = known ?? { kind: "fields", children: new Map<string, Node>() };
    children.set(part, next);
    children = next.children;
  }
}

function projectDocument(
  bytes: Buffer,
  at: number,
  fields: ReadonlyMap<string, Node>,
  inclusive: boolean,
): Buffer {
  const kept: Buffer[] = [];
  const late: Buffer[] = [];
  for (const element of elementsOf(bytes, at)) {
    const node = fields.get(element.name);
    const part = projectElement(bytes, element, node, inclusive);
    if (part !== undefined) {
      // MongoDB adds what $elemMatch found behind the other fields.
      (node?.kind === "element" ? late : kept).push(part);
    }
  }
  return joinElements([...kept, ...late]);
}

function projectElement(
  bytes: Buffer,
  element: RawElement,
  node: Node | undefined,
  inclusive: boolean,
): Buffer | undefined {
  const whole = bytes.subarray(element.start, element.end);
  if (node === undefined) {
    return inclusive ? undefined : whole;
  }
  switch (node.kind) {
    case "include":
      return whole;
    case "exclude":
      return undefined;
    case "slice":
      return element.type === BsonType.array ? slice(bytes, element, node.skip, node.limit) : whole;
    case "element":
      return element.type === BsonType.array ? firstMatch(bytes, element, node.matches) : undefined;
    default:
      return projectNested(bytes, element, node.children, inclusive);
  }
}

function projectNested(
  bytes: Buffer,
  element: RawElement,
  fields: ReadonlyMap<string, Node>,
  inclusive: boolean,
): Buffer | undefined {
  if (element.type === BsonType.document) {
    return wrap(element, projectDocument(bytes, element.value, fields, inclusive));
  }
  if (element.type === BsonType.array) {
    return wrap(element, projectArray(bytes, element.value, fields, inclusive));
  }
  return inclusive ? undefined : bytes.subarray(element.start, element.end);
}

function projectArray(
  bytes: Buffer,
  at: number,
  fields: ReadonlyMap<string, Node>,
  inclusive: boolean,
): Buffer {
  const items: Buffer[] = [];
  for (const item of elementsOf(bytes, at)) {
    const part = projectNested(bytes, item, fields, inclusive);
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

function firstMatch(
  bytes: Buffer,
  element: RawElement,
  matches: (value: ElementValue) => boolean,
): Buffer | undefined {
  const item = elementsOf(bytes, element.value).find(({ type, value, end }) =>
    matches({ bytes, type, at: value, end }),
  );
  return item === undefined ? undefined : rebuildArray(bytes, element, [item]);
}

function addComputed(
  document: Buffer,
  projected: Buffer,
  computed: ComputedFields,
  options: Options,
): Buffer {
  try {
    const result = setComputedFields(decodeTyped(projected), computed, decodeWithTypes(document), options);
    return encode(isDocument(result) ? result : {});
  } catch (error) {
    throw asCommandError(error);
  }
}
