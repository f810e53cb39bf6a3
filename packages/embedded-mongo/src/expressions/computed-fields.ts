import type { Options } from "mingo/types";
import { isDocument, isOperatorObject, type PlainDocument } from "../bson/bson-document.js";
import { inheritFieldOrder, noteNewField } from "../bson/field-order.js";
import { evaluate } from "./evaluate.js";

/** Fields to be computed, as a tree of their paths. */
export type ComputedField =
  | { readonly kind: "expression"; readonly expression: unknown }
  | { readonly kind: "fields"; readonly fields: ComputedFields };
export type ComputedFields = Map<string, ComputedField>;

/** Puts an expression at a path; a document of expressions becomes a branch. */
export function addComputedField(tree: ComputedFields, path: string, expression: unknown): void {
  const [part = "", ...rest] = path.split(".");
  const nested =
    isDocument(expression) && !isOperatorObject(expression) && Object.keys(expression).length > 0;
  if (rest.length === 0 && !nested) {
    tree.set(part, { kind: "expression", expression });
    return;
  }
  const known = tree.get(part);
  const branch = known?.kind === "fields" ? known : { kind: "fields" as const, fields: new Map() };
  tree.set(part, branch);
  if (rest.length > 0) {
    addComputedField(branch.fields, rest.join("."), expression);
  } else if (isDocument(expression)) {
    for (const [name, inner] of Object.entries(expression)) {
      addComputedField(branch.fields, name, inner);
    }
  }
}

/**
 * A value, as `decodeTyped` has it, with the computed fields set: within documents, and within each document of an array. A field whose
 * expression has no value is removed.
 *
 * @param root what the expressions see, as `decodeWithTypes` has it
 */
export function setComputedFields(
  value: unknown,
  tree: ComputedFields,
  root: PlainDocument,
  options: Options,
): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => setComputedFields(item, tree, root, options));
  }
  const result: PlainDocument = isDocument(value) ? { ...value } : {};
  if (isDocument(value)) {
    inheritFieldOrder(result, value);
  }
  for (const [name, field] of tree) {
    const computed =
      field.kind === "expression"
        ? evaluate(root, field.expression, options)
        : setComputedFields(result[name], field.fields, root, options);
    if (computed === undefined) {
      delete result[name];
    } else {
      noteNewField(result, name);
      Object.defineProperty(result, name, {
        value: computed,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
  }
  return result;
}
