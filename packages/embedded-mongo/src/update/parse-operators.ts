import { MAX_DOCUMENT_DEPTH } from "../bson/bson-elements.js";
import { aliasOfType, BsonType } from "../bson/bson-type.js";
import { documentValue, fieldsOf, type RawValue } from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { CommandError, notSupported } from "../errors/command-error.js";
import { ARRAY_CHANGES } from "./array-changes.js";
import { FIELD_CHANGES } from "./field-changes.js";
import { addChange, inPathOrder, type UpdateTree } from "./update-tree.js";

const OPERATORS = new Map(Object.entries({ ...FIELD_CHANGES, ...ARRAY_CHANGES }));

/** @throws CommandError FailedToParse, ConflictingUpdateOperators, … */
export function parseOperators(update: RawValue): UpdateTree {
  const tree: UpdateTree = new Map();
  for (const [name, fields] of fieldsOf(update)) {
    const operator = OPERATORS.get(name);
    if (operator === undefined) {
      throw name.startsWith("$")
        ? notSupported(`Unknown modifier: ${name}`, "FailedToParse")
        : new CommandError(
            "FailedToParse",
            `The update operator document mixes operators and fields: '${name}'`,
          );
    }
    if (fields.type !== BsonType.document) {
      const found = shellText(documentValue([[name, fields]]));
      throw new CommandError(
        "FailedToParse",
        `Modifiers operate on fields but we found type ${aliasOfType(fields.type)} instead. For example: {$mod: {<field>: ...}} not {${found.slice(2, -2)}}`,
      );
    }
    for (const [path, argument] of fieldsOf(fields)) {
      const parts = path.split(".");
      checkPath(path, parts);
      addChange(tree, parts, operator(argument, path));
    }
  }
  return inPathOrder(tree);
}

function checkPath(path: string, parts: readonly string[]): void {
  if (parts.includes("")) {
    throw new CommandError(
      "EmptyFieldName",
      path === ""
        ? "An empty update path is not valid."
        : `The update path '${path}' contains an empty field name, which is not allowed.`,
    );
  }
  if (parts.length > MAX_DOCUMENT_DEPTH) {
    throw new CommandError("Overflow", `The update path has more than ${MAX_DOCUMENT_DEPTH} names`);
  }
  const positional = parts.find((part) => part === "$" || part.startsWith("$["));
  if (positional !== undefined) {
    throw notSupported(`Positional operator '${positional}' in the path '${path}'`, "BadValue");
  }
  if (path.startsWith("$")) {
    throw new CommandError(
      "DollarPrefixedFieldName",
      `The dollar ($) prefixed field '${path}' in '${path}' is not valid for storage.`,
    );
  }
}
