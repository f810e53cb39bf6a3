import { BSONRegExp } from "bson";
import { decodeTyped, encode } from "../bson/bson-codec.js";
import { isDocument, isOperatorObject, type PlainDocument } from "../bson/bson-document.js";
import { joinElements } from "../bson/bson-elements.js";
import { CommandError } from "../errors/command-error.js";
import { setField, visitPath } from "./walk-path.js";

/** The document that an upsert starts from: what its filter says by equality. */
export function upsertBase(filter: PlainDocument): Buffer {
  const equalities = new Map<string, unknown>();
  collect(filter, equalities);
  const document: PlainDocument = {};
  if (equalities.has("_id")) {
    document._id = equalities.get("_id");
  }
  // MongoDB's order: that of the bytes of the paths.
  for (const [path, value] of [...equalities].sort(([a], [b]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  )) {
    if (path !== "_id") {
      visitPath(document, path, true, (container, key) => {
        setField(container, key, value);
        return true;
      });
    }
  }
  return Object.keys(document).length === 0 ? joinElements([]) : encode(decodeTyped(encode(document)));
}

function collect(filter: PlainDocument, into: Map<string, unknown>): void {
  for (const [path, condition] of Object.entries(filter)) {
    if (path === "$and" || (path === "$or" && Array.isArray(condition) && condition.length === 1)) {
      if (Array.isArray(condition)) {
        for (const clause of condition.filter(isDocument)) {
          collect(clause, into);
        }
      }
    } else if (!path.startsWith("$")) {
      collectField(path, condition, into);
    }
  }
}

function collectField(path: string, condition: unknown, into: Map<string, unknown>): void {
  if (!isOperatorObject(condition)) {
    if (!(condition instanceof BSONRegExp)) {
      add(path, condition, into);
    }
    return;
  }
  if ("$eq" in condition) {
    add(path, condition.$eq, into);
  }
  const list =
    condition.$all ?? (Array.isArray(condition.$in) && condition.$in.length === 1 ? condition.$in : []);
  for (const value of Array.isArray(list) ? list : []) {
    if (!isOperatorObject(value) && !(value instanceof BSONRegExp)) {
      add(path, value, into);
    }
  }
}

function add(path: string, value: unknown, into: Map<string, unknown>): void {
  if (into.has(path)) {
    throw new CommandError(
      "NotSingleValueField",
      `cannot infer query fields to set, path '${path}' is matched twice`,
    );
  }
  into.set(path, value);
}
