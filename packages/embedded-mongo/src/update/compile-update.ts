import { ObjectId, serialize } from "bson";
import { decodeTyped, encode } from "../bson/bson-codec.js";
import type { PlainDocument } from "../bson/bson-document.js";
import { elementsOf, findElement, joinElements } from "../bson/bson-elements.js";
import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { sortableBytes } from "../bson/sortable-value.js";
import { CommandError } from "../errors/command-error.js";
import { shellText } from "../errors/shell-text.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import { applyOperators } from "./apply-operators.js";
import type { FieldUpdate, Update } from "./parse-update.js";
import { compilePipelineUpdate } from "./pipeline-update.js";
import { isSplice, spliceFields } from "./splice-fields.js";

/**
 * An update as a function from the bytes of a document to those of its next version; the same buffer where nothing
 * changes. `inserting`: the document is new, made of the filter of an upsert.
 */
export type ApplyUpdate = (before: Buffer, inserting: boolean) => Buffer;

/** @param variables of a pipeline */
export function compileUpdate(update: Update, variables: CommandVariables): ApplyUpdate {
  switch (update.kind) {
    case "replace":
      return (before) => replaceDocument(before, update.document);
    case "pipeline": {
      const apply = compilePipelineUpdate(update.stages, variables);
      return (before) => keepId(before, apply(before));
    }
    default:
      return isSplice(update.fields)
        ? (before, inserting) => spliceFields(before, update.fields, inserting)
        : compileOperators(update.fields);
  }
}

function replaceDocument(before: Buffer, replacement: Buffer): Buffer {
  const id = findElement(before, "_id");
  const newId = findElement(replacement, "_id");
  if (id === undefined) {
    return replacement;
  }
  checkSameId(before, replacement);
  const rest = elementsOf(replacement).filter(({ name }) => name !== "_id");
  const after = joinElements([
    before.subarray(id.start, id.end),
    ...rest.map(({ start, end }) => replacement.subarray(start, end)),
  ]);
  return newId === undefined || !after.equals(before) ? (after.equals(before) ? before : after) : before;
}

function checkSameId(before: Buffer, after: Buffer): void {
  const id = findElement(before, "_id");
  const newId = findElement(after, "_id");
  if (id === undefined || newId === undefined) {
    return;
  }
  const same = sortableBytes(before, id.type, id.value, id.end).equals(
    sortableBytes(after, newId.type, newId.value, newId.end),
  );
  if (!same) {
    const value: unknown = decodeTyped(joinElements([after.subarray(newId.start, newId.end)]))._id;
    throw new CommandError(
      "ImmutableField",
      `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${shellText(value)}`,
    );
  }
}

/** A pipeline may leave `_id` out: the document keeps the one it has. */
function keepId(before: Buffer, after: Buffer): Buffer {
  if (after === before) {
    return before;
  }
  const id = findElement(before, "_id");
  if (id === undefined) {
    return after;
  }
  checkSameId(before, after);
  return replaceDocument(before, after);
}

function compileOperators(fields: readonly FieldUpdate[]): ApplyUpdate {
  return (before, inserting) => {
    const document = decodeTyped(before);
    const id = encodeId(document);
    const changed = applyOperators(document, fields, { inserting, now: new Date() });
    if (!changed) {
      return before;
    }
    if (id !== undefined && !encodeId(document)?.equals(id)) {
      throw new CommandError(
        "ImmutableField",
        "Performing an update on the path '_id' would modify the immutable field '_id'",
      );
    }
    return encode(document);
  };
}

function encodeId(document: PlainDocument): Buffer | undefined {
  return Object.hasOwn(document, "_id") ? encode({ _id: document._id }) : undefined;
}

/** Puts `_id` first, and makes one where there is none: what is stored has an `_id`. */
export function withId(document: Buffer): Buffer {
  const id = findElement(document, "_id");
  if (id === undefined) {
    const generated = Buffer.from(serialize({ _id: new ObjectId() }));
    return joinElements([generated.subarray(4, -1), document.subarray(4, document.length - 1)]);
  }
  checkId(document, id);
  if (id.start === 4) {
    return document;
  }
  return joinElements([
    document.subarray(id.start, id.end),
    document.subarray(4, id.start),
    document.subarray(id.end, document.length - 1),
  ]);
}

const REFUSED_ID_TYPES: ReadonlySet<number> = new Set([BsonType.array, BsonType.regex, BsonType.undefined]);

function checkId(document: Buffer, id: { readonly type: number; readonly value: number }): void {
  if (REFUSED_ID_TYPES.has(id.type)) {
    throw new CommandError("InvalidIdField", `The '_id' value cannot be of type ${aliasOfType(id.type)}`);
  }
  const dollar =
    id.type === BsonType.document
      ? elementsOf(document, id.value).find(({ name }) => name.startsWith("$"))
      : undefined;
  if (dollar !== undefined) {
    throw new CommandError(
      "DollarPrefixedFieldName",
      `_id fields may not contain '$'-prefixed fields: ${dollar.name} is not valid for storage.`,
    );
  }
}
