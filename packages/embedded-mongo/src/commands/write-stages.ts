import { encode, type PlainDocument } from "../bson/bson-codec.js";
import { isDocument } from "../bson/bson-document.js";
import { elementsOf, findElement, joinElements } from "../bson/bson-elements.js";
import { typedOf } from "../bson/typed-document.js";
import { CommandError } from "../errors/command-error.js";
import type { CommandContext } from "../protocol/command-context.js";
import { ensureCollection } from "../records/database.js";
import { dropCollection, insertRecord, replaceRecord } from "../records/write-records.js";
import { withId } from "../update/compile-update.js";
import { findById, onlyId } from "../update/run-update.js";
import { spliceFields } from "../update/splice-fields.js";

interface Target {
  readonly db: string;
  readonly name: string;
}

function targetOf(db: string, into: unknown, stage: string): Target {
  if (typeof into === "string") {
    return { db, name: into };
  }
  if (isDocument(into) && typeof into.coll === "string") {
    return { db: typeof into.db === "string" ? into.db : db, name: into.coll };
  }
  throw new CommandError("FailedToParse", `${stage} needs a collection name, or { db, coll }`);
}

/** `$out`: the results replace what the collection holds. Its indexes stay. */
export function writeOut(
  context: CommandContext,
  db: string,
  into: unknown,
  results: readonly PlainDocument[],
): void {
  const target = targetOf(db, into, "$out");
  const { database } = context;
  database.write(() => {
    const previous = database.catalog.get(target.db, target.name);
    if (previous !== undefined) {
      dropCollection(database, previous);
    }
    const collection = ensureCollection(database, target.db, target.name);
    for (const { id: _id, multikey: _multikey, truncated: _truncated, ...definition } of previous?.indexes ??
      []) {
      database.catalog.addIndex(collection, definition);
    }
    for (const result of results) {
      insertRecord(database, collection, withId(encode(typedOf(result))));
    }
  });
}

/** `$merge` on `_id`. */
export function writeMerge(
  context: CommandContext,
  db: string,
  spec: unknown,
  results: readonly PlainDocument[],
): void {
  const into = isDocument(spec) && "into" in spec ? spec : { into: spec };
  const target = targetOf(db, into.into, "$merge");
  const whenMatched = "whenMatched" in into ? into.whenMatched : "merge";
  const whenNotMatched = "whenNotMatched" in into ? into.whenNotMatched : "insert";
  const on = "on" in into ? into.on : "_id";
  if (on !== "_id" && !(Array.isArray(on) && on.length === 1 && on[0] === "_id")) {
    throw new CommandError("NotImplemented", "$merge is supported on _id only by this server");
  }
  if (typeof whenMatched !== "string") {
    throw new CommandError(
      "NotImplemented",
      "$merge with a pipeline in whenMatched is not supported by this server",
    );
  }
  const { database } = context;
  database.write(() => {
    const collection = ensureCollection(database, target.db, target.name);
    for (const result of results) {
      const document = withId(encode(typedOf(result)));
      const id = findElement(document, "_id");
      const filter =
        id === undefined ? joinElements([]) : joinElements([document.subarray(id.start, id.end)]);
      const scalar = onlyId(filter);
      const found = scalar === undefined ? undefined : findById(database, collection, filter, scalar);
      if (found === undefined) {
        if (whenNotMatched === "fail") {
          throw new CommandError(
            "MergeStageNoMatchingDocument",
            "$merge could not find a matching document in the target collection for at least one document in the source collection",
          );
        }
        if (whenNotMatched !== "discard") {
          insertRecord(database, collection, document);
        }
      } else if (whenMatched === "fail") {
        throw new CommandError(
          "DuplicateKey",
          `E11000 duplicate key error collection: ${collection.namespace} index: _id_`,
        );
      } else if (whenMatched !== "keepExisting") {
        const after = whenMatched === "replace" ? document : mergeFields(found.document, document);
        replaceRecord(database, collection, found.recordId, found.document, after);
      }
    }
  });
}

function mergeFields(before: Buffer, changes: Buffer): Buffer {
  return spliceFields(
    before,
    elementsOf(changes).map(({ name, start, end }) => ({
      operator: "$set",
      path: name,
      element: changes.subarray(start, end),
    })),
    false,
  );
}
