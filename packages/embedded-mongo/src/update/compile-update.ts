import { ObjectId } from "bson";
import { firstElement } from "../bson/bson-elements.js";
import { aliasOfType, BsonType } from "../bson/bson-type.js";
import {
  documentBytes,
  documentValue,
  encodeValue,
  fieldOf,
  fieldsOf,
  isIdentical,
  type RawValue,
  wholeDocument,
} from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { CommandError } from "../errors/command-error.js";
import type { CommandVariables } from "../expressions/command-variables.js";
import { compareValues } from "../expressions/comparison.js";
import { parseOperators } from "./parse-operators.js";
import { compilePipelineUpdate } from "./pipeline-update.js";
import { changeDocument } from "./update-tree.js";

/**
 * An update as a function from the bytes of a document to those of its next version; the same buffer if nothing
 * changes. `inserting`: the document is new, made from the filter of an upsert.
 */
export type ApplyUpdate = (before: Buffer, inserting: boolean) => Buffer;

/**
 * @param update operators, a replacement, or a pipeline
 * @param variables of a pipeline
 * @throws CommandError if it is not valid
 */
export function compileUpdate(update: RawValue, variables: CommandVariables, multi: boolean): ApplyUpdate {
  if (update.type === BsonType.array) {
    const apply = compilePipelineUpdate(update, variables);
    return (before) => keepId(before, apply(before));
  }
  if (update.type !== BsonType.document) {
    throw new CommandError("FailedToParse", "Update argument must be either an object or an array");
  }
  if (!isReplacement(update)) {
    const tree = parseOperators(update);
    return (before, inserting) => checkSameId(before, changeDocument(before, tree, inserting));
  }
  const dollar = fieldsOf(update).find(([name]) => name.startsWith("$"))?.[0];
  if (dollar !== undefined) {
    throw new CommandError(
      "DollarPrefixedFieldName",
      `The dollar ($) prefixed field '${dollar}' in '${dollar}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    );
  }
  if (multi) {
    throw new CommandError("FailedToParse", "multi update is not supported for replacement-style update");
  }
  return (before) => keepId(before, documentBytes(update));
}

/** Whether an update replaces the document. */
export function isReplacement(update: RawValue): boolean {
  return update.type === BsonType.document && !fieldsOf(update)[0]?.[0].startsWith("$");
}

/** @returns the next version with the `_id` of the document, which it may leave out but not change */
function keepId(before: Buffer, after: Buffer): Buffer {
  const id = idOf(before);
  if (after === before || id.type === BsonType.missing) {
    return after;
  }
  const newId = idOf(after);
  if (newId.type !== BsonType.missing && compareValues(id, newId) !== 0) {
    throw new CommandError(
      "ImmutableField",
      `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${shellText(newId)}`,
    );
  }
  const kept = startingWith(id, after);
  return kept.equals(before) ? before : kept;
}

/** The document with this `_id` as its first field. */
function startingWith(id: RawValue, document: Buffer): Buffer {
  const rest = fieldsOf(wholeDocument(document)).filter(([name]) => name !== "_id");
  return documentBytes(documentValue([["_id", id], ...rest]));
}

function checkSameId(before: Buffer, after: Buffer): Buffer {
  const id = idOf(before);
  if (id.type !== BsonType.missing && !isIdentical(id, idOf(after))) {
    throw new CommandError(
      "ImmutableField",
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    );
  }
  return after;
}

/** The `_id` of a document; missing if it has none. */
export function idOf(document: Buffer): RawValue {
  return fieldOf(wholeDocument(document), "_id");
}

const REFUSED_ID_TYPES: ReadonlySet<number> = new Set([BsonType.array, BsonType.regex, BsonType.undefined]);

/** Puts `_id` first, and creates it if it is missing: every stored document has one. */
export function withId(document: Buffer): Buffer {
  const id = idOf(document);
  if (id.type === BsonType.missing) {
    return startingWith(encodeValue(new ObjectId()), document);
  }
  if (REFUSED_ID_TYPES.has(id.type)) {
    throw new CommandError("InvalidIdField", `The '_id' value cannot be of type ${aliasOfType(id.type)}`);
  }
  const fields = id.type === BsonType.document ? fieldsOf(id) : [];
  const dollar = fields.find(([name]) => name.startsWith("$"));
  if (dollar !== undefined) {
    throw new CommandError(
      "DollarPrefixedFieldName",
      `_id fields may not contain '$'-prefixed fields: ${dollar[0]} is not valid for storage.`,
    );
  }
  return firstElement(document)?.name === "_id" ? document : startingWith(id, document);
}
