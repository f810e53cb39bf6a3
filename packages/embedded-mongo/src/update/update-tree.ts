import { BsonType } from "../bson/bson-type.js";
import {
  arrayValue,
  documentBytes,
  documentValue,
  elementValues,
  fieldsOf,
  isIdentical,
  MISSING,
  type RawValue,
  wholeDocument,
} from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { isArrayIndex } from "../bson/values-at-path.js";
import { CommandError } from "../errors/command-error.js";

/** What a change may depend on besides the value that it changes. */
export interface ChangeScope {
  readonly document: Buffer;
  /** The document is new, made from the filter of an upsert. */
  readonly inserting: boolean;
  /** False below a value that has neither fields nor elements of that name. */
  readonly isViable: boolean;
}

/** The next value of a field; missing removes it. */
export type FieldChange = (before: RawValue, scope: ChangeScope) => RawValue;

/** Compiles an operator's argument for a path. */
export type UpdateOperator = (argument: RawValue, path: string) => FieldChange;

/** The changes of an update, by the parts of their paths. */
export type UpdateTree = Map<string, FieldChange | UpdateTree>;

const MAX_PADDING = 1_500_000;

/** @throws CommandError ConflictingUpdateOperators */
export function addChange(tree: UpdateTree, parts: readonly string[], change: FieldChange): void {
  const last = parts.length - 1;
  let parent = tree;
  for (const [i, part] of parts.entries()) {
    const known = parent.get(part);
    if (typeof known === "function" || (known !== undefined && i === last)) {
      throw new CommandError(
        "ConflictingUpdateOperators",
        `Updating the path '${parts.join(".")}' would create a conflict at '${parts.slice(0, i + 1).join(".")}'`,
      );
    }
    const inner: UpdateTree = known ?? new Map();
    parent.set(part, i === last ? change : inner);
    parent = inner;
  }
}

/** MongoDB applies changes in the order of their paths, so new fields are added in that order. */
export function inPathOrder(tree: UpdateTree): UpdateTree {
  const sorted = [...tree].sort(([a], [b]) =>
    a < ":" && isArrayIndex(a) && isArrayIndex(b) ? Number(a) - Number(b) : a < b ? -1 : 1,
  );
  return new Map(sorted.map(([name, node]) => [name, typeof node === "function" ? node : inPathOrder(node)]));
}

/**
 * @returns the next version of a document; the same buffer if nothing changes
 * @throws CommandError PathNotViable, CannotBackfillArray
 */
export function changeDocument(document: Buffer, tree: UpdateTree, inserting: boolean): Buffer {
  const after = documentBytes(
    changeFields(wholeDocument(document), tree, { document, inserting, isViable: true }),
  );
  return after.equals(document) ? document : after;
}

/** @param name of the field that has the value */
function changeValue(
  before: RawValue,
  name: string,
  node: FieldChange | UpdateTree,
  scope: ChangeScope,
): RawValue {
  if (typeof node === "function") {
    const after = node(before, scope);
    return isIdentical(before, after) ? before : after;
  }
  return before.type === BsonType.document || before.type === BsonType.missing
    ? changeFields(before, node, scope)
    : changeItems(before, name, node, scope);
}

function changeFields(before: RawValue, tree: UpdateTree, scope: ChangeScope): RawValue {
  const fields = new Map(before.type === BsonType.missing ? [] : fieldsOf(before));
  let isSame = true;
  for (const [name, node] of tree) {
    const old = fields.get(name) ?? MISSING;
    const value = changeValue(old, name, node, scope);
    if (value !== old) {
      fields.set(name, value);
      isSame = false;
    }
  }
  return isSame ? before : documentValue(fields);
}

/** Changes elements of an array. In any other value, which has neither elements nor fields, creating one is refused. */
function changeItems(before: RawValue, name: string, tree: UpdateTree, scope: ChangeScope): RawValue {
  const items = before.type === BsonType.array ? elementValues(before) : undefined;
  let isSame = true;
  for (const [key, node] of tree) {
    const index = Number(key);
    const old = items?.[index] ?? MISSING;
    const isViable = items !== undefined && isArrayIndex(key);
    const value = changeValue(old, key, node, isViable ? scope : { ...scope, isViable });
    if (value === old) {
      continue;
    }
    if (!isViable) {
      throw new CommandError(
        "PathNotViable",
        `Cannot create field '${key}' in element {${name}: ${shellText(before)}}`,
      );
    }
    if (index - items.length > MAX_PADDING) {
      throw new CommandError(
        "CannotBackfillArray",
        `Attempting to backfill array with more elements than allowed: ${index - items.length}`,
      );
    }
    while (items.length < index) {
      items.push(MISSING);
    }
    items[index] = value;
    isSame = false;
  }
  return isSame || items === undefined ? before : arrayValue(items);
}
