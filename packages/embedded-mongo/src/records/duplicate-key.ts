import { decodeTyped } from "../bson/bson-codec.js";
import { joinElements, renameElement } from "../bson/bson-elements.js";
import { BsonType } from "../bson/bson-type.js";
import type { RawValue } from "../bson/raw-value.js";
import { CommandError } from "../errors/command-error.js";
import { shellText } from "../errors/shell-text.js";
import type { Collection, Index } from "./catalog.js";

/** Error 11000 as MongoDB words it, with `keyPattern` and `keyValue`. */
export function duplicateKeyError(
  collection: Collection,
  index: Index,
  tuple: readonly RawValue[],
): CommandError {
  const keyValue = decodeTyped(
    joinElements(index.key.map(([path], i) => renameValue(path, tuple[i])).filter((part) => part.length > 0)),
  );
  return new CommandError(
    "DuplicateKey",
    `E11000 duplicate key error collection: ${collection.namespace} index: ${index.name} dup key: ${shellText(keyValue)}`,
    { keyPattern: Object.fromEntries(index.key), keyValue },
  );
}

function renameValue(path: string, value: RawValue | undefined): Buffer {
  const type = value === undefined || value.type === BsonType.missing ? BsonType.null : value.type;
  const bytes = value?.bytes ?? Buffer.alloc(0);
  const at = value?.at ?? 0;
  return renameElement(bytes, { type, name: path, start: at, value: at, end: value?.end ?? 0 }, path);
}
