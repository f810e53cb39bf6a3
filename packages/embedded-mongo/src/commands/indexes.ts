import { Long } from "bson";
import type { PlainDocument } from "../bson/bson-document.js";
import { BsonType } from "../bson/bson-type.js";
import { numberOf } from "../bson/number-value.js";
import {
  detached,
  elementValues,
  encode,
  encodeValue,
  fieldsOf,
  isEmpty,
  isOperatorDocument,
  isTrue,
  MISSING,
  type RawValue,
  textOf,
} from "../bson/raw-value.js";
import { shellText } from "../bson/shell-text.js";
import { badValue, CommandError, notSupported } from "../errors/command-error.js";
import { command } from "../protocol/command.js";
import type { CommandContext } from "../protocol/command-context.js";
import { checkFields, fields, refused } from "../protocol/command-fields.js";
import { booleanField, collectionName, documentsField, requiredField } from "../protocol/command-request.js";
import { batchSizeOf, replyWithCursor } from "../protocol/cursor-reply.js";
import { compileFilter } from "../query/compile-filter.js";
import { fillIndex, finishIndexes } from "../records/build-index.js";
import { type Collection, findIndex, type Index, indexesOf } from "../records/catalog.js";
import { ensureCollection } from "../records/database.js";
import { dropIndex, dropping } from "../records/drop-records.js";
import { describeIndex, isSameKey, type NewIndex } from "../records/index-definition.js";
import type { Pause } from "../records/pause.js";

const INDEX_FIELDS = fields({
  object: "key partialFilterExpression",
  string: "name ns",
  flag: "unique sparse background dropDups",
  number: "v expireAfterSeconds",
  refused:
    "collation weights default_language language_override textIndexVersion 2dsphereIndexVersion coarsestIndexedLevel finestIndexedLevel bits min max bucketSize wildcardProjection clustered prepareUnique hidden storageEngine",
  required: "key name",
});

const CREATE_FIELDS = fields(
  {
    documents: "indexes",
    flag: "ignoreUnknownIndexOptions",
    number: "v",
    refused: "returnOnStart collectionUUID",
    required: "indexes",
  },
  // Refused by every standalone server.
  { commitQuorum: refused("BadValue") },
);

/** MongoDB's limit for one collection. */
const MAX_INDEXES = 64;

export const createIndexes = command(CREATE_FIELDS, function* (context, request): Generator<
  Pause,
  PlainDocument
> {
  const name = collectionName(request);
  const isLenient = booleanField(request, "ignoreUnknownIndexOptions");
  const definitions = documentsField(request, "indexes").map((definition) =>
    readDefinition(definition, isLenient),
  );
  if (definitions.length === 0) {
    throw badValue("Must specify at least one index to create");
  }
  const { database } = context;
  const nextRecords = new Map<number, Buffer>();
  const result = database.write(() => {
    const createdCollectionAutomatically = database.catalog.get(request.db, name) === undefined;
    const collection = ensureCollection(database, request.db, name);
    const numIndexesBefore = collection.indexes.length + 1;
    for (const definition of definitions) {
      if (!isThere(collection, definition)) {
        if (collection.indexes.length + 1 >= MAX_INDEXES) {
          throw cannotCreate(`too many indexes for ${collection.namespace}: ${definition.name}`);
        }
        const index = database.catalog.addIndex(collection, definition);
        const next = fillIndex(database, collection, index);
        if (next !== undefined) {
          index.isUnfinished = true;
          nextRecords.set(index.id, next);
        }
      }
    }
    const numIndexesAfter = collection.indexes.length + 1;
    return {
      numIndexesBefore,
      numIndexesAfter,
      createdCollectionAutomatically,
      ...(numIndexesAfter === numIndexesBefore ? { note: "all indexes already exist" } : {}),
    };
  });
  if (nextRecords.size > 0) {
    yield* finishIndexes(database, { db: request.db, name, nextRecords });
  }
  return result;
});

function readDefinition(definition: RawValue, isLenient: boolean): NewIndex {
  const given = checkFields("createIndexes.indexes", definition, INDEX_FIELDS, (option) => {
    if (!isLenient) {
      const message = `The field '${option}' is not valid for an index specification`;
      throw new CommandError("InvalidIndexSpecificationOption", message);
    }
    return true;
  });
  const value = (option: string): RawValue => given.get(option) ?? MISSING;
  const name = textOf(value("name"));
  const version = numberOf(value("v")) ?? 2;
  if (name === "" || (version !== 1 && version !== 2)) {
    throw cannotCreate(`Index '${name}' must have a name, and the version 1 or 2`);
  }
  const partial = given.get("partialFilterExpression");
  if (partial !== undefined) {
    compileFilter(partial);
    checkPartialFilter(partial);
    if (given.has("sparse")) {
      throw cannotCreate("cannot mix 'partialFilterExpression' and 'sparse' options");
    }
  }
  const seconds = numberOf(value("expireAfterSeconds"));
  return {
    name,
    key: readKey(value("key"), name),
    unique: isTrue(value("unique")),
    sparse: isTrue(value("sparse")),
    ...(partial && { partialFilter: detached(partial).bytes }),
    ...(seconds !== undefined && { expireAfterSeconds: seconds }),
  };
}

function cannotCreate(message: string): CommandError {
  return new CommandError("CannotCreateIndex", message);
}

const PARTIAL_OPERATORS = new Set("$eq $gt $gte $lt $lte $in $exists $type $and $or".split(" "));

/** @throws CommandError CannotCreateIndex for what MongoDB does not take in a `partialFilterExpression` */
function checkPartialFilter(filter: RawValue): void {
  for (const [name, condition] of fieldsOf(filter)) {
    const isClause = name.startsWith("$");
    const operators = isOperatorDocument(condition) ? fieldsOf(condition) : [];
    const tests = isClause ? [[name, condition] as const] : operators;
    const unsupported =
      condition.type === BsonType.regex
        ? "$regex"
        : tests.find(([operator]) => !PARTIAL_OPERATORS.has(operator))?.[0];
    if (
      unsupported !== undefined ||
      tests.some(([operator, value]) => operator === "$exists" && !isTrue(value))
    ) {
      throw cannotCreate(`unsupported expression in partial index: ${unsupported ?? "$exists: false"}`);
    }
    for (const clause of isClause ? elementValues(condition) : []) {
      checkPartialFilter(clause);
    }
  }
}

function readKey(key: RawValue, name: string): NewIndex["key"] {
  if (isEmpty(key)) {
    throw cannotCreate("Index keys cannot be an empty object");
  }
  return fieldsOf(key).map(([path, value]) => {
    if (value.type === BsonType.string) {
      throw notSupported(`Index '${name}' of the type '${textOf(value)}'`, "CannotCreateIndex");
    }
    const direction = numberOf(value);
    if (direction === undefined || direction === 0 || Number.isNaN(direction)) {
      throw cannotCreate(
        `Values in v:2 index key pattern cannot be ${direction === 0 ? "0" : `of type ${shellText(value)}`}. Only numbers > 0, numbers < 0, and strings are allowed.`,
      );
    }
    if (/(^|\.)\$\*\*$/.test(path)) {
      throw notSupported(`Wildcard index '${name}'`, "CannotCreateIndex");
    }
    if (path === "" || path.split(".").includes("") || path.startsWith("$")) {
      throw cannotCreate(`Index key path '${path}' is not valid`);
    }
    return [path, direction > 0 ? 1 : -1] as const;
  });
}

function samePartial(a: NewIndex, b: NewIndex): boolean {
  return (a.partialFilter ?? Buffer.alloc(0)).equals(b.partialFilter ?? Buffer.alloc(0));
}

function sameOptions(a: NewIndex, b: NewIndex): boolean {
  return (
    a.unique === b.unique &&
    a.sparse === b.sparse &&
    a.expireAfterSeconds === b.expireAfterSeconds &&
    samePartial(a, b)
  );
}

function isThere(collection: Collection, wanted: NewIndex): boolean {
  if (isSameKey(wanted.key, collection.idIndex.key)) {
    return true;
  }
  for (const index of indexesOf(collection)) {
    const both = `Requested index: ${shellText(encodeValue(describeIndex(wanted)))}, existing index: ${shellText(encodeValue(describeIndex(index)))}`;
    const key = isSameKey(index.key, wanted.key);
    const options = sameOptions(index, wanted);
    if (index.name === wanted.name) {
      if (key && options && index.isUnfinished) {
        throw new CommandError(
          "ConflictingOperationInProgress",
          `the index ${index.name} is being built: try again when it is complete`,
        );
      }
      if (key && options) {
        return true;
      }
      throw new CommandError(
        "IndexKeySpecsConflict",
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. ${both}`,
      );
    }
    if (key && samePartial(index, wanted)) {
      throw new CommandError(
        "IndexOptionsConflict",
        options
          ? `Index already exists with a different name: ${index.name}`
          : `An equivalent index already exists with a different name and options. ${both}`,
      );
    }
  }
  return false;
}

const LIST_FIELDS = fields({ cursor: "cursor", refused: "includeBuildUUIDs includeIndexBuildInfo" });

export const listIndexes = command(LIST_FIELDS, (context, request) => {
  const name = collectionName(request);
  const collection = context.database.catalog.get(request.db, name);
  if (collection === undefined) {
    throw new CommandError("NamespaceNotFound", `ns does not exist: ${request.db}.${name}`);
  }
  const documents = indexesOf(collection).map((index) => encode(describeIndex(index)));
  return replyWithCursor(context, request, {
    namespace: collection.namespace,
    documents: documents.values(),
    batchSize: batchSizeOf(request),
  });
});

export const dropIndexes = command(
  fields({ any: "index", refused: "collectionUUID", required: "index" }),
  (context, request) => {
    const name = collectionName(request);
    const which = requiredField(request, "index");
    const isAll = which.type === BsonType.string && textOf(which) === "*";
    const { database } = context;
    return dropping(database, () => {
      const collection = database.catalog.get(request.db, name);
      if (collection === undefined) {
        throw new CommandError("NamespaceNotFound", `ns not found ${request.db}.${name}`);
      }
      const nIndexesWas = collection.indexes.length + 1;
      const dropped = isAll ? [...collection.indexes] : selectIndexes(collection, which);
      for (const index of dropped) {
        dropIndex(database, collection, index);
      }
      return isAll ? { nIndexesWas, msg: "non-_id indexes dropped for collection" } : { nIndexesWas };
    });
  },
);

function selectIndexes(collection: Collection, which: RawValue): Index[] {
  if (which.type === BsonType.array) {
    return elementValues(which).flatMap((name) => selectIndexes(collection, name));
  }
  const index = findIndex(collection, which);
  if (index === collection.idIndex) {
    throw new CommandError("InvalidOptions", "cannot drop _id index");
  }
  if (index === undefined) {
    throw new CommandError(
      "IndexNotFound",
      which.type === BsonType.string
        ? `index not found with name [${textOf(which)}]`
        : `can't find index with key: ${shellText(which)}`,
    );
  }
  return [index];
}

/** The documents of `$indexStats`. Uses of an index are not counted. @throws CommandError 28803 */
export function indexStats(
  context: CommandContext,
  collection: Collection | undefined,
  options: RawValue,
): PlainDocument[] {
  if (options.type !== BsonType.document || !isEmpty(options)) {
    throw new CommandError("Location28803", "The $indexStats stage specification must be an empty object");
  }
  const indexes = collection === undefined ? [] : indexesOf(collection);
  return indexes.map(describeIndex).map((spec) => ({
    name: spec.name,
    key: spec.key,
    host: context.server.host,
    accesses: { ops: Long.ZERO, since: context.server.startedAt },
    spec,
  }));
}
