import { BsonType, isNumberType } from "../bson/bson-type.js";
import { wholePart } from "../bson/number-value.js";
import { elementValues, fieldsOf, isTrue, type RawValue } from "../bson/raw-value.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { compileExpression, isOperator } from "../expressions/compile-expression.js";
import type { Expression, ExpressionContext } from "../expressions/expression.js";
import { fieldPath } from "../expressions/field-path.js";
import { compileElemMatch } from "./compile-filter.js";
import type { ValueTest } from "./match-value.js";

/** What a projection does with a field. */
export type ProjectionNode =
  | { readonly kind: "include" }
  | { readonly kind: "exclude" }
  | { readonly kind: "slice"; readonly skip: number | undefined; readonly limit: number }
  | { readonly kind: "element"; readonly matches: ValueTest }
  | { readonly kind: "computed"; readonly expression: Expression }
  | FieldsNode;

export interface FieldsNode {
  readonly kind: "fields";
  readonly children: Map<string, ProjectionNode>;
  /** Whether a field within is computed, so that a document without this one gets it. */
  computes: boolean;
}

export interface ProjectionTree extends FieldsNode {
  /** Fields that are not named are left out. */
  readonly inclusive: boolean;
}

/**
 * Where a projection stands: `find` has operators of its own, and in `$addFields` a number is a value, and other fields
 * stay.
 */
export type ProjectionKind = "find" | "$project" | "$addFields";

interface Parsing {
  readonly kind: ProjectionKind;
  readonly context: ExpressionContext;
  readonly root: FieldsNode;
  mode: "include" | "exclude" | undefined;
  id: "include" | "exclude" | undefined;
  hasSlice: boolean;
  hasElement: boolean;
}

/** @throws CommandError with the codes of MongoDB's projection_parser.cpp and add_fields_projection_executor.cpp */
export function parseProjection(
  spec: RawValue,
  kind: ProjectionKind,
  context: ExpressionContext,
): ProjectionTree {
  const root: FieldsNode = { kind: "fields", children: new Map(), computes: false };
  const parsing: Parsing = {
    kind,
    context,
    root,
    mode: undefined,
    id: undefined,
    hasSlice: false,
    hasElement: false,
  };
  const fields = fieldsOf(spec);
  if (fields.length === 0 && kind !== "find") {
    throw kind === "$project"
      ? new CommandError("Location51272", "projection specification must have at least one field")
      : new CommandError("Location40177", "specification must have at least one field");
  }
  parseFields(fields, "", parsing);
  const inclusive = kind !== "$addFields" && (parsing.mode ?? defaultMode(parsing)) === "include";
  if (inclusive && !root.children.has("_id")) {
    root.children.set("_id", { kind: "include" });
  }
  return { ...root, inclusive };
}

function defaultMode({ hasSlice, hasElement, id }: Parsing): Parsing["mode"] {
  return (!hasSlice && hasElement) || id === "include" ? "include" : "exclude";
}

function parseFields(
  fields: readonly (readonly [string, RawValue])[],
  prefix: string,
  parsing: Parsing,
): void {
  for (const [name, value] of fields) {
    const path = prefix + name;
    if (path.endsWith(".$") && parsing.kind === "find") {
      throw notSupported(`Positional projection '${path}'`, "BadValue");
    }
    if (prefix !== "" && name.includes(".") && parsing.kind === "$addFields") {
      throw new CommandError("Location40183", `cannot use dotted field name '${name}' in a sub object`);
    }
    if (value.type === BsonType.document) {
      parseDocument(value, path, parsing);
    } else if (
      parsing.kind !== "$addFields" &&
      (value.type === BsonType.boolean || isNumberType(value.type))
    ) {
      parseFlag(path, isTrue(value), parsing);
    } else {
      addNode(parsing, path, computed(value, parsing));
      noteExpression(parsing, "Location31310");
    }
  }
}

function parseDocument(value: RawValue, path: string, parsing: Parsing): void {
  const fields = fieldsOf(value);
  const [operator = "", argument] = fields[0] ?? [];
  if (argument === undefined) {
    if (parsing.kind !== "$addFields") {
      throw new CommandError("Location51270", `Invalid empty sub-projection: ${path}`);
    }
    addNode(parsing, path, computed(value, parsing));
  } else if (!operator.startsWith("$")) {
    parseFields(fields, `${path}.`, parsing);
  } else if (fields.length > 1) {
    throw new CommandError(
      parsing.kind === "$addFields" ? "Location40181" : "Location15983",
      `an expression specification must contain exactly one field, the name of the expression. Found ${fields.length} fields at '${path}'.`,
    );
  } else {
    addNode(parsing, path, parseOperator(value, operator, argument, path, parsing));
  }
}

function parseFlag(path: string, included: boolean, parsing: Parsing): void {
  addNode(parsing, path, { kind: included ? "include" : "exclude" });
  const mode = included ? "include" : "exclude";
  if (path === "_id") {
    parsing.id = mode;
    return;
  }
  if (parsing.mode !== undefined && parsing.mode !== mode) {
    throw included
      ? new CommandError("Location31253", `Cannot do inclusion on field ${path} in exclusion projection`)
      : new CommandError("Location31254", `Cannot do exclusion on field ${path} in inclusion projection`);
  }
  parsing.mode = mode;
}

function noteExpression(parsing: Parsing, code: "Location31252" | "Location31310"): void {
  if (parsing.mode === "exclude") {
    throw new CommandError(code, "Cannot use an expression other than $meta in an exclusion projection");
  }
  parsing.mode = "include";
}

function computed(value: RawValue, { context }: Parsing): ProjectionNode {
  return { kind: "computed", expression: compileExpression(value, context) };
}

function parseOperator(
  value: RawValue,
  operator: string,
  argument: RawValue,
  path: string,
  parsing: Parsing,
): ProjectionNode {
  if (operator === "$meta") {
    throw notSupported("$meta");
  }
  if (operator === "$elemMatch" && parsing.kind !== "$addFields") {
    return parseElemMatch(argument, path, parsing);
  }
  const slice = operator === "$slice" && parsing.kind === "find" ? sliceOf(argument) : undefined;
  if (slice !== undefined) {
    parsing.hasSlice = true;
    return slice;
  }
  if (!isOperator(operator) && parsing.kind !== "$addFields") {
    throw notSupported(`Unknown expression ${operator}`, "Location31325");
  }
  noteExpression(parsing, "Location31252");
  return computed(value, parsing);
}

function parseElemMatch(argument: RawValue, path: string, parsing: Parsing): ProjectionNode {
  if (parsing.kind !== "find") {
    throw new CommandError("InvalidPipelineOperator", "Cannot use $elemMatch in this context");
  }
  if (argument.type !== BsonType.document) {
    throw new CommandError("Location31274", "elemMatch: Invalid argument, an object is required");
  }
  if (path.includes(".")) {
    throw new CommandError("Location31275", "Cannot use $elemMatch projection on a nested field.");
  }
  parsing.hasElement = true;
  return { kind: "element", matches: compileElemMatch(argument) };
}

/** `$slice` as `find` has it; undefined if it can only be the expression. */
function sliceOf(argument: RawValue): ProjectionNode | undefined {
  const parts = argument.type === BsonType.array ? elementValues(argument) : [argument];
  const [first, second] = parts.map(wholeNumber);
  if (first === undefined || parts.length > 2) {
    return undefined;
  }
  if (parts.length === 1) {
    return argument.type === BsonType.array ? undefined : { kind: "slice", skip: undefined, limit: first };
  }
  if (second !== undefined && second <= 0) {
    throw new CommandError("Location28724", "First argument to $slice must be an array, but is of type: int");
  }
  return second === undefined ? undefined : { kind: "slice", skip: first, limit: second };
}

function wholeNumber(value: RawValue): number | undefined {
  const part = wholePart(value);
  return part === undefined ? undefined : Number(part.whole);
}

/** @throws CommandError 31249, 31250, 40176 if two paths collide */
function addNode({ kind, root }: Parsing, path: string, node: ProjectionNode): void {
  const names = fieldPath(path);
  let parent = root;
  for (const [i, name] of names.entries()) {
    parent.computes ||= node.kind === "computed";
    const known = parent.children.get(name);
    if (i === names.length - 1) {
      if (known !== undefined) {
        throw collision(kind, "Location31250", path);
      }
      parent.children.set(name, node);
    } else if (known === undefined) {
      const inner: FieldsNode = { kind: "fields", children: new Map(), computes: false };
      parent.children.set(name, inner);
      parent = inner;
    } else if (known.kind === "fields") {
      parent = known;
    } else {
      throw collision(kind, "Location31249", path, names.slice(i + 1));
    }
  }
}

function collision(
  kind: ProjectionKind,
  code: "Location31249" | "Location31250",
  path: string,
  rest: readonly string[] = [],
): CommandError {
  if (kind === "$addFields") {
    return new CommandError(
      "Location40176",
      `specification contains two conflicting paths: '${path}' and one that it begins with, or that begins with it`,
    );
  }
  const remaining = rest.length === 0 ? "" : ` remaining portion ${rest.join(".")}`;
  return new CommandError(code, `Path collision at ${path}${remaining}`);
}
