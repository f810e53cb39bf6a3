import { BsonType } from "../bson/bson-type.js";
import { documentValue, NULL, type RawValue } from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { CommandError } from "../errors/command-error.js";
import type { Collection, Index } from "./catalog.js";

/** Error 11000 as MongoDB words it, with `keyPattern` and `keyValue`. */
export function duplicateKeyError(
  collection: Collection,
  index: Index,
  tuple: readonly RawValue[],
): CommandError {
  const keyValue = documentValue(
    tuple.map((value, i) => [index.key[i]?.[0] ?? "", value.type === BsonType.missing ? NULL : value]),
  );
  return new CommandError(
    "DuplicateKey",
    `E11000 duplicate key error collection: ${collection.namespace} index: ${index.name} dup key: ${shellText(keyValue)}`,
    { keyPattern: new Map(index.key), keyValue },
  );
}
