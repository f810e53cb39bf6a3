import { MAX_DOCUMENT_DEPTH } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import { arrayValue, elementValues, fieldOf, MISSING, type RawValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";

const DBREF_FIELDS = new Set(["$ref", "$id", "$db"]);

/**
 * The names in a dotted path, checked.
 *
 * @throws CommandError Overflow, 40352, 40353, 15998, 16410, 16411
 */
export function fieldPath(path: string): readonly string[] {
  const names = path.split(".");
  if (path === "") {
    throw new CommandError("Location40352", "FieldPath cannot be constructed with empty string.");
  }
  if (path.endsWith(".")) {
    throw new CommandError("Location40353", "FieldPath must not end with a '.'.");
  }
  if (names.length > MAX_DOCUMENT_DEPTH) {
    throw new CommandError("Overflow", `FieldPath is too long: more than ${MAX_DOCUMENT_DEPTH} names`);
  }
  for (const name of names) {
    if (name === "") {
      throw new CommandError("Location15998", "FieldPath field names may not be empty strings.");
    }
    if (name.startsWith("$") && !DBREF_FIELDS.has(name)) {
      throw new CommandError("Location16410", `FieldPath field names may not start with '$': '${name}'.`);
    }
    if (name.includes("\0")) {
      throw new CommandError("Location16411", "FieldPath field names may not contain '\\0'.");
    }
  }
  return names;
}

/**
 * The value at a path as expressions see it: an array on the way is mapped to the values of its documents, and a number
 * in the path is the name of a field.
 */
export function valueAtPath(start: RawValue, names: readonly string[], index = 0): RawValue {
  let value = start;
  for (let i = index; i < names.length; i++) {
    if (value.type === BsonType.array) {
      const found = elementValues(value)
        .filter(({ type }) => type === BsonType.document)
        .map((item) => valueAtPath(item, names, i))
        .filter(({ type }) => type !== BsonType.missing);
      return arrayValue(found);
    }
    if (value.type !== BsonType.document) {
      return MISSING;
    }
    value = fieldOf(value, names[i] ?? "");
  }
  return value;
}
